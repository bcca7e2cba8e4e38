"""Makes everything ready for the one call that publishes. Nothing here is public.

Each step makes one call, and its checkpoint is kept before the next: one photo is taken over unpublished, or one piece
of a video is sent. The checkpoint of photos: `photos` (ids in their order), `made_at`. That of a video: `video` (its
id, which the post will have too), `uploaded`, and where the upload stands. Both: `ready_at`, `first_ready_at`, `tries`,
and what `find` counts (`absent`, `failed`). `doubt`: it was perhaps published already; then `publish` makes no call.
"""

from copy import deepcopy
from datetime import datetime, timedelta

from contentdesk.channels.base import Checkpoint, Outgoing, Prepared, Rejected, TryLater
from contentdesk.channels.kinds import facebook_upload
from contentdesk.channels.kinds.facebook_formats import is_reel, link_of
from contentdesk.channels.kinds.failing import FewTries
from contentdesk.channels.kinds.meta_errors import UNDOCUMENTED
from contentdesk.channels.kinds.meta_find import same_text
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock
from contentdesk.lib.i18n import N_

MAX_TRIES = 3
MAX_FAILED = 2
PHOTOS_KEPT = timedelta(hours=23)
"""Unpublished photos are not kept for ever; nobody documents how long."""
AT_ONCE = timedelta(0)

LINK_WITH_MEDIA = N_("Tautan hanya untuk unggahan tanpa foto dan video. Hapus tautannya, atau tulis di dalam teks.")
SAME_AGAIN = N_("Teks ini sama persis dengan unggahan terakhir di halaman. Facebook menolaknya. Ubah teksnya.")
NOT_PROCESSED = N_("Facebook tidak bisa memproses videonya. Unggah video lain, lalu kirim untuk ditinjau.")


def prepare(graph: Graph, video_graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    """One step further. `video_graph` speaks with the host that takes the pieces of videos."""
    state = deepcopy(checkpoint)
    try:
        return _step(graph, video_graph, outgoing, state)
    except FewTries as error:
        state["tries"] = state.get("tries", 0) + 1
        if state["tries"] >= MAX_TRIES:
            raise graph.given_up(error) from None
        return Prepared(state, ready=False, again_in=error.after)
    except TryLater as error:
        if state == checkpoint:
            raise
        return Prepared(state, ready=False, again_in=error.after)


def _step(graph: Graph, video_graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    if state.get("doubt"):
        return Prepared(state, ready=True)
    if link_of(outgoing) and (outgoing.photos or outgoing.video):
        raise Rejected(LINK_WITH_MEDIA, code="link_with_media")
    if outgoing.video:
        return _video_step(graph, video_graph, outgoing, state)
    if len(state.get("photos", ())) == len(outgoing.photos) and not _too_old(state):
        _look_for_the_same(graph, outgoing, state)
        return _ready(state)
    return _take_over_a_photo(graph, outgoing, state)


def _video_step(graph: Graph, video_graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    if state.get("failed", 0) >= MAX_FAILED:
        raise Rejected(NOT_PROCESSED, code="video_failed")
    if state.get("uploaded"):
        return _ready(state)
    if is_reel(outgoing):
        facebook_upload.reel_step(graph, outgoing, state)
    else:
        facebook_upload.video_step(video_graph, outgoing, state)
    return Prepared(state, ready=False, again_in=AT_ONCE)


def _too_old(state: Checkpoint) -> bool:
    """Photos of a call that may have gone out are never replaced: that they are used up protects from a second post."""
    made_at = state.get("made_at")
    if not made_at or "ready_at" in state:
        return False
    return clock.now() - datetime.fromisoformat(made_at) > PHOTOS_KEPT


def _take_over_a_photo(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    if _too_old(state):
        state["photos"] = []
    photos: list[str] = state.setdefault("photos", [])
    photo = outgoing.photos[len(photos)]
    form = {"url": photo.url, "published": "false"}
    if photo.alt_text:
        form["alt_text_custom"] = photo.alt_text
    made = graph.post(f"{outgoing.login.external_id}/photos", form).get("id")
    if not made:
        raise graph.later(UNDOCUMENTED, "no_photo_id")
    if not photos:
        state["made_at"] = clock.now().isoformat()
    photos.append(str(made))
    state.pop("tries", None)
    return Prepared(state, ready=False, again_in=AT_ONCE)


def _look_for_the_same(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> None:
    """The platform refuses the same words twice in a row (506), and says no more than that after a lost answer.

    After an earlier attempt it is rather ours; before one it is somebody else's, and a person changes the text.
    """
    if outgoing.photos:
        return
    rows = graph.get(f"{outgoing.login.external_id}/published_posts", fields="message,attachments", limit="1").get(
        "data"
    )
    newest = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    plain = not newest.get("attachments") and not link_of(outgoing)
    if not plain or not outgoing.text.strip() or not same_text(str(newest.get("message") or ""), outgoing.text):
        return
    if "ready_at" not in state:
        raise Rejected(SAME_AGAIN, code="same_again")
    state["doubt"] = True


def _ready(state: Checkpoint) -> Prepared:
    state["ready_at"] = clock.now().isoformat()
    state.setdefault("first_ready_at", state["ready_at"])
    return Prepared(state, ready=True)
