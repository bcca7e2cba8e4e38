"""Brings a video to TikTok up to the last piece, after which it is posted. Nothing here is public.

One call or two in a step, its checkpoint is kept before the next: `publish_id` and `upload_url` of the upload,
`made_at`, `sent` (bytes that arrived), `ready_at`; `remade` and `tries` bound the repeats. `failed` is the reason of a
post that the platform dropped. `doubt` says that it was perhaps posted already; then `publish` makes no call and `find`
is asked. An upload that is left lying does nothing and ends after an hour.

Photos are fetched by the platform from their addresses, and the call that says so is the irreversible one.
"""

import re
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import (
    ChannelError,
    Checkpoint,
    Outgoing,
    Prepared,
    Rejected,
    TryLater,
    Video,
)
from contentdesk.channels.kinds.failing import FewTries
from contentdesk.channels.kinds.tiktok_api import Api
from contentdesk.channels.kinds.tiktok_errors import (
    A_DAY,
    SENTENCES,
    UNKNOWN_UPLOAD,
    After,
    Means,
    reason,
)
from contentdesk.channels.kinds.tiktok_options import is_inbox
from contentdesk.channels.kinds.tiktok_post import CHUNK, check_account, chunk_count, video_body
from contentdesk.channels.kinds.tiktok_status import FAILED, UPLOADING, read_status
from contentdesk.lib import clock
from contentdesk.lib.http import NoAnswer, Reply

SECRET = frozenset({"upload_url"})
"""Whoever has the address may fill the upload."""
MAX_REMADE = 2
MAX_TRIES = 3
UPLOAD_LIVES = timedelta(minutes=50)
"""The address is good for an hour; the last piece has to arrive in that time."""
AT_ONCE = timedelta(0)
KEPT = frozenset({"remade", "tries"})
REFUSED_UPLOAD = frozenset({400, 403, 404})
"""Malformed, address over, unknown: of this upload nothing more will come."""

_RANGE = re.compile(r"bytes 0-(\d{1,12})/\d+")


def prepare(api: Api, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    """One step further. What was made so far is kept even when the step ends early."""
    state = deepcopy(checkpoint)
    try:
        return _step(api, outgoing, state)
    except FewTries as error:
        return _once_more(state, error)
    except TryLater as error:
        if state == checkpoint:
            raise
        return Prepared(state, ready=False, again_in=error.after)


def _once_more(state: Checkpoint, error: FewTries) -> Prepared:
    state["tries"] = state.get("tries", 0) + 1
    if state["tries"] >= MAX_TRIES:
        raise Rejected(error.sentence, code=error.code, **error.values) from None
    return Prepared(state, ready=False, again_in=error.after)


def _step(api: Api, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    if "failed" in state:
        _refuse_failed(api, state)
    if state.get("doubt"):
        return Prepared(state, ready=True)
    if outgoing.video is None:
        check_account(api, outgoing)
        return _ready(state)
    if "ready_at" in state:
        return _look_again(api, outgoing.video, state)
    if "upload_url" not in state or _is_stale(state):
        _forget(state)
        return _begin(api, outgoing, outgoing.video, state)
    return _send_next(api, outgoing.video, state)


def _refuse_failed(api: Api, state: Checkpoint) -> None:
    """What the platform dropped for good is told; what it dropped for today begins again tomorrow."""
    word = state["failed"]
    found = reason(word)
    if found.after is not After.WAIT:
        raise Rejected(found.sentence, code=word, **api.words)
    left = datetime.fromisoformat(state["failed_at"]) + A_DAY - clock.now()
    if left > timedelta(0):
        raise TryLater(found.sentence, after=left, code=word, **api.words)
    _forget(state)


def _begin(api: Api, outgoing: Outgoing, video: Video, state: Checkpoint) -> Prepared:
    check_account(api, outgoing)
    path = "post/publish/inbox/video/init/" if is_inbox(outgoing.options) else "post/publish/video/init/"
    made = api.post(path, video_body(outgoing))
    publish_id, url = made.get("publish_id"), made.get("upload_url")
    if not publish_id or not url:
        raise api.later("no_upload")
    state |= {"publish_id": str(publish_id), "upload_url": str(url), "made_at": clock.now().isoformat(), "sent": 0}
    return _ready_or_on(video, state)


def _send_next(api: Api, video: Video, state: Checkpoint) -> Prepared:
    try:
        reply = api.put(state["upload_url"], piece(video, state["sent"], CHUNK), state["sent"], video.size)
    except NoAnswer:
        raise api.later("no_answer") from None
    if reply.status == 206:
        state["sent"] += CHUNK
        return _ready_or_on(video, state)
    if reply.status == 201:
        state["doubt"] = True
        return Prepared(state, ready=True)
    if reply.status == 416:
        return _go_on_from(api, video, state, _arrived(api, reply, state))
    if reply.status in REFUSED_UPLOAD:
        return _anew(api, state, f"upload_{reply.status}")
    raise api.later(f"upload_{reply.status}")


def _arrived(api: Api, reply: Reply, state: Checkpoint) -> int | None:
    """How much the platform has, when an earlier piece arrived and its answer did not.

    The header names the last byte or the number of bytes, the documents do not say which; only one is whole pieces.
    """
    named = {name.lower(): value for name, value in reply.headers.items()}
    told = _RANGE.fullmatch(named.get("content-range", ""))
    if told is None:
        return read_status(api, state["publish_id"]).uploaded
    return int(told[1]) + (1 if int(told[1]) % CHUNK else 0)


def _go_on_from(api: Api, video: Video, state: Checkpoint, arrived: int | None) -> Prepared:
    """After the piece that arrived. All of it: in doubt. Anything else in between: from the beginning."""
    if arrived is not None and arrived >= video.size:
        state["doubt"] = True
        return Prepared(state, ready=True)
    if arrived is None or arrived % CHUNK or arrived == state["sent"] or arrived > _before_last(video):
        return _anew(api, state, "upload_416")
    state["sent"] = arrived
    return _ready_or_on(video, state)


def _look_again(api: Api, video: Video, state: Checkpoint) -> Prepared:
    """It had been ready before: the last piece was refused, or never sent."""
    try:
        status = read_status(api, state["publish_id"])
    except ChannelError as error:
        if error.code not in UNKNOWN_UPLOAD:
            raise
        state["doubt"] = True
        return Prepared(state, ready=True)
    if status.word == FAILED:
        failed = after_failure(state, status.reason)
        state.clear()
        state |= failed
        return Prepared(state, ready=False, again_in=AT_ONCE)
    if status.word != UPLOADING or not (status.uploaded is None or status.lacks_bytes(video.size)):
        state["doubt"] = True
    elif "upload_url" not in state or _is_stale(state):
        return _anew(api, state, "stale")
    return _ready(state)


def after_failure(checkpoint: Checkpoint, word: str) -> Checkpoint:
    """What to begin again with, after the platform took the post and then dropped it."""
    kept: dict[str, Any] = {name: value for name, value in checkpoint.items() if name in KEPT}
    if reason(word).after is After.AGAIN and kept.get("remade", 0) < MAX_REMADE:
        return kept | {"remade": kept.get("remade", 0) + 1}
    return kept | {"failed": word, "failed_at": clock.now().isoformat()}


def _anew(api: Api, state: Checkpoint, code: str) -> Prepared:
    state["remade"] = state.get("remade", 0) + 1
    if state["remade"] > MAX_REMADE and code != "stale":
        raise Rejected(SENTENCES[Means.FEW], code=code, **api.words)
    _forget(state)
    return Prepared(state, ready=False, again_in=AT_ONCE)


def _forget(state: Checkpoint) -> None:
    for name in set(state) - KEPT:
        state.pop(name)


def _is_stale(state: Checkpoint) -> bool:
    return clock.now() - datetime.fromisoformat(state["made_at"]) > UPLOAD_LIVES


def _before_last(video: Video) -> int:
    """Where the last piece begins."""
    return (chunk_count(video.size) - 1) * CHUNK


def _ready_or_on(video: Video, state: Checkpoint) -> Prepared:
    if state["sent"] >= _before_last(video):
        return _ready(state)
    return Prepared(state, ready=False, again_in=AT_ONCE)


def _ready(state: Checkpoint) -> Prepared:
    state["ready_at"] = clock.now().isoformat()
    return Prepared(state, ready=True)


def piece(video: Video, first: int, length: int = -1) -> bytes:
    """Bytes of the file from `first` on; the rest when no length is given."""
    with video.open() as file:
        file.seek(first)
        return file.read(length)
