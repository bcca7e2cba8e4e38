"""Handing a post in, and the verdict on it.

A verdict is about one revision, the very one the reviewer saw, and never comes from somebody who wrote it.
"""

from collections.abc import Mapping

from sqlalchemy import select

from contentdesk.access.permissions import Actor, Permission, Role, allow
from contentdesk.audit.services import record
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError, NotPermitted
from contentdesk.lib.i18n import N_, Several
from contentdesk.notices.services import tell
from contentdesk.posts import checks
from contentdesk.posts.checklist import items
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.problems import Problem
from contentdesk.posts.queries import newest_revision
from contentdesk.posts.services import move, take_up_video
from contentdesk.posts.states import PostState
from contentdesk.reviews import checklist as points
from contentdesk.reviews.models import Answer, Review, Verdict
from contentdesk.users.queries import ids_with_role

NOTE_LENGTH = 2000
_NEWS = {
    Verdict.APPROVE: N_("%(title)s disetujui."),
    Verdict.ASK_CHANGES: N_("%(title)s perlu revisi. Baca catatannya. Jadwal tetap disimpan."),
    Verdict.REJECT: N_("%(title)s ditolak. Baca alasannya."),
}


class NotReady(DomainError):
    """Points are missing. The draft stays as it is."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(
            N_("Belum dikirim, draf Anda tersimpan. %(points)s"), points=Several(one.whole for one in found)
        )
        self.found = found


class Unchanged(Conflict):
    """The very revision that a reviewer sent back. Nothing was handed in, nothing is lost."""

    def __init__(self, number: int) -> None:
        super().__init__(
            N_(
                "Belum dikirim: revisi %(number)s inilah yang diminta diubah. Ubah dulu, atau kirim lagi dengan alasan "
                "dari halaman unggahan ini."
            ),
            number=number,
        )


class OwnWork(NotPermitted):
    def __init__(self) -> None:
        super().__init__(N_("Anda penulis naskah ini, jadi peninjau lain yang memutus."))


def submit(actor: Actor, post: Post, answer: str = "") -> Post:
    """Puts the post before the reviewers. Raises NotReady, naming every point that is missing.

    What was sent back unchanged is Unchanged, unless `answer` tells the reviewer why: they may have asked for
    something that does not stand in the text.
    """
    allow(actor, Permission.POST_WRITE, post)
    lock(post)
    revision = take_up_video(actor, post)  # a video that became ready meanwhile is a change
    sent_back = request_for(post)
    answer = answer.strip()
    if sent_back and not answer:
        raise Unchanged(post.newest_number)
    if len(answer) > NOTE_LENGTH:
        raise DomainError(N_("Alasan paling panjang %(limit)s huruf."), limit=NOTE_LENGTH)
    missing = checks.blocking(checks.of_revision(post, revision))
    if missing:
        raise NotReady(missing)
    move(actor, post, "submit")
    if sent_back:
        db.session.add(Answer(review_id=sent_back.id, revision_id=revision.id, author_id=actor.id, note=answer))
    tell(
        ids_with_role(Role.REVIEWER),
        N_("%(title)s menunggu tinjauan."),
        f"/tinjauan/{post.id}",
        title=post.title,
    )
    return post


def request_for(post: Post) -> Review | None:
    """The reviewer's request that nothing was changed for yet: it is about the newest revision. None: there is none."""
    query = (
        select(Review)
        .join(Revision, Revision.id == Review.revision_id)
        .where(Revision.post_id == post.id, Revision.number == post.newest_number)
        .order_by(Review.created_at.desc(), Review.id)
        .limit(1)
    )
    newest = db.session.scalar(query)
    return newest if newest is not None and newest.verdict == Verdict.ASK_CHANGES else None


def lock(post: Post) -> None:
    """Reads the post's row again and keeps others from changing it until the transaction ends."""
    db.session.flush()
    db.session.refresh(post, [column.key for column in Post.__mapper__.column_attrs], with_for_update=True)


def decide(
    actor: Actor, post: Post, revision_id: str, verdict: Verdict, checklist: Mapping[str, str], note: str
) -> Review:
    """The verdict on exactly the revision `revision_id`. Tells the author.

    Raises Conflict when the post changed or was decided meanwhile, OwnWork for who wrote on it.
    """
    allow(actor, Permission.POST_REVIEW, post)
    lock(post)
    revision = newest_revision(post)
    _check_same(actor, post, revision, revision_id)
    if actor.id in writers(post):
        raise OwnWork()
    note = note.strip()
    _check_reasons(post, revision, verdict, checklist, note)
    review = _keep(actor, revision, verdict, checklist, note)
    move(actor, post, verdict.value)
    tell([post.author_id, revision.author_id], _NEWS[verdict], f"/unggahan/{post.id}", title=post.title)
    return review


def _check_same(actor: Actor, post: Post, revision: Revision, revision_id: str) -> None:
    if revision.id != revision_id:
        raise Conflict(
            N_("Naskah berubah saat Anda meninjau. Putusan belum disimpan. Lihat revisi %(number)s."),
            number=revision.number,
        )
    if post.state != PostState.IN_REVIEW:
        raise Conflict(_why_decided(actor, revision))


def _why_decided(actor: Actor, revision: Revision) -> str:
    query = select(Review.reviewer_id).where(Review.revision_id == revision.id).order_by(Review.created_at.desc())
    by = db.session.scalars(query.limit(1)).first()
    if by is None:
        return N_("Unggahan ini tidak sedang menunggu tinjauan lagi. Putusan Anda tidak disimpan.")
    if by == actor.id:
        return N_("Putusan Anda atas revisi ini sudah tersimpan. Klik kedua tidak mengubah apa pun.")
    return N_("Peninjau lain baru saja memutus revisi ini. Putusan Anda tidak disimpan.")


def writers(post: Post) -> set[str]:
    """Who wrote any of what nobody has approved yet, the newest revision in any case."""
    since = min(post.approved_number or 0, post.newest_number - 1)
    query = select(Revision.author_id).where(Revision.post_id == post.id, Revision.number > since)
    return set(db.session.scalars(query))


def _check_reasons(post: Post, revision: Revision, verdict: Verdict, checklist: Mapping[str, str], note: str) -> None:
    if len(note) > NOTE_LENGTH:
        raise DomainError(N_("Catatan paling panjang %(limit)s huruf."), limit=NOTE_LENGTH)
    if verdict != Verdict.APPROVE:
        if not note:
            raise DomainError(N_("Tulis catatan dulu, supaya penulis tahu apa yang diubah."))
        return
    sheet = points.sheet(post, revision)
    if stopping := sheet.stopping(checklist):
        raise DomainError(
            N_("Belum disetujui: butir wajib %(items)s belum sesuai. Minta revisi, atau periksa lagi butirnya."),
            items=", ".join(item.id for item in stopping),
        )
    if sheet.missing_consent:
        # An owner may have withdrawn since the post was handed in; no tick of a reviewer replaces consent.
        raise DomainError(
            N_("Belum disetujui. Persetujuan %(businesses)s belum ada atau sudah dicabut."),
            businesses=", ".join(str(one.values["business"]) for one in sheet.missing_consent),
        )


def _keep(actor: Actor, revision: Revision, verdict: Verdict, checklist: Mapping[str, str], note: str) -> Review:
    known = {item.id for item in items()}
    marks = {key: mark for key, mark in checklist.items() if key in known and mark in points.MARKS}
    review = Review(
        post_id=revision.post_id,
        revision_id=revision.id,
        reviewer_id=actor.id,
        verdict=verdict.value,
        checklist=marks,
        note=note,
    )
    db.session.add(review)
    db.session.flush()
    failed = sorted(key for key, mark in marks.items() if mark == points.Mark.FAIL)
    record(
        actor,
        "reviews.decide",
        "post",
        revision.post_id,
        revision_id=revision.id,
        digest=revision.digest,
        verdict=verdict.value,
        failed=failed,
    )
    return review
