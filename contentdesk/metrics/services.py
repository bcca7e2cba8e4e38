"""Keeping figures. A sample is only ever added; the rollup holds the newest known value of each figure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.channels import registry
from contentdesk.channels.base import FIGURES, Stats
from contentdesk.channels.models import AccountState
from contentdesk.channels.queries import published_by_hand
from contentdesk.lib import clock, many
from contentdesk.lib.db import db, is_sqlite, table_of
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_
from contentdesk.metrics import plan
from contentdesk.metrics.models import LatestFigures, Sample, possible
from contentdesk.publishing.models import Delivery

AUTOMATIC = N_("Angka akun %(handle)s diambil otomatis, jadi tidak diisi tangan.")


class Source(StrEnum):
    API = "api"
    MANUAL = "manual"


class WrongFigures(DomainError):
    """What was typed cannot be; `field` says where."""

    def __init__(self, field: str, message: str, /, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


def entered_by_hand(delivery: Delivery) -> bool:
    """Whether only a person can read the figures: members keep the account, nobody but them knows the post, or the
    platform shows figures in its app alone."""
    account = delivery.account
    return published_by_hand(account) or delivery.external_id is None or registry.figures_by_people(account.kind)


def start_polling(delivery: Delivery) -> None:
    """Follows a delivery that went out. Repeating it changes nothing. Needs `delivery.account` loaded."""
    sent_at = delivery.sent_at or clock.now()
    _ensure_row(delivery.id, None if entered_by_hand(delivery) else plan.first_poll(sent_at))


def start_missing(deliveries: Iterable[Delivery]) -> None:
    """Follows what went out by a way that tells nobody, such as a person's word that it is public."""
    for delivery in deliveries:
        start_polling(delivery)


def start_polling_all(kinds: Mapping[str, str], sent_at: datetime) -> None:
    """As `start_polling` for many that the service itself has published: their kinds of channel by id."""
    first = plan.first_poll(sent_at)
    rows = [
        {"delivery_id": key, "poll_at": None if registry.figures_by_people(kind) else first, "polls": 0, "failures": 0}
        for key, kind in kinds.items()
    ]
    many.add(db.session.connection(), table_of(LatestFigures), rows)


def _ensure_row(delivery_id: str, poll_at: datetime | None = None) -> None:
    """Two workers may meet here: the second finds the row there and leaves it."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    values = {"delivery_id": delivery_id, "poll_at": poll_at, "polls": 0, "failures": 0}
    db.session.execute(insert(LatestFigures).values(**values).on_conflict_do_nothing())


def record_sample(
    delivery_id: str, stats: Stats, source: str, taken_at: datetime, by: str | None = None
) -> Sample | None:
    """Adds what was seen at `taken_at` and brings the rollup up to date. None when nothing was known at all."""
    known = {name: value for name, value in asdict(stats).items() if possible(value) is not None}
    if not known:
        return None
    sample = Sample(delivery_id=delivery_id, taken_at=taken_at, source=source, entered_by=by, **known)
    db.session.add(sample)
    _ensure_row(delivery_id)
    _roll_up(_locked(delivery_id), sample)
    return sample


def _locked(delivery_id: str) -> LatestFigures:
    """The rollup row, no other worker at it until the commit."""
    return db.session.scalars(
        select(LatestFigures)
        .where(LatestFigures.delivery_id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _roll_up(row: LatestFigures, sample: Sample) -> None:
    if row.taken_at is None or sample.taken_at >= row.taken_at:
        _overlay(row, [sample])
        row.taken_at, row.source = sample.taken_at, sample.source
        return
    # A sample that comes late: which value is the newest can only be told from all of them.
    db.session.flush()
    _overlay(row, _oldest_first(row.delivery_id))


def _oldest_first(delivery_id: str) -> Iterable[Sample]:
    return db.session.scalars(
        select(Sample).where(Sample.delivery_id == delivery_id).order_by(Sample.taken_at, Sample.number)
    ).all()


def _overlay(row: LatestFigures, samples: Iterable[Sample]) -> None:
    """The values of each over those of the one before; what is not known covers nothing."""
    for sample in samples:
        for name in FIGURES:
            value = getattr(sample, name)
            if value is not None:
                setattr(row, name, value)


def ask_now(actor: Actor, delivery: Delivery) -> str:
    """Has the platform asked for this delivery as soon as a worker is free; returns the account to ring for.

    At most once a minute, however many people press.
    """
    allow(actor, Permission.FIGURES_READ, delivery.post)
    _refuse_unasked(delivery)
    now = clock.now()
    _ensure_row(delivery.id)
    row = _locked(delivery.id)
    if row.asked_at is not None and now - row.asked_at < plan.AT_LEAST_APART:
        raise DomainError(N_("Angka ini baru saja diperbarui. Tunggu satu menit, lalu coba lagi."))
    if row.poll_at is None or row.poll_at > now:
        row.poll_at = now
    return delivery.account_id


def _refuse_unasked(delivery: Delivery) -> None:
    """Says so where a job would have nobody to ask."""
    account = delivery.account
    if published_by_hand(account):
        raise DomainError(
            N_("Akun %(handle)s tidak memberi angka otomatis. Isi angkanya dari aplikasinya."), handle=account.handle
        )
    if entered_by_hand(delivery):
        raise DomainError(N_("Angka unggahan ini tidak bisa diambil otomatis. Isi angkanya dari aplikasinya."))
    if delivery.gone_at is not None:
        raise DomainError(N_("Unggahan ini sudah dihapus di kanalnya, jadi tidak ada angka baru. Angka lama tetap."))
    if account.state != AccountState.CONNECTED:
        raise DomainError(
            N_("Akun %(handle)s tidak tersambung, jadi angkanya tidak bisa diminta sekarang."), handle=account.handle
        )


def enter_by_hand(actor: Actor, delivery: Delivery, stats: Stats, seen_at: datetime) -> Sample:
    """What a person read in the app. A correction is a new sample; the old one stays for the record."""
    allow(actor, Permission.FIGURES_ENTER, delivery.post)
    if not entered_by_hand(delivery):
        raise DomainError(AUTOMATIC, handle=delivery.account.handle)
    _check(stats, registry.get(delivery.account.kind).figures, seen_at, delivery.sent_at)
    sample = record_sample(delivery.id, stats, Source.MANUAL, seen_at, by=actor.id)
    if sample is None:
        raise DomainError(N_("Isi paling sedikit satu angka. Yang belum diketahui boleh kosong."))
    audit.record(actor, "metrics.enter", "delivery", delivery.id, seen_at=seen_at.isoformat())
    return sample


def _check(stats: Stats, offered: Collection[str], seen_at: datetime, sent_at: datetime | None) -> None:
    for name, value in asdict(stats).items():
        if value is not None and (name not in offered or value < 0):
            raise WrongFigures(name, N_("Angka ini tidak dikenal di kanal itu."))
    if stats.reach is not None and stats.views is not None and stats.reach > stats.views:
        raise WrongFigures("reach", N_("Jangkauan tidak bisa lebih besar daripada tayangan. Periksa kedua angkanya."))
    if seen_at > clock.now() + timedelta(minutes=1):
        raise WrongFigures("seen_at", N_("Waktu ini belum tiba. Isi kapan angkanya Anda lihat."))
    if sent_at is not None and seen_at < sent_at - timedelta(minutes=1):
        raise WrongFigures("seen_at", N_("Waktu ini sebelum unggahan terbit. Isi kapan angkanya Anda lihat."))
