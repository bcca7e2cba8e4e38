"""What lies outside: the own address as others see it, and the platforms. Reads only."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import select

from contentdesk.channels import registry
from contentdesk.channels.base import ChannelError, LoginExpired, NotAllowed
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.queries import Health, health
from contentdesk.channels.services import login_of
from contentdesk.doctor.clocks import compared
from contentdesk.doctor.database import holds_practice_data
from contentdesk.doctor.findings import Check, Finding, warning, well, wrong
from contentdesk.doctor.machine import named
from contentdesk.doctor.ward import NO_KEY, Ward
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box
from contentdesk.lib.db import db
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply

DATES_ARE_WHOLE_SECONDS = timedelta(seconds=1)
IN_A_MOMENT = (1.0, 1.0)
PATIENTLY = (3.0, 5.0)
LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
NO_PHOTOS = "Platform tidak dapat mengambil foto dari sini, jadi unggahan berfoto tidak terbit."


def _public_url(ward: Ward) -> Iterator[Finding]:
    address = ward.config.public_url
    try:
        reply = Http(may_be_private=True).call("GET", f"{address}/sehat", timeout_s=PATIENTLY)
    except NoAnswer:
        yield wrong(
            f"Alamat {address} (PUBLIC_URL) tidak menjawab dari mesin ini.",
            f"Orang tidak dapat membuka halaman. {NO_PHOTOS}",
            "Periksa apakah layanan berjalan, lalu proxy, DNS dan sertifikatnya. Coba juga dari ponsel.",
        )
        return
    if not isinstance(_object(reply).get("queue"), bool):
        yield wrong(
            f"Di alamat {address} (PUBLIC_URL) yang menjawab bukan ContentDesk (status {reply.status}).",
            NO_PHOTOS,
            "Periksa PUBLIC_URL, lalu ke mana proxy meneruskan alamat itu.",
        )
    elif address.startswith(LOOPBACK) and not ward.config.practice:
        yield warning(
            f"PUBLIC_URL {address} hanya dapat dibuka di mesin ini.",
            NO_PHOTOS,
            "Isi PUBLIC_URL dengan alamat https:// yang dapat dibuka platform.",
        )


def _object(reply: Reply) -> dict[str, Any]:
    told = None
    with suppress(ValueError):
        told = json.loads(reply.body)
    return told if isinstance(told, dict) else {}


class Listening(Http):
    """Remembers what time the other side said it is, and does not wait for long."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward.config.platform_base_url)
        self._timeout = PATIENTLY if ward.online or ward.config.platform_base_url else IN_A_MOMENT
        self.heard: tuple[datetime, datetime] | None = None
        """When it was asked, and what it said."""

    def call(self, method: str, url: str, **sent: Any) -> Reply:
        before = clock.now()
        reply = super().call(method, url, **(sent | {"timeout_s": self._timeout}))
        if said := _date(reply.headers):
            self.heard = before, said
        return reply


def _date(headers: Mapping[str, str]) -> datetime | None:
    """By the clock of the server itself: an answer from a store on the way bears the time of then."""
    words = {name.lower(): value for name, value in headers.items()}
    with suppress(ValueError, TypeError):
        age = timedelta(seconds=int(words.get("age", "0")))
        return parsedate_to_datetime(words["date"]).replace(tzinfo=UTC) + age if "date" in words else None
    return None


def _platforms(ward: Ward) -> Iterator[Finding]:
    """One account of each platform, with --online and in practice; otherwise only one in all, for a moment."""
    if not ward.config.practice and not ward.config.platform_base_url and holds_practice_data():
        yield well("Tidak ditanya: basis data ini berisi data latihan.")
        return
    thorough = ward.online or bool(ward.config.platform_base_url)
    asked = _one_of_each()
    for account in asked if thorough else asked[:1]:
        yield from _platform(ward, account, thorough)
    if not thorough:
        yield well("Hanya ditanya sekilas. Selengkapnya: contentdesk doctor --online")


def _one_of_each() -> list[Account]:
    connected = select(Account).where(
        Account.state == AccountState.CONNECTED, Account.by_hand.is_(False), Account.token_sealed.is_not(None)
    )
    each: dict[str, Account] = {}
    for account in db.session.scalars(connected.order_by(Account.connected_at.desc())):
        if registry.checkable(account.kind):
            each.setdefault(account.kind, account)
    return list(each.values())


def _platform(ward: Ward, account: Account, thorough: bool) -> Iterator[Finding]:
    channel, http, name = registry.checkable(account.kind), Listening(ward), registry.name(account.kind)
    if channel is None:
        return
    trouble = None
    try:
        channel.check(http, login_of(account, Box(ward.config.secret_keys)))
    except (LoginExpired, NotAllowed):
        trouble = warning(
            f"{name} menolak izin akun {account.handle}.",
            "Di akun itu tidak ada yang terbit.",
            "Sambungkan lagi di halaman Akun.",
        )
    except (ChannelError, NoAnswer, PrivateAddress) as error:
        trouble = _silent(ward, name, error) if thorough and http.heard is None else None
    if trouble:
        yield trouble
    if http.heard:
        before, told = http.heard
        yield from compared(told, before, name, DATES_ARE_WHOLE_SECONDS)


def _silent(ward: Ward, name: str, error: Exception) -> Finding:
    there = "platform latihan" if ward.config.platform_base_url else name
    return wrong(
        f"{name} tidak dapat dihubungi dari mesin ini ({type(error).__name__}).",
        f"Tidak ada yang terbit di {name} sampai {there} menjawab. Jadwal tetap tersimpan.",
        "Periksa jaringan, DNS dan firewall mesin ini. Bila hanya satu platform, biasanya gangguan di sana.",
    )


def _accounts(_ward: Ward) -> Iterator[Finding]:
    by_health: dict[Health, dict[str, None]] = {}
    count = 0
    for account in db.session.scalars(select(Account).where(Account.state != AccountState.CLOSED)):
        by_health.setdefault(health(account), {})[f"{registry.name(account.kind)} {account.handle}"] = None
        count += 1
    for kind, (what, do) in _UNWELL.items():
        if found := by_health.get(kind):
            means = "Unggahan di akun itu menunggu, lalu kedaluwarsa." if kind != Health.ENDS_SOON else ""
            yield warning(f"{what}: {named(found)}.", means, do)
    yield well(f"{count} akun, semua tersambung." if count else "Belum ada akun.")


_UNWELL = {
    Health.BROKEN: ("Akun terputus", "Sambungkan lagi di halaman Akun."),
    Health.NOT_ALLOWED: ("Izin akun kurang", "Lengkapi izinnya di halaman Akun."),
    Health.ENDS_SOON: ("Izin akun segera berakhir", "Sambungkan lagi di halaman Akun sebelum berakhir."),
}

CHECKS = (
    Check("public_url", "Alamat layanan", _public_url, "Menjawab.", limit_s=12, wants=frozenset({"PUBLIC_URL"})),
    Check(
        "platforms",
        "Platform",
        _platforms,
        "Belum ada akun yang dapat ditanya.",
        limit_s=60,
        wants=frozenset({"DATABASE_URL", "PLATFORM_BASE_URL", "PRACTICE", NO_KEY}),
    ),
    Check("accounts", "Akun", _accounts, "Tersambung.", wants=frozenset({"DATABASE_URL"})),
)
