"""What the containers of Threads say: text, photo, video, carousel. And how posts read back."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from contentdesk.channels.base import Outgoing, Photo, Rejected
from contentdesk.channels.kinds.meta_containers import VIDEO_PATIENCE, Plan, Status
from contentdesk.channels.kinds.meta_errors import UNDOCUMENTED, Meaning, Means
from contentdesk.channels.kinds.meta_find import Traces
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib.i18n import N_

TOPIC, REPLIES = "topic_tag", "reply_control"
FIELDS = "id,text,permalink,timestamp,media_type"

NO_TEXT = N_("%(platform)s butuh teks. Tulis dulu, lalu kirim lagi.")
_SHAPE = Meaning(Means.CONTENT, N_("%(platform)s menolak: bentuk foto atau video tidak pas. Potong dulu."))
_LENGTH = Meaning(Means.CONTENT, N_("%(platform)s menolak: video lebih dari 5 menit. Potong dulu videonya."))
_ENCODING = Meaning(
    Means.CONTENT,
    N_("%(platform)s tidak bisa membaca videonya. Unggah lagi sebagai MP4, lalu kirim untuk ditinjau."),
)
_SOUND = Meaning(Means.CONTENT, N_("%(platform)s tidak bisa membaca suara videonya. Unggah lagi tanpa suara."))
WORDS: Mapping[str, Meaning] = MappingProxyType(
    {
        "INVALID_ASPEC_RATIO": _SHAPE,  # spelt so by the platform
        "INVALID_ASPECT_RATIO": _SHAPE,
        "INVALID_DURATION": _LENGTH,
        "INVALID_BIT_RATE": _ENCODING,
        "INVALID_FRAME_RATE": _ENCODING,
        "INVALID_AUDIO_CHANNELS": _SOUND,
        "INVALID_AUDIO_CHANNEL_LAYOUT": _SOUND,
    }
)
"""Why a container failed. What is not here (download, processing, unknown) may pass with another one."""
_WORD = re.compile(r"[A-Z_]{1,40}")


class ThreadsSpeech:
    edge = "threads"
    limits = "threads_publishing_limit"

    def plan(self, outgoing: Outgoing) -> Plan:
        said = {"text": outgoing.text} | _choices(outgoing)
        if outgoing.video:
            video = outgoing.video
            film = {"media_type": "VIDEO", "video_url": video.url} | _alt_text(video.alt_text)
            return Plan(film | said, patience=VIDEO_PATIENCE)
        if len(outgoing.photos) == 1:
            return Plan(_picture(outgoing.photos[0]) | said)
        if outgoing.photos:
            children = tuple(_picture(photo) | {"is_carousel_item": "true"} for photo in outgoing.photos)
            return Plan({"media_type": "CAROUSEL"} | said, children)
        if not outgoing.text.strip():
            raise Rejected(NO_TEXT, code="no_text", platform="Threads")
        return Plan({"media_type": "TEXT"} | said)

    def status(self, graph: Graph, container: str) -> Status:
        body = graph.get(container, fields="status,error_message")
        word = str(body.get("error_message") or "")
        code = word if _WORD.fullmatch(word) else "0"
        return Status(str(body.get("status", "")), code, WORDS.get(word, UNDOCUMENTED))

    def refused(self, error: Rejected, outgoing: Outgoing) -> Rejected:
        return error


def traces(outgoing: Outgoing) -> Traces:
    count = len(outgoing.photos)
    photos = "CAROUSEL_ALBUM" if count > 1 else "IMAGE" if count else "TEXT_POST"
    return Traces("threads", FIELDS, "text", outgoing.text, {"media_type": "VIDEO" if outgoing.video else photos})


def _choices(outgoing: Outgoing) -> dict[str, str]:
    topic = str(outgoing.options.get(TOPIC) or "").strip().lstrip("#")
    replies = str(outgoing.options.get(REPLIES) or "")
    return ({TOPIC: topic} if topic else {}) | ({REPLIES: replies} if replies else {})


def _picture(photo: Photo) -> dict[str, str]:
    return {"media_type": "IMAGE", "image_url": photo.url} | _alt_text(photo.alt_text)


def _alt_text(text: str) -> dict[str, str]:
    return {"alt_text": text} if text else {}
