"""Finds out what became of a post: by the id of its upload, which is known before anything is public. Reads only.

Only photos whose first call lost its answer have no id. The list of the account's videos may show them, or may not:
so a match is proof, and an absence proves nothing.
"""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ChannelError,
    Checkpoint,
    ForMember,
    NotThere,
    Outgoing,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.tiktok_api import Api
from contentdesk.channels.kinds.tiktok_errors import UNKNOWN_OUTCOME, UNKNOWN_UPLOAD
from contentdesk.channels.kinds.tiktok_measure import videos
from contentdesk.channels.kinds.tiktok_options import EVERYONE, is_inbox
from contentdesk.channels.kinds.tiktok_prepare import after_failure
from contentdesk.channels.kinds.tiktok_status import COMPLETE, FAILED, IN_APP, PULLING, UPLOADING, Status, read_status
from contentdesk.lib import clock
from contentdesk.lib.i18n import N_

Found = Sent | Accepted | NotThere | CannotTell | ForMember

QUIET = timedelta(seconds=60)
"""So long after the last piece was sent its absence proves nothing: it may still be on its way inside the platform."""
LIST_QUIET = timedelta(minutes=2)
"""So long a post may be missing from the list; and what stands there alone may not stay alone."""
ID_COMES_WITHIN = timedelta(hours=24)
"""Usually a minute, sometimes hours; what has none by then is kept under the id of its upload."""
PROCESSED_WITHIN = timedelta(hours=24)
SKEW = timedelta(seconds=5)
"""How far the platform's clock may be behind ours."""
FIRST_LOOK, RAREST_LOOK = timedelta(seconds=5), timedelta(minutes=10)
MAX_PAGES, PAGE_SIZE = 5, 20
NOT_FOR_ALL = N_("Terbit, tetapi tidak untuk semua orang, jadi TikTok tidak memberi tautan dan angkanya.")
NO_ID = N_("Terbit, tetapi TikTok belum memberi tautan dan angkanya. Lihat unggahannya di aplikasi.")
FINISH_IN_APP = N_(
    "Sudah ada di kotak masuk %(platform)s akun %(handle)s. Buka pemberitahuannya di aplikasi, tempel teksnya, "
    "terbitkan, lalu kirim tautannya."
)
PERHAPS_IN_APP = N_(
    "Mungkin sudah ada di kotak masuk %(platform)s akun %(handle)s: jawabannya tidak sampai. Lihat dulu di aplikasi. "
    "Kalau tidak ada, unggah sendiri dengan teks dan foto di sini, lalu kirim tautannya."
)


def find(api: Api, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    publish_id = checkpoint.get("publish_id")
    if not publish_id:
        return _without_id(api, outgoing, checkpoint, since)
    try:
        status = read_status(api, publish_id)
    except ChannelError as error:
        if error.code in UNKNOWN_UPLOAD:
            return CannotTell()
        raise
    return _outcome(api, outgoing, checkpoint, since, status)


def _outcome(api: Api, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime, status: Status) -> Found:
    if status.word == FAILED:
        return NotThere(after_failure(checkpoint, status.reason))
    if status.word == IN_APP:
        return ForMember(checkpoint, FINISH_IN_APP, dict(api.words))
    if status.word == COMPLETE:
        return _complete(api, outgoing, checkpoint, since, status)
    if status.word not in {UPLOADING, PULLING}:
        raise api.later("unknown_status")
    if outgoing.video and "accepted_at" not in checkpoint and status.lacks_bytes(outgoing.video.size):
        return _not_there(checkpoint, since)
    if clock.now() - since > PROCESSED_WITHIN:
        return CannotTell()
    return taken(checkpoint)


def taken(checkpoint: Checkpoint) -> Accepted:
    """The platform has it. Who waits long is asked less often."""
    now = clock.now()
    accepted_at = checkpoint.get("accepted_at") or now.isoformat()
    waited = now - datetime.fromisoformat(accepted_at)
    return Accepted(checkpoint | {"accepted_at": accepted_at}, min(max(waited / 2, FIRST_LOOK), RAREST_LOOK))


def _not_there(checkpoint: Checkpoint, since: datetime) -> NotThere:
    """The last piece did not arrive: the same upload goes on with it."""
    ready_at = checkpoint.get("ready_at")
    newest = max(since, datetime.fromisoformat(ready_at)) if ready_at else since
    quiet_for = clock.now() - newest
    if quiet_for < QUIET:
        raise TryLater(UNKNOWN_OUTCOME, after=QUIET - quiet_for, code="quiet")
    return NotThere({name: value for name, value in checkpoint.items() if name != "doubt"})


def _complete(api: Api, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime, status: Status) -> Found:
    """A post for everybody gets its id when the platform has looked at it; any other never does."""
    if status.post_ids:
        return Sent(status.post_ids[0], _permalink(api, outgoing, status.post_ids[0]))
    gets_one = is_inbox(outgoing.options) or outgoing.options.get("privacy") == EVERYONE
    if not gets_one or clock.now() - since > ID_COMES_WITHIN:
        return Sent(str(checkpoint["publish_id"]), note=NO_ID if gets_one else NOT_FOR_ALL)
    return taken(checkpoint)


def _permalink(api: Api, outgoing: Outgoing, post_id: str) -> str | None:
    """Nice to have: the post is public, whatever this answers."""
    try:
        rows = videos(api, [post_id], "share_url")
    except ChannelError:
        rows = []
    told = next((row.get("share_url") for row in rows if str(row.get("id")) == post_id), None)
    if isinstance(told, str) and told.startswith("https://"):
        return told.partition("?")[0]
    kind, handle = "video" if outgoing.video else "photo", outgoing.login.handle
    return f"https://www.tiktok.com/@{handle}/{kind}/{post_id}" if handle else None


def _without_id(api: Api, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    if outgoing.video is not None:
        return NotThere(dict(checkpoint))
    if is_inbox(outgoing.options):
        return ForMember(checkpoint, PERHAPS_IN_APP, dict(api.words))
    quiet_for = clock.now() - since
    if quiet_for < LIST_QUIET:
        raise TryLater(UNKNOWN_OUTCOME, after=LIST_QUIET - quiet_for, code="quiet")
    return _in_list(api, outgoing, since)


def _in_list(api: Api, outgoing: Outgoing, since: datetime) -> Sent | CannotTell:
    """Certain only when exactly one fits, and by a text: a photo without one could be anybody's."""
    wanted = _plain(outgoing.text)
    rows = [row for row in _listed(api, since - SKEW) if _plain(_words_of(row)) == wanted and _is_photo(row)]
    if len(rows) != 1 or not wanted:
        return CannotTell()
    post_id = str(rows[0]["id"])
    return Sent(post_id, _permalink(api, outgoing, post_id))


def _listed(api: Api, since: datetime) -> Iterator[dict[str, Any]]:
    """The account's public posts since a moment, newest first."""
    body: dict[str, Any] = {"max_count": PAGE_SIZE}
    for _ in range(MAX_PAGES):
        page = api.post("video/list/", body, fields="id,title,video_description,create_time,share_url")
        rows = page.get("videos")
        fresh = [row for row in rows if _is_fresh(row, since)] if isinstance(rows, list) else []
        yield from fresh
        if not fresh or page.get("has_more") is not True or not isinstance(page.get("cursor"), int):
            return
        body["cursor"] = page["cursor"]


def _is_fresh(row: Any, since: datetime) -> bool:
    at = row.get("create_time") if isinstance(row, dict) and row.get("id") else None
    return isinstance(at, int) and datetime.fromtimestamp(at, UTC) >= since.replace(microsecond=0)


def _is_photo(row: dict[str, Any]) -> bool:
    return "/photo/" in str(row.get("share_url"))


def _words_of(row: dict[str, Any]) -> str:
    return str(row.get("video_description") or row.get("title") or "")


def _plain(text: str) -> str:
    """The text without what platforms change on the way: line ends, composition, space at the ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
