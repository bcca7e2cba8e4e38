"""Sentences of the review pages in the reader's language. For views only."""

from datetime import datetime, timedelta
from typing import NamedTuple

from babel.dates import format_date
from flask_babel import get_locale, gettext

from contentdesk.lib import clock, words
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import of_error, sentence
from contentdesk.posts.models import Post
from contentdesk.posts.problems import Problem
from contentdesk.reviews.models import Review, Verdict
from contentdesk.reviews.risks import Risk


def _(message: str, **values: object) -> str:
    """gettext, whose library has no types."""
    return str(gettext(message, **values))


SOON = timedelta(hours=1)
VERDICTS = {
    Verdict.APPROVE: N_("disetujui"),
    Verdict.ASK_CHANGES: N_("perlu revisi"),
    Verdict.REJECT: N_("ditolak"),
}


class Due(NamedTuple):
    """When it wants to go out, and what that means for the reviewer."""

    when: str
    left: str
    soon: bool


def locale() -> str:
    return str(get_locale() or "id")


def span(length: timedelta) -> str:
    """55 menit, 3 jam 10 menit, 2 hari: as exact as one wants to know it."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes < 60:
        return _("%(count)s menit", count=minutes)
    if minutes >= 48 * 60:
        return _("%(count)s hari", count=minutes // (24 * 60))
    hours, rest = divmod(minutes, 60)
    if rest and hours < 6:
        return _("%(hours)s jam %(minutes)s menit", hours=hours, minutes=rest)
    return _("%(count)s jam", count=hours)


def due(post: Post) -> Due:
    """`Terbit 16.45 WIB`, `Sisa 55 menit` today; later the day, and since when the author waits."""
    wish, now = post.proposed_at, clock.now()
    if wish is None:
        return Due(_("Waktu belum diusulkan"), waited(post), False)
    if clock.to_wib(wish).date() == clock.today():
        when = _("Terbit %(time)s WIB", time=words.hour(wish, locale()))
        left = _("Sisa %(span)s", span=span(wish - now)) if wish > now else _("Waktunya sudah lewat")
        return Due(when, left, wish - now <= SOON)
    return Due(day_and_hour(wish), waited(post) if wish > now else _("Waktunya sudah lewat"), wish <= now)


def day_and_hour(moment: datetime) -> str:
    """Senin, 7 Des, 12.00"""
    day = format_date(clock.to_wib(moment).date(), "EEEE, d MMM", locale=locale())
    return f"{day}, {words.hour(moment, locale())}"


def waited(post: Post) -> str:
    """menunggu 1 jam"""
    return _("menunggu %(span)s", span=span(clock.now() - (post.submitted_at or post.updated_at)))


def usual_wait(minutes: int | None) -> str:
    """Biasanya 40 menit, in steps of five: nobody promises more. Nothing while nobody knows."""
    if not minutes:
        return ""
    return _("Biasanya %(span)s.", span=span(timedelta(minutes=max(5, round(minutes / 5) * 5))))


def said(problem: Problem) -> str:
    text = sentence(problem.sentence, problem.values)
    return f"{problem.channel}: {text}" if problem.channel else text


def error(problem: DomainError) -> str:
    return of_error(problem)


def risk_word(risk: Risk) -> str:
    return sentence(risk.word, dict(risk.values) if "%(" in risk.word else None)


def verdict_word(verdict: str) -> str:
    return _(VERDICTS[Verdict(verdict)])


def forward_text(post: Post, review: Review, public_url: str) -> str:
    """For the author, to send on by WhatsApp: what was decided, why, and where to go on."""
    head = _('"%(title)s" %(verdict)s.', title=post.title, verdict=verdict_word(review.verdict))
    if review.verdict == Verdict.APPROVE and post.proposed_at:
        goes_out = _("Terbit %(when)s.", when=words.moment(post.proposed_at, locale()))
        head = f"{head} {goes_out}"
    return "\n".join(part for part in (head, review.note, f"{public_url}/unggahan/{post.id}") if part)
