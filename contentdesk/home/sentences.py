"""Where a post is, in one or two plain sentences. Plain data in, sentences of the catalogue out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from babel.lists import format_list

from contentdesk.channels import registry
from contentdesk.channels.queries import lacks_permission, stopped_since
from contentdesk.lib import clock, words
from contentdesk.lib.i18n import N_, Message
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import hold_lists, holds, outages
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.states import GIVEN_UP, MOVABLE, DeliveryState, Removal
from contentdesk.publishing.take_downs import Stop

D = DeliveryState
LATE = timedelta(minutes=5)
"""So long after its time a post that still waits is called delayed."""
IN_WORK = (D.PREPARING, D.PUBLISHING, D.ACCEPTED)
URGENCY = (D.FAILED, D.UNKNOWN, D.EXPIRED, outages.STOPPED, D.HANDED_OVER, D.HELD, *IN_WORK, D.WAITING, D.SENT)
"""Of several deliveries the first of these speaks for the post."""


@dataclass(frozen=True)
class Said:
    """A sentence of the catalogue with what goes into it."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class At:
    """When and in which language it is said."""

    now: datetime
    locale: str = "id"


_EDITORIAL = {
    PostState.DRAFT: N_("Draf. Belum dikirim untuk ditinjau."),
    PostState.APPROVED: N_("Disetujui. Waktu terbit belum dipilih."),
    PostState.SCHEDULED: N_("Disetujui. Jadwalnya dibatalkan, pilih waktu baru."),
    PostState.REJECTED: N_("Ditolak. Baca alasannya."),
    PostState.WITHDRAWN: N_("Ditarik, jadi tidak akan terbit."),
    PostState.ARCHIVED: N_("Diarsipkan."),
}
NO_CONSENT = N_(
    "Tidak bisa dijadwalkan: persetujuan %(names)s dicabut. Catat persetujuan baru di menu UMKM, atau ganti usahanya."
)
TO_GO = N_("Harus dihapus di %(channels)s, karena persetujuan pelaku usaha dicabut.")
GONE = N_("Sudah dihapus di %(channels)s.")
_BY_STATE = (
    ((D.FAILED,), N_("Gagal terbit di %(channels)s. Naskah tersimpan.")),
    ((D.UNKNOWN,), N_("Belum pasti terbit di %(channels)s. Kami sedang memeriksa, jangan unggah ulang.")),
    ((D.EXPIRED,), N_("Waktu tayang di %(channels)s terlewat. Pilih waktu baru.")),
    ((D.HANDED_OVER,), N_("%(channels)s menunggu Anda.")),
    (IN_WORK, N_("Sedang diterbitkan di %(channels)s.")),
)

_STOPPED = (
    (False, N_("Menunggu akun %(channels)s disambungkan lagi, terputus sejak %(since)s.")),
    (True, N_("Menunggu izin akun %(channels)s dilengkapi, kurang sejak %(since)s.")),
)
"""Whether a permission is missing, and what is said then."""
_OUTSIDE = (
    ((D.PUBLISHING, D.ACCEPTED), N_("Revisi lama sedang diterbitkan di %(channels)s.")),
    (
        (D.UNKNOWN,),
        N_("Revisi lama belum pasti terbit di %(channels)s. Kami sedang memeriksa, jangan unggah ulang."),
    ),
    ((D.SENT,), N_("Yang sudah terbit tetap tampil di %(channels)s.")),
)


NO_STOP = Stop()


def about(
    post: Post, deliveries: Sequence[Delivery], at: At, stop: Stop = NO_STOP, hold: Hold | None = None
) -> list[Said]:
    """What a member wants to know about the post. `deliveries`: the newest one of each account."""
    there = [delivery for delivery in deliveries if delivery.gone_at is None]
    standing = [delivery for delivery in there if delivery.state != D.CANCELLED]
    return [
        *_now(post, standing, at, stop, hold, all_gone=bool(deliveries) and not there),
        *_taken_down(deliveries, at, stop),
    ]


def _now(
    post: Post, standing: Sequence[Delivery], at: At, stop: Stop, hold: Hold | None, *, all_gone: bool
) -> list[Said]:
    if post.state == PostState.SCHEDULED and standing:
        return _of_deliveries(standing, at, hold)
    if not all_gone and is_stopped(post, standing, stop):
        names = format_list(list(stop.names), locale=at.locale)
        return [Said(NO_CONSENT, {"names": names}), *_still_outside(standing, at)]
    if post.state == PostState.SCHEDULED and all_gone:
        return []
    return [*_of_editors(post, standing, at), *_still_outside(standing, at)]


def is_stopped(post: Post, deliveries: Sequence[Delivery], stop: Stop) -> bool:
    """Approved, and cannot be planned because consent is gone."""
    free = post.state == PostState.APPROVED or (
        post.state == PostState.SCHEDULED and all(row.state in GIVEN_UP for row in deliveries)
    )
    return bool(stop.names) and free and not any(row.gone_at for row in deliveries)


def _taken_down(deliveries: Sequence[Delivery], at: At, stop: Stop) -> list[Said]:
    to_go = [row for row in deliveries if row.id in stop.to_go]
    gone = [row for row in deliveries if row.gone_at is not None]
    said = [(to_go, TO_GO), (gone, GONE)]
    return [Said(message, {"channels": channels(rows, at.locale)}) for rows, message in said if rows]


def path_state(
    post: Post, deliveries: Sequence[Delivery], now: datetime, stop: Stop = NO_STOP, hold: Hold | None = None
) -> str:
    """The one state that stands for the post: of its deliveries once it is planned."""
    if any(row.id in stop.to_go for row in deliveries):
        return Removal.DUE
    if is_stopped(post, deliveries, stop):
        return Removal.STOPPED
    there = [delivery for delivery in deliveries if delivery.gone_at is None]
    states = {D.HELD if holds.keeps(hold, row.state) else outages.state_of(row, now) for row in there}
    if post.state == PostState.SCHEDULED and deliveries and not states:
        return Removal.DONE
    if post.state != PostState.SCHEDULED:
        return post.state
    found = next((state for state in URGENCY if state in states), None)
    return PostState.SCHEDULED if found in {None, D.WAITING} else str(found)


def channels(deliveries: Sequence[Delivery], locale: str) -> str:
    """Instagram dan SnackVideo; the account's name too where a channel comes twice."""
    kinds = [delivery.account.kind for delivery in deliveries]
    named = [
        registry.name(row.account.kind) + (f" ({row.account.handle})" if kinds.count(row.account.kind) > 1 else "")
        for row in deliveries
    ]
    return format_list(named, locale=locale)


def this_month(count: int, before: int, month_before: str) -> Said:
    """How many posts went out this month against the whole month before."""
    values = {"count": count, "month": month_before, "difference": abs(before - count)}
    if count == 0:
        return Said(N_("Belum ada unggahan terbit bulan ini."))
    if before == 0:
        return Said(N_("%(count)s unggahan terbit bulan ini."), values)
    if count < before:
        return Said(N_("%(count)s unggahan terbit bulan ini, %(difference)s lagi untuk menyamai %(month)s."), values)
    if count == before:
        return Said(N_("%(count)s unggahan terbit bulan ini, sama dengan %(month)s."), values)
    return Said(N_("%(count)s unggahan terbit bulan ini, %(difference)s lebih banyak daripada %(month)s."), values)


def _of_editors(post: Post, standing: Sequence[Delivery], at: At) -> list[Said]:
    if post.state == PostState.IN_REVIEW:
        since = _since(post.submitted_at or post.updated_at, at)
        return [Said(N_("Menunggu tinjauan sejak %(since)s."), {"since": since})]
    if post.state == PostState.CHANGES_ASKED:
        kept = post.proposed_at is not None and post.proposed_at > at.now
        return [Said(N_("Perlu revisi: 1 catatan.")), *([Said(N_("Jadwal tetap disimpan."))] if kept else [])]
    if post.state == PostState.DRAFT and any(row.state in MOVABLE for row in standing):
        return [Said(N_("Diubah setelah dijadwalkan. Kirim lagi untuk ditinjau, jadwal tetap disimpan."))]
    return [Said(_EDITORIAL[PostState(post.state)])]


def _still_outside(standing: Sequence[Delivery], at: At) -> list[Said]:
    """What an edit no longer reaches: it is public, or may become so at any moment."""
    said = []
    for states, message in _OUTSIDE:
        rows = [row for row in standing if row.state in states]
        if rows:
            said.append(Said(message, {"channels": channels(rows, at.locale)}))
    return said


def _of_deliveries(standing: Sequence[Delivery], at: At, hold: Hold | None) -> list[Said]:
    sent = [row for row in standing if row.state == D.SENT]
    if len(sent) == len(standing):
        return [_all_out(sent, at)]
    said = []
    if sent:
        values = {"count": len(sent), "total": len(standing)}
        said.append(Said(N_("Terbit di %(count)s dari %(total)s kanal."), values))
    held = [row for row in standing if holds.keeps(hold, row.state)]
    said += _of_held(held, hold, at)
    stopped = [row for row in standing if row not in held and outages.since(row, at.now)]
    moving = [row for row in standing if row not in stopped and row not in held]
    for states, message in _BY_STATE:
        rows = [row for row in moving if outages.state_of(row, at.now) in states]
        if rows:
            said.append(Said(message, {"channels": channels(rows, at.locale)}))
    said += _of_stopped(stopped, at)
    return said + _of_waiting([row for row in moving if outages.state_of(row, at.now) == D.WAITING], at, first=not said)


def _all_out(sent: Sequence[Delivery], at: At) -> Said:
    moment = max(row.sent_at or row.due_at for row in sent)
    values = {"when": words.moment(moment, at.locale), "channels": channels(sent, at.locale)}
    return Said(N_("Terbit %(when)s di %(channels)s."), values)


def _of_held(held: Sequence[Delivery], hold: Hold | None, at: At) -> list[Said]:
    if hold is None or not held:
        return []
    reason = Message(hold_lists.REASONS[hold.reason])
    said = Said(N_("Ditahan di %(channels)s: %(reason)s."), {"channels": channels(held, at.locale), "reason": reason})
    first = min(row.due_at for row in held)
    if first > at.now:
        return [said, Said(N_("Jadwalnya tetap %(when)s."), {"when": words.moment(first, at.locale)})]
    return [said, Said(N_("Jadwal %(when)s sudah lewat."), {"when": _since(first, at)})]


def _of_stopped(stopped: Sequence[Delivery], at: At) -> list[Said]:
    """Nothing is promised for them: they go out when a person has mended the account, if that is soon enough."""
    said = []
    for lacks, message in _STOPPED:
        rows = [row for row in stopped if lacks_permission(row.account) is lacks]
        if rows:
            since = min(stopped_since(row.account, at.now) or at.now for row in rows)
            said.append(Said(message, {"channels": channels(rows, at.locale), "since": _since(since, at)}))
    if stopped:
        said.append(_time_kept(stopped, at))
    return said


def _time_kept(stopped: Sequence[Delivery], at: At) -> Said:
    first = min(stopped, key=lambda row: row.due_at)
    if first.due_at > at.now:
        return Said(N_("Jadwalnya tetap %(when)s."), {"when": words.moment(first.due_at, at.locale)})
    values = {"when": _since(first.due_at, at), "until": _since(first.expires_at, at)}
    return Said(N_("Jadwal %(when)s sudah lewat; masih bisa terbit sampai %(until)s."), values)


def _of_waiting(waiting: Sequence[Delivery], at: At, *, first: bool) -> list[Said]:
    late = [row for row in waiting if row.due_at < at.now - LATE]
    now = [row for row in waiting if row not in late and row.due_at <= at.now]
    ahead = [row for row in waiting if row.due_at > at.now]
    said = []
    if late:
        message = N_("Tertunda di %(channels)s. Naskah dan jadwal tersimpan.")
        said.append(Said(message, {"channels": channels(late, at.locale)}))
    if now:
        said.append(Said(N_("Sebentar lagi terbit di %(channels)s."), {"channels": channels(now, at.locale)}))
    if ahead:
        when = words.moment(min(row.due_at for row in ahead), at.locale)
        approved, still = N_("Disetujui. Terbit %(when)s di %(channels)s."), N_("Akan terbit %(when)s di %(channels)s.")
        said.append(Said(approved if first else still, {"when": when, "channels": channels(ahead, at.locale)}))
    return said


def _since(moment: datetime, at: At) -> str:
    """19.05 of today, otherwise with its day."""
    hour = words.hour(moment, at.locale)
    if clock.to_wib(moment).date() == clock.to_wib(at.now).date():
        return hour
    return f"{words.short_day(moment, at.locale)}, {hour}"
