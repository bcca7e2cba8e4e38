"""What people do with posts. Writing never changes a revision: each save is a new one."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from contentdesk.access.permissions import Actor, Permission, Place, allow
from contentdesk.audit import services as audit
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict
from contentdesk.lib.files import FileStore
from contentdesk.lib.i18n import N_
from contentdesk.media.models import AssetState
from contentdesk.posts import campaigning, parts, queries
from contentdesk.posts.content import Content, content_of, tidy
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState, after

EDITING = timedelta(minutes=20)
"""How long others are told that somebody has the composer open."""
PUT_DOWN = frozenset({PostState.WITHDRAWN, PostState.REJECTED})
"""Who saves such a post takes it up again, so that "saved" is not said of one that stays away."""
_PERMISSIONS = {
    "submit": Permission.POST_WRITE,
    "take_back": Permission.POST_WRITE,
    "withdraw": Permission.POST_WRITE,
    "archive": Permission.POST_WRITE,
    "approve": Permission.POST_REVIEW,
    "ask_changes": Permission.POST_REVIEW,
    "reject": Permission.POST_REVIEW,
    "schedule": Permission.POST_SCHEDULE,
    "unschedule": Permission.POST_SCHEDULE,
}


class SavedMeanwhile(Conflict):
    """Somebody saved a newer revision after this person's form was opened. Nothing was overwritten."""

    def __init__(self) -> None:
        super().__init__(N_("Naskah ini baru saja disimpan orang lain. Tidak ada yang ditimpa. Bandingkan dulu."))


def create_post(actor: Actor, content: Content, files: FileStore, form_key: str | None = None) -> Post:
    """A draft with its first revision. A form sent twice (the same `form_key`) gives the same post."""
    allow(actor, Permission.POST_WRITE, Place(actor.kim_id))
    content = tidy(content)
    known = queries.by_form_key(actor.id, form_key) if form_key else None
    if known is None:
        post, is_new = _added(actor, content, form_key)
        if is_new:
            gathered = parts.gather(post.kim_id, content, files)
            _write(actor, post, 1, gathered)
            campaigning.choose_while_writing(actor, post, content)
            audit.record(actor, "posts.create", "post", post.id, digest=gathered.digest)
            return post
        known = post
    edit_post(actor, known, content, 1, files)
    return known


def _added(actor: Actor, content: Content, form_key: str | None) -> tuple[Post, bool]:
    """The post and whether it is new. Of two forms that come at the same moment one waits and finds the other's."""
    post = Post(
        kim_id=actor.kim_id,
        author_id=actor.id,
        title=content.title,
        form_key=form_key,
        proposed_at=content.proposed_at,
        follows=list(content.follows),
        newest_number=1,
        updated_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(post)
    except IntegrityError:
        found = queries.by_form_key(actor.id, form_key) if form_key else None
        if found is None:
            raise
        return found, False
    return post, True


def edit_post(actor: Actor, post: Post, content: Content, base_number: int, files: FileStore) -> Revision:
    """A new revision on top of `base_number`, or the newest one when nothing differs.

    The post falls back to draft: nobody has approved the new words or the new time. One that was withdrawn or
    rejected becomes a draft by any save. Raises SavedMeanwhile when `base_number` is no longer the newest.
    """
    allow(actor, Permission.POST_WRITE, post)
    _lock(post)
    gathered = parts.gather(post.kim_id, tidy(content), files)
    newest = queries.newest_revision(post)
    state = _next_state(post, "edit")
    campaigning.choose_while_writing(actor, post, content)
    post.follows = list(gathered.content.follows)
    moved = _minute(post.proposed_at) != _minute(gathered.content.proposed_at)
    if newest.digest == gathered.digest and not moved and post.state not in PUT_DOWN:
        return newest
    _take_number(post, base_number)
    if moved:
        post.proposed_at = gathered.content.proposed_at
    was, post.state, post.title = post.state, state, gathered.content.title
    post.updated_at = clock.now()
    revision = _write(actor, post, base_number + 1, gathered)
    detail = {"number": revision.number, "digest": revision.digest, "was": was}
    audit.record(actor, "posts.edit", "post", post.id, **detail)
    return revision


def take_up_video(actor: Actor, post: Post) -> Revision:
    """The newest revision with the files of its video. If they were made after it was saved, that is a new revision,
    so that what is approved is byte for byte what goes out. The post's state stays.

    Raises Conflict while a file is missing for one of the channels; that a video is still prepared, or failed,
    is told by the checks.
    """
    allow(actor, Permission.POST_WRITE, post)
    newest = queries.newest_revision(post)
    if not any(photo.asset.is_video and photo.asset.state == AssetState.READY for photo in newest.photos):
        return newest
    gathered = parts.gather_video(post.kim_id, content_of(post, newest))
    if {film.kind for film in parts.films(post.kim_id, gathered.content)} != set(gathered.files):
        raise Conflict(parts.VIDEO_NOT_READY)
    if {file.kind: file.sha256 for file in newest.files} == {k: row[0].sha256 for k, row in gathered.files.items()}:
        return newest
    _take_number(post, newest.number)
    revision = _write(actor, post, newest.number + 1, gathered)
    audit.record(actor, "posts.take_up_video", "post", post.id, number=revision.number, digest=revision.digest)
    return queries.newest_revision(post)


def _minute(moment: datetime | None) -> datetime | None:
    """As forms show it: what was not touched in the form is not a change."""
    return moment.replace(second=0, microsecond=0) if moment else None


def _lock(post: Post) -> None:
    """Reads the post's row again and keeps others from changing it until the transaction ends."""
    db.session.flush()
    db.session.refresh(post, [column.key for column in Post.__mapper__.column_attrs], with_for_update=True)


def _next_state(post: Post, act: str) -> PostState:
    state = after(post.state, act)
    if state is None:
        raise Conflict(_REFUSED.get(act, _CHANGED))
    return state


_CHANGED = N_("Keadaan unggahan ini sudah berubah. Muat ulang halaman ini.")
_REFUSED = {
    "edit": N_("Unggahan ini sudah diarsipkan, jadi tidak bisa diubah. Buat unggahan baru dari teksnya."),
    "submit": N_("Unggahan ini sudah dikirim atau sudah selesai. Muat ulang halaman ini."),
    "take_back": N_("Unggahan ini tidak sedang menunggu tinjauan lagi."),
}


def _take_number(post: Post, base_number: int) -> None:
    """The next number goes to exactly one of two saves that come at the same moment."""
    taken = db.session.execute(
        update(Post)
        .where(Post.id == post.id, Post.newest_number == base_number)
        .values(newest_number=base_number + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise SavedMeanwhile()
    db.session.refresh(post, ["newest_number"])


def _write(actor: Actor, post: Post, number: int, gathered: parts.Parts) -> Revision:
    content = gathered.content
    revision = Revision(
        post_id=post.id,
        number=number,
        author_id=actor.id,
        title=content.title,
        text=content.text,
        texts=dict(content.texts),
        options=dict(content.options),
        photo_source=content.photo_source,
        faces=content.faces,
        children=content.children,
        digest=gathered.digest,
        created_at=clock.now(),
    )
    db.session.add(revision)
    db.session.flush()
    db.session.add_all(parts.rows(revision.id, gathered))
    if post.editing_by == actor.id:
        post.editing_by = post.editing_until = None
    db.session.flush()
    return revision


def move(actor: Actor | None, post: Post, act: str) -> Post:
    """One step of the editorial states. `actor` None is the service itself; a way that is not there is a Conflict."""
    if actor is not None:
        allow(actor, _PERMISSIONS[act], post)
    _lock(post)
    was, post.state = post.state, _next_state(post, act)
    post.updated_at = clock.now()
    if act == "submit":
        post.submitted_at = clock.now()
    if act == "approve":
        post.approved_number = post.newest_number
    audit.record(actor, f"posts.{act}", "post", post.id, was=was, now=post.state, number=post.newest_number)
    db.session.flush()
    return post


def take_back(actor: Actor, post: Post) -> Post:
    """Out of the reviewers' queue again, to write on."""
    return move(actor, post, "take_back")


def withdraw(actor: Actor, post: Post) -> Post:
    """It shall not go out. What is already scheduled has to be cancelled first, where the deliveries are known."""
    if post.state == PostState.SCHEDULED:
        raise Conflict(N_("Unggahan ini sudah dijadwalkan. Batalkan jadwalnya dulu, lalu tarik."))
    return move(actor, post, "withdraw")


def archive(actor: Actor, post: Post) -> Post:
    return move(actor, post, "archive")


def may_write(actor: Actor, post: Post) -> None:
    """Raises when this person may not write on the post, or nobody may any more."""
    allow(actor, Permission.POST_WRITE, post)
    _next_state(post, "edit")


def mark_editing(actor: Actor, post: Post) -> None:
    """Tells others that this person has the composer open. The first one's mark stays until it runs out."""
    may_write(actor, post)
    if editor_of(post, actor) is None:
        post.editing_by, post.editing_until = actor.id, clock.now() + EDITING


def editor_of(post: Post, actor: Actor) -> tuple[str, datetime] | None:
    """Who else is writing and until when; None when nobody is."""
    if post.editing_by in {None, actor.id} or post.editing_until is None or post.editing_until <= clock.now():
        return None
    assert post.editing_by is not None
    return post.editing_by, post.editing_until
