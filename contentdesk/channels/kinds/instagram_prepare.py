"""What the containers of Instagram say: photo, carousel, reel, story."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from contentdesk.channels.base import FORMAT, Outgoing, Photo, Rejected, Video
from contentdesk.channels.kinds.instagram_login import NAME
from contentdesk.channels.kinds.meta_containers import VIDEO_PATIENCE, Plan, Status
from contentdesk.channels.kinds.meta_errors import meaning_of_subcode, subcode_in_status
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib.i18n import N_

FEED, REEL, STORY = "feed", "reel", "story"
COLLABORATORS, SHARE_TO_FEED, AI_GENERATED = "collaborators", "share_to_feed", "ai_generated"

NO_MEDIA = N_("%(platform)s butuh foto atau video. Tambahkan dulu, lalu kirim lagi.")
NO_VIDEO = N_("Reel di %(platform)s butuh video. Tambahkan video, atau pilih bentuk lain.")
NOT_WITH_OPTIONS = N_(
    "%(platform)s menolak unggahan ini bersama kolaborator. Periksa nama akun kolaborator atau kosongkan, "
    "lalu kirim lagi."
)
OPTION_REFUSALS = frozenset({"100/0"})
"""A field that is not taken has no subcode of its own; seen for collaborators of a carousel."""


def format_key(outgoing: Outgoing) -> str:
    """A video that is no story can only be a reel here."""
    chosen = outgoing.options.get(FORMAT)
    if chosen in (STORY, REEL):
        return str(chosen)
    return REEL if outgoing.video else FEED


class InstagramSpeech:
    edge = "media"
    limits = "content_publishing_limit"

    def plan(self, outgoing: Outgoing) -> Plan:
        if not outgoing.photos and not outgoing.video:
            raise Rejected(NO_MEDIA, code="no_media", platform=NAME)
        return _PLANS[format_key(outgoing)](outgoing)

    def status(self, graph: Graph, container: str) -> Status:
        body = graph.get(container, fields="status_code,status")
        subcode = subcode_in_status(str(body.get("status", "")))
        return Status(str(body.get("status_code", "")), str(subcode), meaning_of_subcode(subcode))

    def refused(self, error: Rejected, outgoing: Outgoing) -> Rejected:
        if error.code in OPTION_REFUSALS and outgoing.options.get(COLLABORATORS):
            return Rejected(NOT_WITH_OPTIONS, code=error.code, platform=NAME)
        return error


def _story(outgoing: Outgoing) -> Plan:
    """It shows neither a text nor an alternative text."""
    if outgoing.video:
        return Plan({"media_type": "STORIES"} | _film(outgoing.video) | _label(outgoing), patience=VIDEO_PATIENCE)
    return Plan({"media_type": "STORIES", "image_url": outgoing.photos[0].url} | _label(outgoing))


def _reel(outgoing: Outgoing) -> Plan:
    if outgoing.video is None:
        raise Rejected(NO_VIDEO, code="no_video", platform=NAME)
    shared = "true" if outgoing.options.get(SHARE_TO_FEED, True) else "false"
    fields = {"media_type": "REELS", "share_to_feed": shared, **_film(outgoing.video)}
    return Plan(fields | _said(outgoing), patience=VIDEO_PATIENCE)


def _feed(outgoing: Outgoing) -> Plan:
    if len(outgoing.photos) == 1:
        return Plan(_picture(outgoing.photos[0]) | _said(outgoing))
    children = tuple(_picture(photo) | {"is_carousel_item": "true"} for photo in outgoing.photos)
    return Plan({"media_type": "CAROUSEL"} | _said(outgoing), children)


_PLANS = MappingProxyType({FEED: _feed, REEL: _reel, STORY: _story})


def _picture(photo: Photo) -> dict[str, str]:
    fields = {"image_url": photo.url}
    return fields | {"alt_text": photo.alt_text} if photo.alt_text else fields


def _film(video: Video) -> dict[str, str]:
    return {"video_url": video.url}


def _said(outgoing: Outgoing) -> dict[str, str]:
    """What goes with the post as a whole, never with a part of a carousel."""
    names = collaborators(outgoing.options)
    invited = {"collaborators": json.dumps(names)} if names else {}
    return {"caption": outgoing.text} | invited | _label(outgoing)


def _label(outgoing: Outgoing) -> dict[str, str]:
    return {"is_ai_generated": "true"} if outgoing.options.get(AI_GENERATED) else {}


def collaborators(options: Mapping[str, object]) -> list[str]:
    """Account names without the sign."""
    names = options.get(COLLABORATORS)
    return [str(name).strip().lstrip("@") for name in names if str(name).strip(" @")] if isinstance(names, list) else []
