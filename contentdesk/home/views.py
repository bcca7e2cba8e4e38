"""Pages that show several features: the start page, the list of posts, one post."""

from datetime import timedelta

from babel.dates import format_date
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, may, scope
from contentdesk.home import actions, figures, history, lines, queries, saying, sentences, todo
from contentdesk.kim.queries import get_kim, open_kims
from contentdesk.lib import clock
from contentdesk.posts import campaigning
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.queries import first_photos, get_post, list_of, text_for
from contentdesk.posts.states import PostState
from contentdesk.publishing import hindrances, hold_lists, hold_wording, holds, offers, outages, take_downs, wording
from contentdesk.publishing.calendar import midnight
from contentdesk.publishing.queries import newest_by_account, of_post
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.views import grace
from contentdesk.regions.queries import tiles
from contentdesk.reviews.models import Review, Verdict
from contentdesk.reviews.queries import answers_of, usual_wait_minutes
from contentdesk.reviews.services import request_for
from contentdesk.reviews.wording import usual_wait

blueprint = Blueprint("home", __name__)
UNCHANGED_MATTERS = (PostState.CHANGES_ASKED, PostState.DRAFT)
LAST_POSTS = 5
UNSEEN = 3
GROUPS = (
    PostState.DRAFT,
    PostState.IN_REVIEW,
    PostState.CHANGES_ASKED,
    PostState.APPROVED,
    PostState.SCHEDULED,
    queries.ATTENTION,
    DeliveryState.SENT,
    PostState.REJECTED,
    PostState.WITHDRAWN,
    PostState.ARCHIVED,
)
"""Of the list, in the order of the chips."""


@blueprint.get("/beranda")
@needs(Permission.POST_WRITE)
def start() -> ResponseReturnValue:
    kim_id = str(current_user.kim_id)
    todos = todo.of_kim(current_user, kim_id, grace())
    posts = list_of(kim_id, per_page=LAST_POSTS).rows
    unseen = queries.never_shown(kim_id)
    return render_template(
        "home/start.html",
        kim=get_kim(kim_id),
        tiles=tiles(),
        out=_this_month(kim_id),
        todos=todos,
        lines=lines.of(posts),
        photos=first_photos({one.post_id for one in todos if one.post_id} | {post.id for post in posts}),
        unseen=unseen[:UNSEEN],
        unseen_count=len(unseen),
    )


@blueprint.get("/perlu-dikerjakan")
@needs(Permission.POST_REVIEW)
def to_mend() -> ResponseReturnValue:
    """For who has no KIM and so no start page: accounts to see to, and own plans that were too late."""
    todos = [*todo.of_accounts(current_user, queries.MOST_ACCOUNTS), *todo.of_planner(current_user, grace())]
    photos = first_photos({one.post_id for one in todos if one.post_id})
    return render_template("home/to_mend.html", todos=todos, photos=photos)


def _this_month(kim_id: str) -> str:
    first = clock.today().replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    now_out, then_out = queries.out_since(kim_id, midnight(before), midnight(first))
    name = format_date(before, "LLLL", locale=saying.locale())
    return saying.say([sentences.this_month(now_out, then_out, name)])


@blueprint.get("/unggahan")
@needs(Permission.POST_READ)
def posts() -> ResponseReturnValue:
    own = scope(current_user, Permission.POST_READ)
    group = request.args.get("keadaan", "")
    group = group if group in GROUPS else ""
    wanted = queries.Wanted(own or request.args.get("kim") or None, group, request.args.get("cari", "").strip())
    page = queries.page_of_posts(wanted, request.args.get("halaman", 1, int))
    return render_template(
        "home/posts.html",
        page=page,
        lines=lines.of(page.rows),
        photos=first_photos([post.id for post in page.rows]),
        wanted=wanted,
        groups=GROUPS,
        counts=queries.counts(wanted),
        kims=open_kims() if own is None else [],
        tiles=[] if page.rows else tiles(),
        kim=get_kim(own) if own and not page.rows else None,
        may_write=may(current_user, Permission.POST_WRITE),
    )


@blueprint.get("/unggahan/<id>")
@needs(Permission.POST_READ)
def post(id: str) -> ResponseReturnValue:
    found = get_post(id)
    allow(current_user, Permission.POST_READ, found)
    deliveries = of_post(id)
    standing = newest_by_account(deliveries)
    reviews = queries.reviews_of(id)
    stop = take_downs.stops([id])[id]
    hindered = hindrances.of(found) if found.state == PostState.APPROVED and not stop.names else []
    return render_template(
        "home/post.html",
        post=found,
        line=lines.one(found, standing, stop, usual_wait(usual_wait_minutes()), holds.over([id]).get(id)),
        revision=found.revisions[-1],
        texts=_texts(found.revisions[-1]),
        offer=offers.of_post(found, grace()) if may(current_user, Permission.POST_SCHEDULE, found) else None,
        actions=actions.of(current_user, found, standing, stopped=bool(stop.names or hindered)),
        stop=stop,
        hindered=hindered,
        note=_open_note(found, reviews),
        unchanged=found.state in UNCHANGED_MATTERS and request_for(found) is not None,
        deliveries=deliveries,
        problems={delivery.id: wording.problem_of(delivery) for delivery in deliveries},
        outages=outages.of(current_user, deliveries),
        held=hold_wording.of(deliveries),
        campaigns=campaigning.offered(found.campaign_id) if campaigning.may_choose(current_user, found) else [],
        campaigns_held=hold_lists.on_campaign([found.campaign_id]) if found.campaign_id else {},
        may_do=may(current_user, Permission.TASK_DO, found),
        figures=figures.of(current_user, deliveries),
        history=history.of(found, reviews, answers_of(id)),
        lead=current_user.kim_id is None,
    )


def _texts(revision: Revision) -> list[tuple[list[str], str]]:
    """Each text that differs, with the kinds of channel it goes out on."""
    kinds: dict[str, list[str]] = {}
    for kind in sorted({account.kind for account in revision.targets}):
        kinds.setdefault(text_for(revision, kind), []).append(kind)
    return [(names, text) for text, names in kinds.items()] or [([], revision.text)]


def _open_note(post: Post, reviews: list[Review]) -> Review | None:
    """What the reviewer wants to be changed, as long as nothing newer was handed in."""
    if post.state in {PostState.CHANGES_ASKED, PostState.REJECTED} or (post.state == PostState.DRAFT and reviews):
        newest = reviews[0] if reviews else None
        return newest if newest and newest.verdict != Verdict.APPROVE else None
    return None
