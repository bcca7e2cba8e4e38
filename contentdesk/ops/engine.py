"""What the operator's page says of the publishing engine, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contentdesk.channels import queries as channels
from contentdesk.channels import registry
from contentdesk.channels.models import Account
from contentdesk.lib import pulse
from contentdesk.lib.desk import Desk
from contentdesk.lib.i18n import N_
from contentdesk.ops import signs
from contentdesk.publishing import health, performance
from contentdesk.publishing.models import Delivery

SOON = timedelta(hours=1)
SHOWN = 20
REASONS: Mapping[str, tuple[str, str, str]] = {
    health.ENGINE: ("red", "tool", N_("Antrean mesin")),
    health.PLATFORM: ("amber", "refresh", N_("Platform belum menerima, dicoba lagi")),
    health.NO_ACCOUNT: ("red", "plug-connected-x", N_("Akun terputus")),
    health.NOT_APPROVED: ("amber", "eye", N_("Naskah belum disetujui lagi")),
    health.CONSENT: ("amber", "license-off", N_("Persetujuan pelaku usaha belum ada")),
    health.MEMBER: ("amber", "hand-click", N_("Menunggu anggota mengunggah")),
    health.HELD: ("grey", "player-pause", N_("Ditahan")),
}
"""Tone, icon and words of why a post is late."""
ROLES: Mapping[str, str] = {
    pulse.BEAT: N_("Penjaga jadwal"),
    pulse.PUBLISHER: N_("Pekerja penerbit"),
    pulse.WORKER: N_("Pekerja angka dan komentar"),
    pulse.VIDEOS: N_("Pekerja video"),
}
QUEUES: Mapping[str, str] = {
    "publish": N_("Penerbitan"),
    "comments": N_("Komentar pertama"),
    "metrics": N_("Angka dan komentar"),
    "media": N_("Video"),
}


@dataclass(frozen=True)
class LateRow:
    delivery: Delivery
    seconds: float
    reason: tuple[str, str, str]


@dataclass(frozen=True)
class Alive:
    """The processes of one kind. `at` None: none has given a sign for a day."""

    word: str
    count: int
    at: datetime | None
    hosts: list[str]
    is_well: bool


@dataclass(frozen=True)
class PlatformRow:
    kind: str
    figures: performance.Figures
    median: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True)
class Engine:
    now: datetime
    states: Mapping[str, int]
    due_count: int
    due: list[Delivery]
    late_count: int
    late_reasons: list[tuple[tuple[str, str, str], int]]
    late: list[LateRow]
    unknown: list[Delivery]
    stopped_count: int
    stopped: list[tuple[Account, datetime]]
    spans: list[tuple[str, list[PlatformRow]]]
    queues: list[tuple[str, int]] | None
    """None: Redis does not answer."""
    alive: list[Alive]

    @property
    def is_well(self) -> bool:
        calm = not self.late_count and not self.states["unknown"] and not self.stopped_count
        return calm and self.is_running

    @property
    def is_running(self) -> bool:
        return self.queues is not None and all(each.is_well for each in self.alive)


def look(now: datetime, at: Desk) -> Engine:
    """In a fixed number of queries, however much there is."""
    lates = health.late_by_reason(now)
    found = signs.read(at.bell)
    return Engine(
        now=now,
        states=health.open_by_state(),
        due_count=health.due_count(now, now + SOON),
        due=health.due_soon(now, now + SOON, SHOWN),
        late_count=sum(each.count for each in lates.values()),
        late_reasons=[(words, lates[word].count) for word, words in REASONS.items() if word in lates],
        late=[LateRow(one, (now - one.due_at).total_seconds(), REASONS[why]) for one, why in health.late(now, SHOWN)],
        unknown=health.unknown(SHOWN),
        stopped_count=channels.stopped_count(now),
        stopped=[(one, channels.stopped_since(one, now) or now) for one in channels.stopped(now, SHOWN)],
        spans=_spans(now),
        queues=[(QUEUES[name], count) for name, count in found.queues.items()] if found else None,
        alive=_alive(found, now) if found else [],
    )


def _spans(now: datetime) -> list[tuple[str, list[PlatformRow]]]:
    """The last day and the last week, of platforms with an account or with something to tell."""
    figures, accounts = performance.of_platforms(now), health.accounts_by_kind()
    kinds = [kind for kind in registry.KINDS if kind in accounts or kind in figures]
    spans = ((N_("24 jam terakhir"), performance.DAY), (N_("7 hari terakhir"), performance.WEEK))
    return [(word, [_row(kind, figures.get(kind, {}).get(span)) for kind in kinds]) for word, span in spans]


def _row(kind: str, found: performance.Figures | None) -> PlatformRow:
    figures = found or performance.Figures()
    median, p95, p99 = (figures.lateness(share) for share in (0.5, 0.95, 0.99))
    return PlatformRow(kind, figures, median, p95, p99)


def _alive(found: signs.Signs, now: datetime) -> list[Alive]:
    """Those that have to be there, then whoever else gave a sign."""
    others = {each.who for each in found.pulses} - set(signs.EXPECTED)
    return [_of_role(found, who, now) for who in (*signs.EXPECTED, *sorted(others))]


def _of_role(found: signs.Signs, who: str, now: datetime) -> Alive:
    mine = [each for each in found.pulses if each.who == who]
    there = [each for each in mine if each.is_alive(now)]
    hosts: Sequence[str] = sorted({each.host for each in there})
    return Alive(ROLES.get(who, who), len(there), mine[0].at if mine else None, list(hosts), bool(there))
