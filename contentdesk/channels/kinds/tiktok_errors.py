"""What TikTok's words of error mean, as a table: the word in `error.code`, and the reason of a post that failed.

An answer is a success when its word is "ok", whatever the HTTP status. The words of a message are never read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from contentdesk.channels.kinds.failing import OLD_VERSION
from contentdesk.lib.i18n import N_

OK = "ok"


class Means(StrEnum):
    LOGIN = "login"
    PERMISSION = "permission"
    LIMIT = "limit"
    """Refused for now: nothing happened."""
    CONTENT = "content"
    TRANSIENT = "transient"
    """May pass; after the irreversible call it leaves the outcome open."""
    FEW = "few"
    """Not documented: tried a few times, then a person is asked."""


CERTAIN = frozenset({Means.LOGIN, Means.PERMISSION, Means.LIMIT, Means.CONTENT})
"""After these the irreversible call certainly did nothing. Everything else is open."""

SENTENCES: Mapping[Means, str] = MappingProxyType(
    {
        Means.LOGIN: N_("Akun %(handle)s terputus. Tidak ada yang hilang. Sambungkan lagi."),
        Means.PERMISSION: N_(
            "%(platform)s tidak memberi izin untuk akun %(handle)s. Periksa peran Anda di sana, lalu sambungkan lagi. "
            "Bila tetap begitu, minta admin memeriksa izin aplikasi kota."
        ),
        Means.LIMIT: N_("Batas %(platform)s untuk akun %(handle)s sudah tercapai. Kami coba lagi nanti."),
        Means.CONTENT: N_("%(platform)s menolak unggahan ini. Ubah video, foto, atau teksnya, lalu kirim lagi."),
        Means.TRANSIENT: N_("%(platform)s sedang terganggu. Kami coba lagi nanti."),
        Means.FEW: N_("%(platform)s belum menerima unggahan ini. Periksa isi dan pilihannya, lalu kirim lagi."),
    }
)
UNKNOWN_OUTCOME = N_("Belum pasti terbit. Kami sedang memeriksa, jangan unggah ulang.")

WAITS: Mapping[Means, timedelta] = MappingProxyType(
    {
        Means.LIMIT: timedelta(minutes=2),
        Means.TRANSIENT: timedelta(minutes=1),
        Means.FEW: timedelta(minutes=1),
    }
)
A_DAY = timedelta(hours=24)
FULL_DAY = frozenset({"spam_risk_too_many_posts", "spam_risk_too_many_pending_share"})


@dataclass(frozen=True)
class Meaning:
    means: Means
    sentence: str = ""
    wait: timedelta | None = None

    @property
    def words(self) -> str:
        return self.sentence or SENTENCES[self.means]

    @property
    def after(self) -> timedelta:
        return self.wait or WAITS.get(self.means, timedelta(minutes=1))


TRANSIENT = Meaning(Means.TRANSIENT)
UNDOCUMENTED = Meaning(Means.FEW)
TOO_MANY_POSTS = Meaning(
    Means.LIMIT, N_("%(platform)s tidak menerima unggahan lagi dari akun %(handle)s hari ini. Coba lagi besok."), A_DAY
)
BANNED = N_("%(platform)s melarang akun %(handle)s mengunggah. Buka aplikasinya dan ikuti petunjuk di sana.")
UNAUDITED = N_(
    "%(platform)s belum mengaudit aplikasi kota, jadi unggahan umum ditolak. Pilih cara kotak masuk untuk unggahan "
    "ini, atau tunggu auditnya selesai."
)
PRIVACY = N_(
    "Pilihan siapa yang dapat melihat tidak lagi ditawarkan %(platform)s untuk akun %(handle)s. Naskah tersimpan. "
    "Pilih lagi, lalu kirim untuk ditinjau."
)
SPAM = N_("%(platform)s menganggap unggahan ini spam. Ubah teks dan isinya, lalu kirim lagi.")
_LOGIN = Meaning(Means.LOGIN)
_CONTENT = Meaning(Means.CONTENT)
_SCOPE = Meaning(
    Means.PERMISSION,
    N_(
        "Izin %(platform)s untuk akun %(handle)s kurang. Yang diperlukan: melihat akun, dan mengunggah ke kotak masuk "
        "atau menerbitkan langsung. Sambungkan lagi, lalu setujui semua yang diminta."
    ),
)

WORDS: Mapping[str, Meaning] = MappingProxyType(
    {
        "access_token_invalid": _LOGIN,
        "scope_not_authorized": _SCOPE,
        "scope_permission_missed": _SCOPE,
        # Of this post only: the app's inbox stays open, so the account must not wait for a person.
        "unaudited_client_can_only_post_to_private_accounts": Meaning(Means.CONTENT, UNAUDITED),
        "reached_active_user_cap": Meaning(
            Means.LIMIT,
            N_(
                "Terlalu banyak akun memakai aplikasi kota di %(platform)s hari ini. "
                "Pilih cara kotak masuk, atau coba lagi besok."
            ),
            A_DAY,
        ),
        "url_ownership_unverified": Meaning(
            Means.PERMISSION,
            N_("%(platform)s belum mengenal alamat layanan ini, jadi foto tidak diambil. Minta admin mendaftarkannya."),
        ),
        "app_version_check_failed": Meaning(
            Means.PERMISSION,
            N_("Aplikasi %(platform)s di ponsel akun %(handle)s terlalu lama. Perbarui dulu, lalu sambungkan lagi."),
        ),
        "spam_risk_user_banned_from_posting": Meaning(Means.PERMISSION, BANNED),
        "privacy_level_option_mismatch": Meaning(Means.CONTENT, PRIVACY),
        "invalid_param": _CONTENT,
        "invalid_params": _CONTENT,
        "invalid_file_upload": _CONTENT,
        "spam_risk_text": Meaning(Means.CONTENT, SPAM),
        "spam_risk": Meaning(Means.CONTENT, SPAM),
        "rate_limit_exceeded": Meaning(Means.LIMIT),
        "spam_risk_too_many_posts": TOO_MANY_POSTS,
        "spam_risk_too_many_pending_share": Meaning(
            Means.LIMIT,
            N_("Kotak masuk %(platform)s akun %(handle)s penuh. Selesaikan dulu unggahan yang menunggu di sana."),
            timedelta(hours=1),
        ),
        "internal_error": TRANSIENT,
    }
)

GONE = frozenset({404, 410})
"""Of a path that is not there, the words vary."""
UNKNOWN_UPLOAD = frozenset({"invalid_publish_id", "token_not_authorized_for_specified_publish_id"})
"""The platform does not know the upload, or not as one of this account."""


def meaning(word: str, status: int) -> Meaning:
    """The word first; without a known one, what the HTTP status alone says."""
    if word in WORDS:
        return WORDS[word]
    if status in GONE and word and word not in UNKNOWN_UPLOAD:  # without a word something on the way answers
        return Meaning(Means.PERMISSION, OLD_VERSION)
    if status == 401:
        return _LOGIN
    if status == 429:
        return Meaning(Means.LIMIT)
    return TRANSIENT if status >= 500 or not word else UNDOCUMENTED


def settles(word: str, status: int) -> bool:
    """Whether this answer to the irreversible call certainly means that nothing was published."""
    if status >= 500:
        return False
    if word:
        return word in WORDS and WORDS[word].means in CERTAIN
    return status in {401, 429}


class After(StrEnum):
    """What becomes of a post that the platform took and then dropped; nothing of it is public."""

    REJECT = "reject"
    AGAIN = "again"
    """Once more from the beginning, a few times."""
    WAIT = "wait"


@dataclass(frozen=True)
class Failed:
    after: After
    sentence: str = SENTENCES[Means.CONTENT]


_AGAIN = Failed(After.AGAIN, SENTENCES[Means.FEW])
REASONS: Mapping[str, Failed] = MappingProxyType(
    {
        "file_format_check_failed": Failed(
            After.REJECT, N_("%(platform)s tidak bisa membaca berkasnya. Unggah video MP4 atau foto JPEG yang lain.")
        ),
        "duration_check_failed": Failed(
            After.REJECT, N_("%(platform)s menolak panjang video ini. Potong videonya, lalu kirim lagi.")
        ),
        "frame_rate_check_failed": Failed(
            After.REJECT, N_("%(platform)s menolak: gambar per detik videonya tidak pas. Pakai 23 sampai 60.")
        ),
        "picture_size_check_failed": Failed(
            After.REJECT, N_("%(platform)s menolak ukuran gambarnya. Pakai foto atau video sampai 1080p.")
        ),
        "internal": _AGAIN,
        "auth_removed": _AGAIN,  # the next call says that the login is over
        "video_pull_failed": Failed(
            After.AGAIN, N_("%(platform)s tidak bisa mengambil berkas dari layanan ini. Minta admin memeriksanya.")
        ),
        "photo_pull_failed": Failed(
            After.AGAIN, N_("%(platform)s tidak bisa mengambil foto dari layanan ini. Minta admin memeriksanya.")
        ),
        "publish_cancelled": Failed(After.REJECT, N_("Unggahan dibatalkan di %(platform)s. Naskah tersimpan.")),
        "spam_risk_too_many_posts": Failed(After.WAIT, TOO_MANY_POSTS.sentence),
        "spam_risk_user_banned_from_posting": Failed(After.REJECT, BANNED),
        "spam_risk_text": Failed(After.REJECT, SPAM),
        "spam_risk": Failed(After.REJECT, SPAM),
    }
)


def reason(word: str) -> Failed:
    """A reason nobody documented is tried once more, then a person is asked."""
    return REASONS.get(word, _AGAIN)
