"""Planning: schedule, move, cancel; verdict and plan in one act.

Locks are taken in one order everywhere: consents, the post, its deliveries, the end of the log.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from contentdesk.access.permissions import Permission, allow
from contentdesk.audit.services import record
from contentdesk.channels import registry
from contentdesk.channels.models import Account
from contentdesk.channels.queries import published_by_hand
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.lib.i18n import N_, Several
from contentdesk.notices.services import tell
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.planning import LATEST
from contentdesk.posts.queries import newest_revision
from contentdesk.posts.services import move
from contentdesk.posts.states import PostState, after
from contentdesk.publishing import checkpoints, hindrances, timeline, usefulness, warnings
from contentdesk.publishing.conditions import HAND_LEAD
from contentdesk.publishing.handwork import HAND_GRACE, is_taken
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import GIVEN_UP, MOVABLE, DeliveryState
from contentdesk.reviews.models import Review, Verdict
from contentdesk.reviews.services import decide, lock
from contentdesk.umkm.queries import consented_ids
from contentdesk.users.models import User

D = DeliveryState
UNFIT = N_("Belum dijadwalkan, persetujuannya tetap ada. Ubah isinya, lalu kirim lagi untuk ditinjau. %(points)s")


def schedule(
    actor: User,
    post: Post,
    due_at: datetime,
    grace: timedelta = timedelta(hours=3),
    *,
    hand_grace: timedelta = HAND_GRACE,
    only: Collection[str] | None = None,
) -> list[Delivery]:
    """Plans the approved revision on each of its accounts, or moves what is planned and not yet out.

    `grace`: how long after its time it is still useful, `hand_grace` where a member posts it. `only`: ids of accounts;
    what stands on the others stays.
    """
    allow(actor, Permission.POST_SCHEDULE, post)
    lock(post)
    _check_time(due_at)
    revision = newest_revision(post)
    if after(post.state, "schedule") is None or post.approved_number != revision.number:
        raise DomainError(
            N_("Revisi terbaru belum disetujui, jadi belum dapat dijadwalkan. Kirim dulu untuk ditinjau.")
        )
    targets = [one for one in hindrances.open_targets(revision) if only is None or one.id in only]
    if not targets:
        raise DomainError(N_("Belum ada akun tujuan. Pilih akun di draf, lalu kirim lagi."))
    _check_consent(revision)
    _check_limits(post)
    plan = _Plan(actor, revision, due_at, grace, hand_grace)
    deliveries = _planned(plan, targets, _standing(post, only))
    if all(delivery.state != D.WAITING for delivery in deliveries):
        raise Conflict(N_("Sudah terbit atau sedang diterbitkan di semua kanalnya, jadi tidak dijadwalkan lagi."))
    move(actor, post, "schedule")
    post.proposed_at = due_at
    warnings.warn(clock.now(), [delivery.id for delivery in deliveries])
    record(actor, "post.schedule", "post", post.id, due_at=due_at.isoformat(), revision=revision.number)
    return deliveries


def _check_time(due_at: datetime) -> None:
    now = clock.now()
    if due_at < now - timedelta(minutes=1):
        raise DomainError(N_("Waktu itu sudah lewat. Pilih waktu yang akan datang."))
    if due_at > now + LATEST:
        raise DomainError(N_("Waktu itu lebih dari 180 hari lagi. Pilih waktu yang lebih dekat."))


def _check_consent(revision: Revision) -> None:
    consented = consented_ids([business.id for business in revision.businesses])
    missing = [business.name for business in revision.businesses if business.id not in consented]
    if missing:
        raise DomainError(
            N_("Persetujuan %(names)s belum ada atau sudah dicabut, jadi tidak dijadwalkan. Catat dulu di menu UMKM."),
            names=", ".join(missing),
        )


def _check_limits(post: Post) -> None:
    """Handing in looked at them too; a platform or a server may have lowered them since."""
    if found := hindrances.of(post):
        raise DomainError(UNFIT, points=Several(one.whole for one in found))


@dataclass(frozen=True)
class _Plan:
    actor: User
    revision: Revision
    due_at: datetime
    grace: timedelta
    hand_grace: timedelta


def _standing(post: Post, only: Collection[str] | None) -> dict[str, Delivery]:
    """By account, locked: what is planned, on its way or out."""
    query = select(Delivery).where(Delivery.post_id == post.id, Delivery.state.not_in(GIVEN_UP))
    if only is not None:
        query = query.where(Delivery.account_id.in_(only))
    query = query.order_by(Delivery.id).with_for_update().execution_options(populate_existing=True)
    return {delivery.account_id: delivery for delivery in db.session.scalars(query)}


def _planned(plan: _Plan, targets: list[Account], standing: dict[str, Delivery]) -> list[Delivery]:
    _refuse_taken(standing.values())
    cancel_all([row for key, row in standing.items() if key not in {account.id for account in targets}], plan.actor)
    try:
        planned = [_plan_one(plan, account, standing.get(account.id)) for account in targets]
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(N_("Unggahan ini baru saja dijadwalkan orang lain. Lihat jadwalnya dulu.")) from error
    return planned


def _refuse_taken(deliveries: Iterable[Delivery]) -> None:
    """A member who is posting by hand right now would lose the link."""
    if any(delivery.state == D.HANDED_OVER and is_taken(delivery) for delivery in deliveries):
        raise Conflict(N_("Anggota sedang mengunggahnya lewat ponsel. Tunggu sampai selesai atau dilepas."))


def _plan_one(plan: _Plan, account: Account, standing: Delivery | None) -> Delivery:
    if standing is not None and standing.state not in MOVABLE:
        return standing
    revision, due_at = plan.revision, plan.due_at
    delivery = standing or Delivery(post_id=revision.post_id, account_id=account.id, checkpoint={})
    by_hand = published_by_hand(account)
    delivery.checkpoint = checkpoints.left_behind(revision.id, account.id)
    delivery.revision_id = revision.id
    delivery.state = D.WAITING
    delivery.due_at = due_at
    delivery.next_at = due_at - (HAND_LEAD if by_hand else registry.ahead(account.kind))
    delivery.expires_at = due_at + (plan.hand_grace if by_hand else plan.grace)
    delivery.lease = delivery.lease_until = delivery.intent_at = delivery.ready_at = None
    delivery.taken_by = delivery.taken_until = delivery.problem = None
    delivery.tries, delivery.problem_values = 0, {}
    delivery.planned_by = plan.actor.id
    db.session.add(delivery)
    db.session.flush()
    timeline.note(delivery.id, "planned", plan.actor.id, due_at=due_at.isoformat(), revision=revision.number)
    return delivery


def cancel(actor: User, delivery: Delivery) -> None:
    """Takes one delivery off the plan. What is out, or may be out, cannot be cancelled."""
    allow(actor, Permission.POST_SCHEDULE, delivery.post)
    lock(delivery.post)
    db.session.refresh(delivery, ["state", "lease", "taken_by", "taken_until"], with_for_update=True)
    _refuse_taken([delivery])
    if delivery.state not in MOVABLE:
        raise Conflict(N_("Unggahan ini sudah diterbitkan atau sedang diterbitkan, jadi tidak dapat dibatalkan."))
    cancel_all([delivery], actor)
    record(actor, "delivery.cancel", "delivery", delivery.id)
    unschedule_if_empty(actor, delivery.post)


def cancel_all(deliveries: Iterable[Delivery], actor: User | None, why: str | None = None) -> None:
    """`why` is a sentence of the catalogue, shown with the delivery."""
    for delivery in deliveries:
        if delivery.state in MOVABLE:
            delivery.state, delivery.problem = D.CANCELLED, why
            delivery.lease = delivery.lease_until = None
            timeline.note(delivery.id, "cancelled", actor.id if actor else None, **({"said": why} if why else {}))


def unschedule_if_empty(actor: User, post: Post) -> None:
    db.session.flush()
    left = db.session.scalar(
        select(Delivery.id).where(Delivery.post_id == post.id, Delivery.state.not_in(GIVEN_UP)).limit(1)
    )
    if left is None and post.state == PostState.SCHEDULED:
        move(actor, post, "unschedule")


def withdraw_post(actor: User, post: Post) -> Post:
    """It shall not go out: what is planned is cancelled with it. What is public stays public."""
    allow(actor, Permission.POST_WRITE, post)
    lock(post)
    move(actor, post, "withdraw")
    planned = select(Delivery).where(Delivery.post_id == post.id, Delivery.state.in_(MOVABLE)).with_for_update()
    cancel_all(db.session.scalars(planned).all(), actor)
    return post


def decide_and_plan(
    actor: User, post: Post, revision_id: str, verdict: Verdict, checklist: dict[str, str], note: str, grace: timedelta
) -> tuple[Review, list[Delivery]]:
    """The verdict, and with an approval the plan at the time the author proposed, when that still lies ahead."""
    review = decide(actor, post, revision_id, verdict, checklist, note)
    if verdict != Verdict.APPROVE:
        return review, []
    if post.proposed_at is None or hindrances.hindrance(post, post.proposed_at):
        _tell_what_is_missing(post)
        return review, []
    useful = _kept(post, grace)
    return review, schedule(actor, post, post.proposed_at, useful.span, hand_grace=useful.by_hand)


def _kept(post: Post, city: timedelta) -> usefulness.Useful:
    """An edit does not undo how long the post was said to be useful, as long as its time stays."""
    planned = select(Delivery).where(Delivery.post_id == post.id, Delivery.due_at == post.proposed_at)
    rows = db.session.scalars(planned.options(joinedload(Delivery.account)).order_by(Delivery.created_at)).all()
    return usefulness.kept(rows, city) or usefulness.usual(city)


def _tell_what_is_missing(post: Post) -> None:
    """The verdict stands all the same. Without a wish for a time the author knows already that none is chosen."""
    found = hindrances.hindrance(post, post.proposed_at)
    if found is None:
        return
    path = f"/unggahan/{post.id}" if found.needs_edit else f"/unggahan/{post.id}/jadwal"
    tell(
        [post.author_id],
        found.notice,
        path,
        title=post.title,
        **{name: str(value) for name, value in found.values.items()},
    )
