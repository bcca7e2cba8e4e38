"""The resumable upload. A video exists with its last byte, so all bytes but the last piece go up beforehand.

The checkpoint: `session` (address of the upload), `made_at`, `received` (bytes that the platform has), counters that
bound the repeats. `doubt` says that the session answers with a finished video; then `publish` makes no call and
`find` is asked. A piece that is sent twice lands in the same place.
"""

import re
from copy import deepcopy
from datetime import timedelta

from contentdesk.channels.base import (
    Checkpoint,
    OutcomeUnknown,
    Outgoing,
    Prepared,
    Rejected,
    Video,
)
from contentdesk.channels.kinds.youtube_api import DONE, Google
from contentdesk.channels.kinds.youtube_errors import GONE, SENTENCES, UNKNOWN_OUTCOME, Means, meaning, reason_of
from contentdesk.channels.kinds.youtube_text import resource
from contentdesk.lib import clock
from contentdesk.lib.http import Reply
from contentdesk.lib.i18n import N_

PIECE = 16 * 256 * 1024
"""Whole pieces have to be multiples of 256 KiB. Four MiB pass within a lease on a slow line too."""
SECRET = frozenset({"session"})
"""Whoever has the address may fill the session."""
MAX_REMADE = 3
AT_ONCE = timedelta(0)
NO_VIDEO = N_("Belum ada video. Tambahkan satu video, lalu kirim lagi.")
_RANGE = re.compile(r"bytes=0-(\d+)")


def prepare(google: Google, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    """One step further: a session, or a piece of the video."""
    state = deepcopy(checkpoint)
    video = video_of(outgoing)
    if state.get("doubt"):
        return Prepared(state, ready=True)
    if "session" not in state:
        state |= {"session": google.begin(resource(outgoing), video.size), "received": 0}
        state["made_at"] = clock.now().isoformat()
    elif state["received"] < last_piece(video.size):
        _send_piece(google, video, state)
    ready = "session" in state and (bool(state.get("doubt")) or state["received"] >= last_piece(video.size))
    return Prepared(state, ready=ready, again_in=AT_ONCE)


def video_of(outgoing: Outgoing) -> Video:
    if outgoing.video is None or outgoing.video.size <= 0:
        raise Rejected(NO_VIDEO, code="no_video")
    return outgoing.video


def last_piece(size: int) -> int:
    """Where the piece begins that makes the video; at least a byte is left for it."""
    return (size - 1) // PIECE * PIECE


def _send_piece(google: Google, video: Video, state: Checkpoint) -> None:
    first = state["received"]
    body = read(video, first, min(first + PIECE, last_piece(video.size)))
    take(google, google.put(state["session"], f"bytes {first}-{first + len(body) - 1}/{video.size}", body), state)


def take(google: Google, reply: Reply, state: Checkpoint) -> None:
    """What the platform has now, which may be less than was sent. A session that is gone begins anew."""
    if reply.status == 308:
        state["received"] = received(reply)
        _count_standstill(google, state)
    elif reply.status in DONE:
        state["doubt"] = True
    elif reply.status in GONE or (reply.status == 400 and not _reason_known(reply)):
        _begin_anew(google, reply, state)
    else:
        raise google.failure(reply)


def _reason_known(reply: Reply) -> bool:
    return meaning(reply.status, reason_of(reply.json())) is not None


def _count_standstill(google: Google, state: Checkpoint) -> None:
    """A platform that never keeps anything is not asked for ever."""
    if state["received"] > state.get("most", 0):
        state["most"], state["still"] = state["received"], 0
        return
    state["still"] = state.get("still", 0) + 1
    if state["still"] > MAX_REMADE:
        raise google.later("standstill")


def _begin_anew(google: Google, reply: Reply, state: Checkpoint) -> None:
    remade = state.get("remade", 0) + 1
    if remade > MAX_REMADE:
        raise Rejected(SENTENCES[Means.CONTENT], code=f"session_{reply.status}", **google.words)
    state.clear()
    state["remade"] = remade


def publish(google: Google, outgoing: Outgoing, checkpoint: Checkpoint) -> Reply:
    """The last piece, with which the upload becomes a video."""
    video = video_of(outgoing)
    if checkpoint.get("doubt"):
        raise OutcomeUnknown(UNKNOWN_OUTCOME, code="doubt")
    if "session" not in checkpoint or checkpoint["received"] < last_piece(video.size):
        raise google.later("not_uploaded", timedelta(seconds=15))
    first = checkpoint["received"] if checkpoint["received"] < video.size else last_piece(video.size)
    body = read(video, first, video.size)
    return google.put_once(checkpoint["session"], f"bytes {first}-{video.size - 1}/{video.size}", body)


def probe(google: Google, outgoing: Outgoing, checkpoint: Checkpoint) -> Reply:
    """Asks the session what it has."""
    return google.put(checkpoint["session"], f"bytes */{video_of(outgoing).size}")


def received(reply: Reply) -> int:
    """Bytes that are there; none without the header."""
    header = {name.lower(): value for name, value in reply.headers.items()}.get("range", "")
    found = _RANGE.fullmatch(header)
    return int(found[1]) + 1 if found else 0


def read(video: Video, first: int, end: int) -> bytes:
    with video.open() as file:
        file.seek(first)
        return file.read(end - first)
