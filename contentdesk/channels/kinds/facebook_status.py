"""What a video or a reel says of itself, in phases."""

from dataclasses import dataclass
from typing import Any

from contentdesk.channels.kinds.meta_graph import Graph

DONE = frozenset({"complete", "completed"})
"""Both words are seen."""
BROKEN = frozenset({"error", "expired", "upload_failed"})
FIELDS = "status,published,permalink_url"
SITE = "https://www.facebook.com"


@dataclass(frozen=True)
class Status:
    public: bool
    broken: bool
    publishing: bool
    """The call that publishes has arrived."""
    processing: bool
    permalink: str | None


def read(graph: Graph, video_id: str) -> Status:
    """Raises ChannelError."""
    body = graph.get(video_id, fields=FIELDS)
    whole = _dict(body.get("status"))
    publishing, processing = _dict(whole.get("publishing_phase")), _dict(whole.get("processing_phase"))
    words = {str(whole.get("video_status")), str(publishing.get("publish_status"))}
    words |= {str(phase.get("status")) for phase in (publishing, processing)}
    return Status(
        public=_is_public(body, whole, publishing),
        broken=bool(words & BROKEN),
        publishing=publishing.get("status") in DONE | {"in_progress"},
        processing=processing.get("status") in DONE | {"in_progress"},
        permalink=_address(body.get("permalink_url")),
    )


def _is_public(body: dict[str, Any], whole: dict[str, Any], publishing: dict[str, Any]) -> bool:
    """Older videos say no publishing phase."""
    if not publishing:
        return whole.get("video_status") == "ready" and body.get("published") is True
    state = publishing.get("publish_status")
    return state == "published" or (state is None and publishing.get("status") in DONE)


def _address(link: Any) -> str | None:
    """A video's permalink is told without the host."""
    if not isinstance(link, str) or not link:
        return None
    return SITE + link if link.startswith("/") else link


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
