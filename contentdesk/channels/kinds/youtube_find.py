"""Finds out whether an upload of unknown outcome became a video. Reads only.

The session tells, as long as it lives: whoever asks it again gets the video, and it never makes a second one. After
that the list of uploads is searched by title, description and time.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import CannotTell, Checkpoint, NotThere, Outgoing, Sent, TryLater
from contentdesk.channels.kinds import youtube_upload
from contentdesk.channels.kinds.youtube_api import DONE, Google
from contentdesk.channels.kinds.youtube_errors import GONE, UNKNOWN_OUTCOME
from contentdesk.channels.kinds.youtube_text import title, wanted_privacy
from contentdesk.lib import clock
from contentdesk.lib.i18n import N_

LISTED_AFTER = timedelta(minutes=10)
"""So long a new video may be missing from the list of uploads."""
SKEW = timedelta(seconds=5)
PAGE_SIZE = 50
MAX_PAGES = 5
LOCKED = N_(
    "YouTube mengunci video ini sebagai pribadi, jadi warga belum dapat menontonnya. "
    "Biasanya karena aplikasi kota belum diaudit. Minta pengelola mengurusnya, atau unggah lewat aplikasi."
)

Found = Sent | NotThere | CannotTell


def find(google: Google, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    if "made_at" not in checkpoint:
        return NotThere({})  # the last piece had nowhere to go
    if "session" not in checkpoint:  # its seal is lost
        return _among_uploads(google, outgoing, checkpoint, since, finished=False)
    reply = youtube_upload.probe(google, outgoing, checkpoint)
    if reply.status == 308:
        kept = {name: value for name, value in checkpoint.items() if name not in ("doubt", "still", "most")}
        return NotThere(kept | {"received": youtube_upload.received(reply)})
    if reply.status in DONE:
        sent = sent_of(reply.json(), outgoing)
        if sent is not None:
            return sent
    elif reply.status not in GONE:
        raise google.failure(reply)
    return _among_uploads(google, outgoing, checkpoint, since, finished=reply.status in DONE)


def sent_of(resource: Any, outgoing: Outgoing) -> Sent | None:
    """The video of an answer; None when it names none."""
    video_id = resource.get("id") if isinstance(resource, dict) else None
    if not isinstance(video_id, str) or not video_id:
        return None
    status = resource.get("status")
    privacy = status.get("privacyStatus") if isinstance(status, dict) else None
    return _sent(video_id, privacy, outgoing)


def _sent(video_id: str, privacy: Any, outgoing: Outgoing) -> Sent:
    locked = privacy == "private" and wanted_privacy(outgoing.options) != "private"
    return Sent(video_id, f"https://www.youtube.com/shorts/{video_id}", LOCKED if locked else "")


def _among_uploads(
    google: Google, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime, *, finished: bool
) -> Found:
    """`finished`: the session said that there is a video, but not which."""
    begun = min(since, datetime.fromisoformat(checkpoint["made_at"])) - SKEW
    alike = [item for item in _uploads(google, begun) if _plain(_snippet(item).get("title")) == _plain(title(outgoing))]
    ours = [item for item in alike if _plain(_snippet(item).get("description")) == _plain(outgoing.text)]
    if len(ours) == 1 and _id(ours[0]):
        return _sent(_id(ours[0]), _part(ours[0], "status").get("privacyStatus"), outgoing)
    if alike:
        return CannotTell()
    waited = clock.now() - since
    if waited < LISTED_AFTER:
        raise TryLater(UNKNOWN_OUTCOME, after=LISTED_AFTER - waited, code="not_listed_yet")
    return CannotTell() if finished else NotThere({})


def _uploads(google: Google, since: datetime) -> Iterator[dict[str, Any]]:
    """Since a moment, newest first."""
    items = google.get("channels", mine="true", part="contentDetails").get("items")
    channel = items[0] if isinstance(items, list) and items else {}
    playlist = _part(_part(channel, "contentDetails"), "relatedPlaylists").get("uploads")
    if not playlist:
        raise google.later("no_uploads_list")
    params = {"playlistId": str(playlist), "part": "snippet,contentDetails,status", "maxResults": str(PAGE_SIZE)}
    for _ in range(MAX_PAGES):
        body = google.get("playlistItems", **params)
        page = [item for item in body.get("items") or [] if isinstance(item, dict)]
        fresh = [item for item in page if (_at(item) or since) >= since]
        yield from fresh
        token = body.get("nextPageToken")
        if not token or not fresh:
            return
        params["pageToken"] = str(token)


def _part(item: Any, name: str) -> dict[str, Any]:
    part = item.get(name) if isinstance(item, dict) else None
    return part if isinstance(part, dict) else {}


def _snippet(item: dict[str, Any]) -> dict[str, Any]:
    return _part(item, "snippet")


def _id(item: dict[str, Any]) -> str:
    return str(_part(item, "contentDetails").get("videoId") or "")


def _at(item: dict[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(_snippet(item).get("publishedAt")))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _plain(text: Any) -> str:
    """Without what platforms change on the way: line ends, composition, space at the ends."""
    return unicodedata.normalize("NFC", str(text or "").replace("\r\n", "\n")).strip()
