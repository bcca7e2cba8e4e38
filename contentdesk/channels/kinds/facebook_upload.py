"""Sends the bytes of a video: in pieces that the platform asks for, or the rest of a reel in one go.

A piece that arrived although its answer was lost is not sent again: the platform says where it stands.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from contentdesk.channels.base import Checkpoint, Outgoing, Video
from contentdesk.channels.kinds.failing import FewTries
from contentdesk.channels.kinds.meta_errors import UNDOCUMENTED, Meaning, Means
from contentdesk.channels.kinds.meta_graph import Graph, codes
from contentdesk.lib.http import Reply
from contentdesk.lib.i18n import N_

UPLOAD_HOST = "rupload.facebook.com"
MOST_AT_ONCE = 8_000_000
"""A piece fits into a lease also on a slow line; the platform takes smaller ones than it asks for."""
NO_SESSION = frozenset({"6000/1363041", "100/33"})
"""The upload is over or was never there: it begins again, what was sent is never public."""
MOST_ANEW = 3
NOT_THE_NEXT = 1363037
NOT_SENT = Meaning(Means.FEW, N_("%(platform)s belum berhasil menerima videonya. Kirim lagi nanti."))


def video_step(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> None:
    """Begins the upload, or sends one piece."""
    video, path = _video(outgoing), f"{outgoing.login.external_id}/videos"
    if "session" not in state:
        begun = graph.post(path, {"upload_phase": "start", "file_size": str(video.size)})
        _keep_offsets(graph, state, begun)
        state["video"], state["session"] = _word(graph, begun, "video_id"), _word(graph, begun, "upload_session_id")
        return
    try:
        moved = _send_piece(graph, path, video, state)
    except FewTries as error:
        if error.code not in NO_SESSION:
            raise
        _begin_anew(state, error)
        return
    _keep_offsets(graph, state, moved)
    state["uploaded"] = int(state["at"]) >= video.size
    state.pop("tries", None)


def _send_piece(graph: Graph, path: str, video: Video, state: Checkpoint) -> dict[str, Any]:
    start = int(state["at"])
    with video.open() as file:
        file.seek(start)
        piece = file.read(max(1, min(int(state["until"]) - start, MOST_AT_ONCE)))
    form = {"upload_phase": "transfer", "upload_session_id": str(state["session"]), "start_offset": str(start)}
    part = {"video_file_chunk": ("video.mp4", piece, "application/octet-stream")}
    reply = graph.reply_to(path, form, part)
    return _right_place(reply) or graph.read(reply)


def _right_place(reply: Reply) -> dict[str, Any]:
    """Where the platform stands, when it says that the piece was not the next one; else nothing."""
    body = reply.json()
    told = body["error"].get("error_data") if codes(body)[1] == NOT_THE_NEXT else None
    return told if isinstance(told, dict) and "start_offset" in told else {}


def _keep_offsets(graph: Graph, state: Checkpoint, told: dict[str, Any]) -> None:
    """Where the platform wants the next piece to begin and to end."""
    offsets = [str(told.get(name, "")) for name in ("start_offset", "end_offset")]
    if not all(re.fullmatch(r"[0-9]{1,15}", offset) for offset in offsets):
        raise graph.later(UNDOCUMENTED, "no_offset")
    state["at"], state["until"] = (int(offset) for offset in offsets)


def reel_step(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> None:
    """Begins the upload, or sends what is still missing."""
    if "upload_url" not in state:
        begun = graph.post(f"{outgoing.login.external_id}/video_reels", {"upload_phase": "start"})
        state["video"], state["upload_url"] = _word(graph, begun, "video_id"), _upload_url(graph, begun)
        return
    video = _video(outgoing)
    try:
        there = arrived(graph, str(state["video"]))
    except FewTries as error:
        if error.code not in NO_SESSION:
            raise
        _begin_anew(state, error)
        return
    if there > int(state.get("at", 0)):
        state["at"] = there
        state.pop("tries", None)
    if there < video.size:
        _pour(graph, video, str(state["upload_url"]), there)
    state["uploaded"] = True
    state.pop("tries", None)


def _pour(graph: Graph, video: Video, url: str, there: int) -> None:
    with video.open() as file:
        file.seek(there)
        reply = graph.upload(url, file, {"offset": str(there), "file_size": str(video.size)})
    body = reply.json()
    if reply.status == 200 and isinstance(body, dict) and body.get("success") is True:
        return
    if codes(body) != (0, 0) or reply.status in (401, 429):
        graph.read(reply)
    raise graph.later(NOT_SENT, _problem(body, reply.status))


def _problem(body: Any, status: int) -> str:
    """The word for what went wrong on the upload host (`OffsetInvalidError`), for the timeline."""
    info = body.get("debug_info") if isinstance(body, dict) else None
    word = str(info.get("type", "")) if isinstance(info, dict) else ""
    return word if re.fullmatch(r"[A-Za-z]{1,40}", word) else f"http_{status}"


def arrived(graph: Graph, video_id: str) -> int:
    """How many bytes of a reel the platform has. The odd spelling is the platform's."""
    status = graph.get(video_id, fields="status").get("status")
    phase = status.get("uploading_phase") if isinstance(status, dict) else None
    sent = phase.get("bytes_transfered", phase.get("bytes_transferred")) if isinstance(phase, dict) else 0
    try:
        return int(sent or 0)
    except (TypeError, ValueError):
        return 0


def _begin_anew(state: Checkpoint, error: FewTries) -> None:
    state["begun_anew"] = state.get("begun_anew", 0) + 1
    if state["begun_anew"] > MOST_ANEW:
        raise error
    for name in ("video", "session", "upload_url", "at", "until"):
        state.pop(name, None)


def _upload_url(graph: Graph, body: dict[str, Any]) -> str:
    """The token goes there, so it must be the platform's own host."""
    url = _word(graph, body, "upload_url")
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.netloc != UPLOAD_HOST:
        raise graph.later(UNDOCUMENTED, "upload_host")
    return url


def _word(graph: Graph, body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not value:
        raise graph.later(UNDOCUMENTED, f"no_{name}")
    return str(value)


def _video(outgoing: Outgoing) -> Video:
    assert outgoing.video is not None
    return outgoing.video
