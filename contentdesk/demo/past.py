"""Writes what went out before the practice began, as the rows that the real ways would have left."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from contentdesk.channels import registry
from contentdesk.channels.base import Stats
from contentdesk.channels.models import Account
from contentdesk.demo.crew import AUTOMATIC, MANUAL, Crew, keep
from contentdesk.demo.outside import Stage
from contentdesk.demo.props import Props
from contentdesk.demo.story import Past
from contentdesk.lib import clock, ids
from contentdesk.lib.db import Model
from contentdesk.metrics import plan
from contentdesk.metrics.models import LatestFigures, Sample
from contentdesk.metrics.services import Source
from contentdesk.posts import options, parts
from contentdesk.posts.checklist import items
from contentdesk.posts.content import Content, ContentPhoto, tidy
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from contentdesk.reviews.checklist import Mark
from contentdesk.reviews.models import Review, Verdict
from contentdesk.users.models import User

WRITTEN, REVIEWED = timedelta(hours=25), timedelta(hours=24)
"""So long before it went out."""
BY_HAND_FIGURES_AFTER = timedelta(days=2)


def write(history: Sequence[Past], stage: Stage, crew: Crew, props: Props) -> None:
    """Table by table, so that the database is asked few times."""
    rows: list[list[Model]] = [[], [], [], [], []]
    for place, past in enumerate(history):
        author = crew.authors[past.group.code]
        post, revision, gathered = _written(past, author, crew, props)
        rows[0].append(post)
        rows[1].append(revision)
        rows[2] += [*parts.rows(revision.id, gathered), _review(revision, crew.reviewer, past.sent_at)]
        for account in _accounts(past, crew):
            delivery = _delivery(past, revision, account, crew.reviewer)
            if account.kind == AUTOMATIC and place in stage.posts:
                delivery.external_id, delivery.permalink = _out(stage, place)
            rows[3].append(delivery)
            rows[4] += _followed(past, delivery, account, author)
    for table in rows:
        keep(*table)


def _out(stage: Stage, place: int) -> tuple[str, str]:
    return stage.posts[place].external_id, stage.posts[place].permalink


def _accounts(past: Past, crew: Crew) -> list[Account]:
    kinds = (AUTOMATIC, MANUAL) if past.by_hand_too else (AUTOMATIC,)
    return [crew.accounts[past.group.code, kind] for kind in kinds]


def _written(past: Past, author: User, crew: Crew, props: Props) -> tuple[Post, Revision, parts.Parts]:
    asset, accounts = props.asset(past.words.picture, author), _accounts(past, crew)
    content = tidy(
        Content(
            title=past.words.title,
            text=past.words.text,
            photos=(ContentPhoto(asset.id, past.words.alt_text),),
            business_ids=(crew.businesses[past.example.id].id,) if past.example else (),
            account_ids=tuple(account.id for account in accounts),
            photo_source="buatan_kim",
            faces="tidak_ada",
            children="tidak_ada",
        )
    )
    alone = {account.kind: not account.by_hand and not registry.is_by_hand(account.kind) for account in accounts}
    content = replace(content, options=options.kept({}, alone, photo_count=1, has_video=False))
    files = {account.kind: [props.cut(asset, account.kind)] for account in accounts}
    gathered = parts.Parts(content, files, parts.digest_of(content, files))
    post = _post(past, author, content.title)
    return post, _revision(post, author, gathered), gathered


def _post(past: Past, author: User, title: str) -> Post:
    written, reviewed = past.sent_at - WRITTEN, past.sent_at - REVIEWED
    return Post(
        id=ids.new(),
        kim_id=author.kim_id,
        author_id=author.id,
        title=title,
        state=PostState.SCHEDULED,
        newest_number=1,
        approved_number=1,
        proposed_at=_due(past),
        submitted_at=written + timedelta(minutes=12),
        updated_at=reviewed,
        created_at=written,
    )


def _revision(post: Post, author: User, gathered: parts.Parts) -> Revision:
    content = gathered.content
    return Revision(
        id=ids.new(),
        post_id=post.id,
        number=1,
        author_id=author.id,
        title=content.title,
        text=content.text,
        texts={},
        options=dict(content.options),
        photo_source=content.photo_source,
        faces=content.faces,
        children=content.children,
        digest=gathered.digest,
        created_at=post.created_at,
    )


def _review(revision: Revision, reviewer: User, sent_at: datetime) -> Review:
    return Review(
        post_id=revision.post_id,
        revision_id=revision.id,
        reviewer_id=reviewer.id,
        verdict=Verdict.APPROVE,
        checklist={item.id: Mark.OK for item in items()},
        created_at=sent_at - REVIEWED,
    )


def _due(past: Past) -> datetime:
    return past.sent_at.replace(second=0)


def _delivery(past: Past, revision: Revision, account: Account, reviewer: User) -> Delivery:
    due_at = _due(past)
    return Delivery(
        id=ids.new(),
        post_id=revision.post_id,
        revision_id=revision.id,
        account_id=account.id,
        state=DeliveryState.SENT,
        due_at=due_at,
        expires_at=due_at + timedelta(hours=3),
        next_at=due_at,
        tries=1,
        checkpoint={},
        intent_at=past.sent_at - timedelta(seconds=2),
        sent_at=past.sent_at,
        planned_by=reviewer.id,
        created_at=past.sent_at - REVIEWED,
    )


def _followed(past: Past, delivery: Delivery, account: Account, author: User) -> Iterator[Model]:
    """The timeline and the figures."""
    by_hand = account.kind == MANUAL
    reviewed = past.sent_at - REVIEWED
    yield DeliveryEvent(delivery_id=delivery.id, at=reviewed, what="planned", actor_id=delivery.planned_by, detail={})
    what, who = ("sent_by_hand", author.id) if by_hand else ("sent", None)
    yield DeliveryEvent(delivery_id=delivery.id, at=past.sent_at, what=what, actor_id=who, detail={})
    seen = _by_hand(past, account) if by_hand else past.samples
    source = Source.MANUAL if by_hand else Source.API
    for at, stats in seen:
        entered_by = author.id if by_hand else None
        yield Sample(delivery_id=delivery.id, taken_at=at, source=source, entered_by=entered_by, **asdict(stats))
    # Without a row of its own the beat would start to follow the post.
    latest = LatestFigures(delivery_id=delivery.id, poll_at=_next_poll(delivery), polls=0, failures=0)
    if seen:
        at, stats = seen[-1]
        latest = LatestFigures(
            delivery_id=delivery.id,
            taken_at=at,
            source=source,
            asked_at=None if by_hand else at,
            poll_at=_next_poll(delivery),
            polls=0 if by_hand else len(seen),
            failures=0,
            **asdict(stats),
        )
    yield latest


def _next_poll(delivery: Delivery) -> datetime | None:
    """Only what the practice platform knows is asked about."""
    if delivery.external_id is None or delivery.sent_at is None:
        return None
    return plan.next_poll(delivery.sent_at, clock.now())


def _by_hand(past: Past, account: Account) -> list[tuple[datetime, Stats]]:
    """What a member reads in the app and types in; reach is not among it."""
    at = past.sent_at + BY_HAND_FIGURES_AFTER
    if at > clock.now():
        return []
    offered = registry.get(account.kind).figures
    return [(at, Stats(**{name: value for name, value in asdict(past.final).items() if name in offered}))]
