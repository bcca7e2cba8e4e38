"""What the reasons of the Data API mean, as a table of words; the texts beside them are never read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from contentdesk.channels.kinds.failing import OLD_VERSION
from contentdesk.lib.i18n import N_

PACIFIC = ZoneInfo("America/Los_Angeles")


class Means(StrEnum):
    LOGIN = "login"
    PERMISSION = "permission"
    LIMIT = "limit"
    DAY = "day"
    """Until midnight in California, when the day's quota of the app begins anew."""
    TRANSIENT = "transient"
    CONTENT = "content"


CERTAIN = frozenset({Means.LOGIN, Means.PERMISSION, Means.LIMIT, Means.DAY, Means.CONTENT})
"""After these the irreversible call certainly did nothing."""

SENTENCES: Mapping[Means, str] = MappingProxyType(
    {
        Means.LOGIN: N_("Kanal %(handle)s terputus. Tidak ada yang hilang. Sambungkan lagi."),
        Means.PERMISSION: N_(
            "%(platform)s tidak memberi izin untuk kanal %(handle)s. Periksa peran Anda di sana, lalu sambungkan lagi. "
            "Bila tetap begitu, minta admin memeriksa izin aplikasi kota."
        ),
        Means.LIMIT: N_("Batas %(platform)s untuk kanal %(handle)s sudah tercapai. Kami coba lagi nanti."),
        Means.DAY: N_("Jatah harian aplikasi kota di %(platform)s sudah habis. Kami coba lagi setelah terisi."),
        Means.TRANSIENT: N_("%(platform)s sedang terganggu. Kami coba lagi nanti."),
        Means.CONTENT: N_("%(platform)s menolak unggahan ini. Ubah judul, teks, atau videonya, lalu kirim lagi."),
    }
)
UNKNOWN_OUTCOME = N_("Belum pasti terbit. Kami sedang memeriksa, jangan unggah ulang.")


@dataclass(frozen=True)
class Meaning:
    means: Means
    sentence: str = ""
    wait: timedelta = timedelta(minutes=1)

    @property
    def words(self) -> str:
        return self.sentence or SENTENCES[self.means]


TRANSIENT = Meaning(Means.TRANSIENT)
NO_CHANNEL = N_("Akun Google ini belum punya kanal %(platform)s. Buat kanalnya dulu, lalu sambungkan lagi.")
NO_SCOPE = N_(
    "%(platform)s menolak karena izin untuk kanal %(handle)s kurang. Yang diperlukan: mengunggah video dan melihat "
    "kanal. Periksa peran Anda di sana, lalu sambungkan lagi. Bila tetap begitu, minta admin memeriksa izin aplikasi "
    "kota."
)
_CHANNEL_DAY = Meaning(
    Means.LIMIT,
    N_("Kanal %(handle)s sudah mencapai batas unggah %(platform)s hari ini. Kami coba lagi besok."),
    timedelta(hours=24),
)
_BUSY = Meaning(Means.LIMIT, wait=timedelta(minutes=5))

GONE = frozenset({404, 410})
NO_SUCH_PATH = frozenset({"notFound", "gone"})
"""What is said of a path that is not there; of a video or a list that is not there the word names it. Without a word it
is not the platform that answers, but something on the way there."""


DAY_IS_OVER = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
CHANNEL_DAY = "uploadLimitExceeded"


def _all(means: Means, *reasons: str) -> dict[str, Meaning]:
    return dict.fromkeys(reasons, Meaning(means))


TABLE: Mapping[str, Meaning] = MappingProxyType(
    {
        **_all(Means.LOGIN, "authError", "required", "expired"),
        **_all(Means.PERMISSION, "forbidden", "accountDelegationForbidden"),
        "insufficientPermissions": Meaning(Means.PERMISSION, NO_SCOPE),
        **_all(Means.PERMISSION, "authenticatedUserAccountClosed", "authenticatedUserAccountSuspended"),
        **_all(Means.PERMISSION, "authenticatedUserNotChannel", "channelClosed", "channelSuspended"),
        **_all(Means.PERMISSION, "accessNotConfigured"),
        "youtubeSignupRequired": Meaning(Means.PERMISSION, NO_CHANNEL),
        **_all(Means.DAY, *DAY_IS_OVER),
        **dict.fromkeys(TOO_FAST, _BUSY),
        CHANNEL_DAY: _CHANNEL_DAY,
        **_all(Means.TRANSIENT, "backendError", "internalError", "serviceUnavailable"),
        **_all(Means.CONTENT, "invalidTitle", "invalidDescription", "invalidTags", "invalidCategoryId"),
        **_all(Means.CONTENT, "invalidPublishAt", "invalidFilename", "invalidVideoMetadata", "mediaBodyRequired"),
        **_all(Means.CONTENT, "forbiddenPrivacySetting", "failedPrecondition"),
    }
)


def reason_of(body: Any) -> str:
    """The word of the first error, "" when there is none."""
    error = body.get("error") if isinstance(body, dict) else None
    entries = error.get("errors") if isinstance(error, dict) else None
    first = entries[0] if isinstance(entries, list) and entries else None
    reason = first.get("reason") if isinstance(first, dict) else None
    return reason if isinstance(reason, str) and reason.isalnum() and len(reason) < 60 else ""


def meaning(status: int, reason: str) -> Meaning | None:
    """None: a refusal that nobody documents. Not for an upload session, which ends with 404 as well."""
    if status >= 500:
        return TRANSIENT
    if reason in TABLE:
        return TABLE[reason]
    if status in GONE and reason in NO_SUCH_PATH:
        return Meaning(Means.PERMISSION, OLD_VERSION)
    return {401: Meaning(Means.LOGIN), 429: _BUSY}.get(status)


def until_new_day(now: datetime) -> timedelta:
    """How long until the quota begins anew, with a minute to spare."""
    local = now.astimezone(PACIFIC)
    tomorrow = (local + timedelta(days=1)).date()
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC)
    return midnight.astimezone(now.tzinfo) - now + timedelta(minutes=1)
