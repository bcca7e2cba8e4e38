"""The engine's words turned into sentences, for pages."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from contentdesk.lib import clock, words
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import sentence
from contentdesk.publishing.models import Delivery, FirstComment
from contentdesk.publishing.states import CommentState

EVENTS: Mapping[str, tuple[str, str]] = {
    "planned": ("calendar-event", N_("Dijadwalkan")),
    "prepared": ("cloud-check", N_("Sudah disiapkan di platform, menunggu waktu tayang")),
    "prepared_partly": ("cloud-upload", N_("Foto diserahkan, platform masih mengolahnya")),
    "held_back": ("player-pause", N_("Waktunya tiba, tetapi belum boleh terbit")),
    "let_go": ("player-pause", N_("Tidak jadi diterbitkan karena ada yang berubah")),
    "intent": ("send", N_("Mulai diterbitkan")),
    "sent": ("circle-check", N_("Terbit")),
    "accepted": ("hourglass", N_("Diterima platform, masih diperiksa di sana")),
    "unknown": ("help-circle", N_("Jawaban platform tidak sampai. Belum pasti terbit.")),
    "not_seen": ("search", N_("Diperiksa: belum tampak. Dilihat sekali lagi sebelum dicoba lagi.")),
    "not_there": ("search", N_("Diperiksa: belum terbit. Aman dicoba lagi.")),
    "cannot_tell": ("help-circle", N_("Diperiksa: platform tidak dapat memastikan")),
    "asked": ("bell", N_("Penulis dan pemegang akun diminta memastikan")),
    "look_failed": ("refresh", N_("Pemeriksaan belum berhasil, dicoba lagi nanti")),
    "try_later": ("clock", N_("Platform sibuk, dicoba lagi nanti")),
    "deferred": ("clock", N_("Ditahan dulu: platform penuh atau terganggu. Dikirim begitu bisa.")),
    "account_stopped": ("plug-connected-x", N_("Akun terputus. Unggahan menunggu sampai akun tersambung lagi.")),
    "not_allowed": ("lock", N_("Izin akun kurang. Unggahan menunggu sampai izinnya dilengkapi.")),
    "author_told": ("bell", N_("Waktunya tiba tetapi akunnya tidak bisa dipakai. Penulis diberi tahu.")),
    "failed": ("alert-triangle", N_("Ditolak platform")),
    "expired": ("clock-off", N_("Waktu tayang terlewat")),
    "held": ("player-pause", N_("Penerbitan ditahan")),
    "released": ("player-play", N_("Dilepas lagi, jadwalnya berlaku")),
    "missed_while_held": ("clock-off", N_("Dilepas lagi, tetapi waktu tayangnya sudah lewat")),
    "worker_lost": ("refresh", N_("Mesin berhenti sebelum menerbitkan. Dilanjutkan lagi.")),
    "worker_lost_while_publishing": ("help-circle", N_("Mesin berhenti saat menerbitkan. Belum pasti terbit.")),
    "handed_over": ("hand-click", N_("Diserahkan kepada anggota untuk diunggah")),
    "in_app": ("hand-click", N_("Ada di kotak masuk aplikasi, menunggu anggota menyelesaikannya")),
    "taken": ("lock", N_("Diambil untuk dikerjakan")),
    "handed_back": ("arrow-left", N_("Dikembalikan ke daftar tugas")),
    "sent_by_hand": ("circle-check", N_("Diunggah anggota, tautan tercatat")),
    "not_again": ("circle-x", N_("Diputuskan: tidak diterbitkan lagi")),
    "cancelled": ("circle-x", N_("Jadwal dibatalkan")),
    "person_says_there": ("circle-check", N_("Dipastikan sudah terbit")),
    "taken_down": ("trash", N_("Dihapus di sana")),
    "found_gone": ("trash", N_("Diperiksa: sudah tidak ada di sana")),
    "not_taken_down": ("refresh", N_("Tanda sudah dihapus dibatalkan")),
    "comment_done": ("message-circle", N_("Komentar pertama ditulis")),
    "comment_unknown": ("help-circle", N_("Jawaban platform tidak sampai. Komentar pertama diperiksa dulu.")),
    "comment_later": ("clock", N_("Komentar pertama belum bisa ditulis, dicoba lagi nanti")),
    "comment_failed": ("alert-triangle", N_("Komentar pertama tidak jadi ditulis")),
    "crashed": ("alert-triangle", N_("Gangguan di layanan, dicoba lagi")),
    "person_says_not_out": ("search", N_("Dipastikan belum terbit")),
    "person_says_not_there": ("send", N_("Dipastikan belum terbit, diterbitkan lagi")),
}
"""What an event is called on the page, with its icon."""

COMMENTS: Mapping[CommentState, str] = {
    CommentState.DUE: N_("Komentar pertama sebentar lagi ditulis."),
    CommentState.INTENDED: N_("Komentar pertama sedang ditulis."),
    CommentState.DONE: N_("Komentar pertama sudah ditulis."),
    CommentState.FAILED: N_("Komentar pertama tidak jadi ditulis."),
}


def problem_of(delivery: Delivery) -> str:
    """What is wrong, for people; empty when nothing is."""
    if not delivery.problem:
        return ""
    return sentence(delivery.problem, delivery.problem_values)


def comment_of(comment: FirstComment | None) -> tuple[str, str] | None:
    """Tone and sentence about the first comment; None when there is to be none."""
    if comment is None:
        return None
    tone = {CommentState.DONE: "success", CommentState.FAILED: "error"}.get(CommentState(comment.state), "info")
    if comment.problem:
        return tone, sentence(comment.problem, comment.problem_values)
    return tone, str(_(COMMENTS[CommentState(comment.state)]))


def deadline(task: Delivery) -> str:
    """Until when it is useful to publish by hand: its time, and after that until it expires."""
    if task.due_at > clock.now():
        return str(_("Sekarang, paling lambat %(time)s", time=soon(task.due_at)))
    return str(_("Terlambat, masih bisa sampai %(time)s", time=soon(task.expires_at)))


def soon(moment: datetime) -> str:
    """19.05 WIB of today, otherwise with its day."""
    locale = str(get_locale() or "id")
    hour = f"{words.hour(moment, locale)}{words.NO_BREAK}WIB"
    if clock.to_wib(moment).date() == clock.today():
        return hour
    return f"{words.short_day(moment, locale)}, {hour}"


def duration(seconds: float) -> str:
    """0,2 detik, 12 detik, 3 menit, 5 jam, 2 hari: as exact as it matters."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        tenths = words.number(round(seconds, 1), str(get_locale() or "id"))
        return str(_("%(number)s detik", number=tenths))
    if seconds < 60:
        return str(ngettext("%(num)s detik", "%(num)s detik", round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return str(ngettext("%(num)s menit", "%(num)s menit", minutes))
    if minutes < 48 * 60:
        return str(ngettext("%(num)s jam", "%(num)s jam", round(minutes / 60)))
    return str(ngettext("%(num)s hari", "%(num)s hari", round(minutes / 1440)))
