"""The steps until a post of Bluesky is one record away from being public.

The checkpoint: `blobs` (what is uploaded, in the order of the media), `blobs_at`, `dids` (who is mentioned), `rkey`
and `created_at`. The record's key is ours and kept before the call, so writing it again is the same post.
"""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from contentdesk.channels.base import Checkpoint, Outgoing, Photo, Prepared, Video
from contentdesk.channels.kinds.bluesky_server import Pds, did_of
from contentdesk.channels.kinds.bluesky_text import facets, mentioned, record_key
from contentdesk.lib import clock

POST = "app.bsky.feed.post"
AT_ONCE = timedelta(0)
BLOBS_LIVE = timedelta(minutes=20)
"""Servers throw away uploads that no record names, after an hour or more."""


def prepare(pds: Pds, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    """One step further: an upload, a look-up, or the key."""
    state = deepcopy(checkpoint)
    _forget_old(state)
    media, blobs = _media(outgoing), state.setdefault("blobs", [])
    if len(blobs) < len(media):
        blobs.append(_upload(pds, media[len(blobs)]))
        state.setdefault("blobs_at", clock.now().isoformat())
        return Prepared(state, ready=False, again_in=AT_ONCE)
    dids = state.setdefault("dids", {})
    unknown = next((handle for handle in mentioned(outgoing.text) if handle not in dids), None)
    if unknown:
        dids[unknown] = did_of(pds, unknown)
        return Prepared(state, ready=False, again_in=AT_ONCE)
    state.setdefault("rkey", record_key(clock.now().timestamp(), outgoing.delivery_id))
    state["created_at"] = clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return Prepared(state, ready=True)


def _media(outgoing: Outgoing) -> tuple[Photo | Video, ...]:
    return (outgoing.video,) if outgoing.video else outgoing.photos


def _forget_old(state: Checkpoint) -> None:
    at = state.get("blobs_at")
    if at and clock.now() - datetime.fromisoformat(at) > BLOBS_LIVE:
        state.pop("blobs")
        state.pop("blobs_at")


def _upload(pds: Pds, one: Photo | Video) -> dict[str, Any]:
    with one.open() as file:
        return pds.upload(file, "video/mp4" if isinstance(one, Video) else "image/jpeg")


def record(outgoing: Outgoing, state: Checkpoint) -> dict[str, Any]:
    """The same for the same checkpoint, to the byte."""
    made: dict[str, Any] = {
        "$type": POST,
        "text": outgoing.text,
        "createdAt": state["created_at"],
        "langs": ["id"],
    }
    marks = facets(outgoing.text, state.get("dids", {}))
    embed = _embed(outgoing, state.get("blobs", []))
    return made | ({"facets": marks} if marks else {}) | ({"embed": embed} if embed else {})


def _embed(outgoing: Outgoing, blobs: list[dict[str, Any]]) -> dict[str, Any]:
    if outgoing.video:
        video = outgoing.video
        return {"$type": "app.bsky.embed.video", "video": blobs[0], "alt": video.alt_text, "aspectRatio": _ratio(video)}
    images = [
        {"image": blob, "alt": photo.alt_text, "aspectRatio": _ratio(photo)}
        for blob, photo in zip(blobs, outgoing.photos, strict=True)
    ]
    return {"$type": "app.bsky.embed.images", "images": images} if images else {}


def _ratio(one: Photo | Video) -> dict[str, int]:
    return {"width": one.width, "height": one.height}
