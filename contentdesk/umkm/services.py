"""Keeping the records of businesses and the consent of their owners."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.lib.i18n import N_
from contentdesk.umkm import queries
from contentdesk.umkm.models import Business, Consent, Product, Purpose

TAKE_DOWN = timedelta(hours=72)
"""UU 27/2022: use ends within three times 24 hours of the withdrawal."""
MOST_PRODUCTS = 20


@dataclass(frozen=True)
class ProductLine:
    name: str
    price: int | None = None
    unit: str = ""


@dataclass(frozen=True)
class Details:
    """What a person types about a business."""

    name: str
    category: str
    product_kind: str
    kelurahan_code: str
    address: str
    hours: str
    contact: str
    permits: Mapping[str, str]
    malpro_url: str | None
    products: tuple[ProductLine, ...]


class NameTaken(DomainError):
    """The KIM already has a record under this name."""

    status = 422


def add_business(actor: Actor, kim: Kim, details: Details) -> Business:
    business = Business(kim_id=kim.id, products=[], consents=[])
    allow(actor, Permission.UMKM_WRITE, business)
    _refuse_same_name(kim.id, details.name)
    _fill(business, details)
    db.session.add(business)
    db.session.flush()
    audit.record(actor, "umkm.add", "business", business.id)
    return business


def change_business(actor: Actor, business: Business, details: Details) -> None:
    """`business` with its products loaded. Consents are not touched."""
    allow(actor, Permission.UMKM_WRITE, business)
    if business.name.lower() != details.name.lower():
        _refuse_same_name(business.kim_id, details.name)
    _fill(business, details)
    audit.record(actor, "umkm.change", "business", business.id)


def archive_business(actor: Actor, business: Business) -> None:
    """Out of the lists and of new posts. Nothing is deleted."""
    allow(actor, Permission.UMKM_WRITE, business)
    if business.archived_at is None:
        business.archived_at = clock.now()
        audit.record(actor, "umkm.archive", "business", business.id)


def restore_business(actor: Actor, business: Business) -> None:
    allow(actor, Permission.UMKM_WRITE, business)
    if business.archived_at is not None:
        business.archived_at = None
        audit.record(actor, "umkm.restore", "business", business.id)


def give_consent(
    actor: Actor, business: Business, purposes: Iterable[Purpose], form: str, given_on: date
) -> list[Consent]:
    """Writes down what the owner agreed to, one row for each purpose that is not in force yet."""
    allow(actor, Permission.UMKM_WRITE, business)
    if given_on > clock.today():
        raise DomainError(N_("Tanggal persetujuan belum terjadi. Isi tanggal hari ini atau sebelumnya."))
    states = {state.purpose: state for state in queries.purpose_states(business)}
    wanted = [purpose for purpose in dict.fromkeys(purposes) if states[purpose].in_force is None]
    if not wanted:
        raise Conflict(N_("Persetujuan untuk tujuan itu sudah tercatat. Tidak ada yang berubah."))
    for purpose in wanted:
        _refuse_older_than_withdrawal(states[purpose].withdrawn, given_on)
    given = [
        Consent(business_id=business.id, purpose=purpose, form=form, given_on=given_on, recorded_by=actor.id)
        for purpose in wanted
    ]
    _keep(given)
    audit.record(actor, "consent.give", "business", business.id, purposes=[str(p) for p in wanted], form=form)
    return given


def withdraw_consent(actor: Actor, business: Business, purposes: Iterable[Purpose]) -> list[Consent]:
    """Ends what is in force of `purposes` and starts the 72 hours. The rows stay: they are the proof.

    What is planned or live about the business is the business of who calls this.
    """
    allow(actor, Permission.CONSENT_WITHDRAW, business)
    wanted = list(purposes)
    in_force = list(
        db.session.scalars(
            select(Consent)
            .where(
                Consent.business_id == business.id,
                Consent.purpose.in_(wanted),
                Consent.withdrawn_at.is_(None),
            )
            .with_for_update()
        )
    )
    now = clock.now()
    for consent in in_force:
        consent.withdrawn_at, consent.withdrawn_by, consent.take_down_by = now, actor.id, now + TAKE_DOWN
    if in_force:
        ended = [consent.purpose for consent in in_force]
        audit.record(actor, "consent.withdraw", "business", business.id, purposes=ended)
    return in_force


def _fill(business: Business, details: Details) -> None:
    for field in ("name", "category", "product_kind", "kelurahan_code", "address", "hours", "contact", "malpro_url"):
        setattr(business, field, getattr(details, field))
    business.permits = dict(details.permits)
    lines = details.products[:MOST_PRODUCTS]
    kept = business.products[: len(lines)]
    kept += [Product() for _line in lines[len(kept) :]]
    for position, (product, line) in enumerate(zip(kept, lines, strict=True)):
        product.position, product.name, product.price, product.unit = position, line.name, line.price, line.unit
    business.products = kept


def _refuse_same_name(kim_id: str, name: str) -> None:
    if queries.same_name(kim_id, name):
        raise NameTaken(
            N_("%(name)s sudah ada di catatan KIM ini. Ubah catatan yang ada, atau beri nama lain."), name=name
        )


def _refuse_older_than_withdrawal(withdrawn: Consent | None, given_on: date) -> None:
    """A paper from before the withdrawal does not bring the consent back."""
    if withdrawn and withdrawn.withdrawn_at and given_on < clock.to_wib(withdrawn.withdrawn_at).date():
        raise DomainError(
            N_("Persetujuan itu dicabut sesudah tanggal ini. Minta persetujuan baru, lalu isi tanggalnya.")
        )


def _keep(consents: list[Consent]) -> None:
    try:
        with db.session.begin_nested():
            db.session.add_all(consents)
    except IntegrityError:
        raise Conflict(N_("Orang lain baru saja mencatat persetujuan ini. Tidak ada yang ditimpa.")) from None
