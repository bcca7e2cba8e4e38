"""What happened to a post: revisions, verdicts and plans in one list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from contentdesk.audit.models import AuditEntry
from contentdesk.home.saying import locale
from contentdesk.lib import words
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.posts.models import Post, Revision
from contentdesk.reviews.models import Answer, Review, Verdict
from contentdesk.users.models import User

VERDICTS: Mapping[str, tuple[str, str]] = {
    Verdict.APPROVE: ("check", N_("Revisi %(number)s disetujui")),
    Verdict.ASK_CHANGES: ("message-2", N_("Revisi %(number)s perlu diubah")),
    Verdict.REJECT: ("ban", N_("Revisi %(number)s ditolak")),
}
ACTS: Mapping[str, tuple[str, str]] = {
    "posts.submit": ("send", N_("Dikirim untuk ditinjau")),
    "posts.take_back": ("arrow-left", N_("Ditarik dari antrean tinjauan")),
    "posts.withdraw": ("eye-off", N_("Ditarik, tidak akan terbit")),
    "posts.archive": ("archive", N_("Diarsipkan")),
    "posts.unschedule": ("calendar-off", N_("Jadwal dibatalkan")),
    "posts.join_campaign": ("speakerphone", N_("Masuk kampanye %(name)s")),
    "posts.leave_campaign": ("speakerphone", N_("Keluar dari kampanye %(name)s")),
    "post.schedule": ("calendar-event", N_("Dijadwalkan %(when)s")),
}
"""Of the audit log; the rest is told by revisions and verdicts themselves."""


@dataclass(frozen=True)
class Happened:
    at: datetime
    icon: str
    text: str
    who: str
    note: str = ""


def of(post: Post, reviews: Iterable[Review], answers: Iterable[Answer]) -> list[Happened]:
    """Newest first; `post` with its revisions and their authors."""
    found = [
        *(_written(revision) for revision in post.revisions),
        *(_decided(review) for review in reviews),
        *(_answered(answer) for answer in answers),
        *_acts(post.id),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _written(revision: Revision) -> Happened:
    text = _("Revisi %(number)s ditulis", number=revision.number)
    return Happened(revision.created_at, "pencil", text, revision.author.name)


def _decided(review: Review) -> Happened:
    icon, sentence = VERDICTS[review.verdict]
    text = _(sentence) % {"number": review.revision.number}
    return Happened(review.created_at, icon, text, review.reviewer.name, review.note)


def _answered(answer: Answer) -> Happened:
    return Happened(answer.created_at, "refresh", _("Dikirim lagi tanpa perubahan"), answer.author.name, answer.note)


def _acts(post_id: str) -> list[Happened]:
    rows = db.session.execute(
        select(AuditEntry, User.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_type == "post", AuditEntry.subject_id == post_id, AuditEntry.action.in_(ACTS))
    )
    return [_act(entry, name or "") for entry, name in rows]


def _act(entry: AuditEntry, who: str) -> Happened:
    icon, sentence = ACTS[entry.action]
    due_at = entry.detail.get("due_at")
    when = words.moment(datetime.fromisoformat(due_at), locale()) if due_at else ""
    return Happened(entry.at, icon, _(sentence) % {"when": when, "name": entry.detail.get("name", "")}, who)
