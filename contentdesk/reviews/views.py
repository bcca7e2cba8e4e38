"""Handing in, the queue and the review. The verdict itself is taken where it is planned."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, everywhere
from contentdesk.channels import registry
from contentdesk.channels.queries import stopped_count
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.posts import composer
from contentdesk.posts.content import content_of
from contentdesk.posts.models import Post
from contentdesk.posts.problems import anchor_of
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.posts.states import PostState
from contentdesk.reviews import queries, services, wording
from contentdesk.reviews.pages import review_page

blueprint = Blueprint("reviews", __name__)


@blueprint.get("/tinjauan")
@needs(Permission.POST_REVIEW)
def queue() -> ResponseReturnValue:
    allow(current_user, Permission.POST_REVIEW)
    chosen = request.args.get("saring", "semua")
    chosen = chosen if chosen in queries.FILTERS else "semua"
    counts = queries.counts()
    return render_template(
        "reviews/queue.html",
        page=queries.page(chosen, request.args.get("halaman", 1, type=int), counts),
        counts=counts,
        searched=queries.SEARCHED,
        chosen=chosen,
        wait=wording.usual_wait(queries.usual_wait_minutes()),
        to_mend=stopped_count(clock.now()) if everywhere(current_user, Permission.ACCOUNT_MANAGE) else 0,
        decided=queries.decided_by(current_user.id),
        wording=wording,
        registry=registry,
    )


@blueprint.get("/tinjauan/<post_id>")
@needs(Permission.POST_REVIEW)
def review(post_id: str) -> ResponseReturnValue:
    return review_page(post_id)


@blueprint.post("/unggahan/<id>/kirim")
@needs(Permission.POST_WRITE)
def submit(id: str) -> ResponseReturnValue:
    post = get_post(id)
    allow(current_user, Permission.POST_WRITE, post)
    refused = composer.not_taken(post.kim_id, content_of(post, newest_revision(post)))
    if refused:
        for one in refused:
            flash(composer.problem_said(one), "warning")
        return redirect(url_for("posts.edit", id=id), 303)
    try:
        with transaction():
            _hand_in(get_post(id), request.form.get("answer", ""))
    except services.NotReady as error:
        flash(composer.with_links(error), "error")
        return redirect(url_for("posts.edit", id=id), 303)
    except services.Unchanged as error:
        flash(wording.error(error), "error")
        return redirect(url_for("home.post", id=id), 303)
    return _sent(id)


@blueprint.post("/unggahan/baru/kirim")
@needs(Permission.POST_WRITE)
def send_new() -> ResponseReturnValue:
    return _saved_and_sent()


@blueprint.post("/unggahan/<id>/ubah/kirim")
@needs(Permission.POST_WRITE)
def send_edit(id: str) -> ResponseReturnValue:
    return _saved_and_sent(id)


def _saved_and_sent(post_id: str | None = None) -> ResponseReturnValue:
    """Save and hand in, in one transaction; what cannot be handed in is saved all the same."""
    done: list[str] = []

    def hand_in(post: Post) -> None:
        _hand_in(post)
        done.append(post.id)

    answer = composer.save_from_request(post_id, then=hand_in)
    return _sent(done[0]) if done else answer


def _hand_in(post: Post, answer: str = "") -> None:
    """A second click finds the very same words waiting already: that is what it wanted."""
    allow(current_user, Permission.POST_WRITE, post)
    if post.state == PostState.IN_REVIEW:
        return
    try:
        services.submit(current_user, post, answer)
    except services.NotReady as error:
        content = content_of(post, newest_revision(post))
        links = [(anchor_of(one, content), wording.said(one)) for one in error.found]
        lines = Markup().join(Markup('<li><a href="#{}">{}</a></li>').format(*link) for link in links)
        error.values["points"] = Markup("<ul>{}</ul>").format(lines)
        raise


def _sent(post_id: str) -> ResponseReturnValue:
    wait = wording.usual_wait(queries.usual_wait_minutes())
    flash(" ".join(part for part in (_("Terkirim ke peninjau."), wait) if part), "ok")
    return redirect(
        url_for("home.post" if "home.post" in current_app.view_functions else "posts.edit", id=post_id), 303
    )
