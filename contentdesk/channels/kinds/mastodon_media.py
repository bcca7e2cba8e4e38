"""The steps until a post of Mastodon is one call away from being public: the server's limits, then the media.

The checkpoint: `limits`, `media` (for each its id and whether the server has finished with it), `media_at`, `remade`.
"""

from copy import deepcopy
from dataclasses import asdict
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from contentdesk.channels.base import ChannelError, Checkpoint, Outgoing, Photo, Prepared, Rejected, Video
from contentdesk.channels.kinds import mastodon_limits
from contentdesk.channels.kinds.mastodon_limits import Limits
from contentdesk.channels.kinds.mastodon_server import Home
from contentdesk.channels.kinds.mastodon_text import length
from contentdesk.channels.kinds.meta_errors import Meaning, Means
from contentdesk.lib import clock
from contentdesk.lib.i18n import N_

AT_ONCE = timedelta(0)
LOOK_AGAIN = timedelta(seconds=3)
MEDIA_LIVE = timedelta(hours=12)
"""A server throws away media that no post took, after a day."""
TOO_LONG = timedelta(minutes=20)
MAX_REMADE = 2
BEING_WORKED_ON = 206

TOO_MANY_CHARS = N_("Teks %(length)s huruf, sedangkan %(handle)s menerima %(limit)s. Ringkas teksnya, lalu kirim lagi.")
TOO_MANY_FILES = N_("Ada %(count)s foto, sedangkan %(handle)s menerima %(limit)s. Kurangi fotonya, lalu kirim lagi.")
TOO_HEAVY = N_("Berkas %(size)s MB, sedangkan %(handle)s menerima %(limit)s MB. Simpan lagi drafnya, lalu kirim lagi.")
MB = 1_000_000
NOT_DIGESTED = N_("%(handle)s tidak bisa mengolah foto atau videonya. Ganti berkasnya, lalu kirim lagi.")


def prepare(home: Home, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    state = deepcopy(checkpoint)
    if "limits" not in state:
        state["limits"] = asdict(Limits(**mastodon_limits.told(home)))
        _must_fit(home, outgoing, Limits(**state["limits"]))
        return _go_on(state)
    _forget_old(state)
    files, media = _files(outgoing), state.setdefault("media", [])
    if len(media) < len(files):
        media.append(_upload(home, files[len(media)]))
        state["media_at"] = clock.now().isoformat()
        return _go_on(state)
    place = next((place for place, one in enumerate(media) if not one["done"]), None)
    return Prepared(state, ready=True) if place is None else _look(home, state, place)


def _must_fit(home: Home, outgoing: Outgoing, limits: Limits) -> None:
    chars = length(outgoing.text, limits.link_chars) + len(str(outgoing.options.get("spoiler") or ""))
    if chars > limits.chars:
        raise Rejected(TOO_MANY_CHARS, code="too_long", length=chars, limit=limits.chars, **home.words)
    if len(outgoing.photos) > limits.media:
        count = len(outgoing.photos)
        raise Rejected(TOO_MANY_FILES, code="too_many", count=count, limit=limits.media, **home.words)
    for one in _files(outgoing):
        most = limits.video_bytes if isinstance(one, Video) else limits.photo_bytes
        if most and one.size > most:
            megabytes = {"size": ceil(one.size / MB), "limit": most // MB}
            raise Rejected(TOO_HEAVY, code="too_heavy", **megabytes, **home.words)


def _files(outgoing: Outgoing) -> tuple[Photo | Video, ...]:
    return (outgoing.video,) if outgoing.video else outgoing.photos


def _forget_old(state: Checkpoint) -> None:
    at = state.get("media_at")
    if at and clock.now() - datetime.fromisoformat(at) > MEDIA_LIVE:
        state.pop("media")
        state.pop("media_at")


def _upload(home: Home, one: Photo | Video) -> dict[str, Any]:
    name, media_type = ("video.mp4", "video/mp4") if isinstance(one, Video) else ("foto.jpg", "image/jpeg")
    with one.open() as file:
        made = home.upload(file, name, media_type, one.alt_text)
    if not made.get("id"):
        raise home.failure(Meaning(Means.TRANSIENT), "no_media_id")
    return {"id": str(made["id"]), "done": bool(made.get("url"))}


def _look(home: Home, state: Checkpoint, place: int) -> Prepared:
    """Whether the server has finished with a file. One that vanished, or takes far too long, is sent again."""
    try:
        reply = home.read(f"v1/media/{state['media'][place]['id']}")
    except ChannelError as error:
        if error.code != "http_404":
            raise
        return _once_more(home, state)
    if reply.status != BEING_WORKED_ON:
        state["media"][place]["done"] = True
        return _go_on(state)
    if clock.now() - datetime.fromisoformat(state["media_at"]) > TOO_LONG:
        return _once_more(home, state)
    return Prepared(state, ready=False, again_in=LOOK_AGAIN)


def _once_more(home: Home, state: Checkpoint) -> Prepared:
    state["remade"] = state.get("remade", 0) + 1
    if state["remade"] > MAX_REMADE:
        raise Rejected(NOT_DIGESTED, code="media", **home.words)
    state.pop("media")
    return _go_on(state)


def _go_on(state: Checkpoint) -> Prepared:
    return Prepared(state, ready=False, again_in=AT_ONCE)
