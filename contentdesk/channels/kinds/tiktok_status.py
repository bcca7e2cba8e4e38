"""What became of an upload, as `status/fetch` tells it."""

from dataclasses import dataclass
from typing import Any

from contentdesk.channels.kinds.tiktok_api import Api, ids

UPLOADING, PULLING = "PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD"
IN_APP, COMPLETE, FAILED = "SEND_TO_USER_INBOX", "PUBLISH_COMPLETE", "FAILED"


@dataclass(frozen=True)
class Status:
    word: str
    reason: str = ""
    post_ids: tuple[str, ...] = ()
    """Empty until the platform has looked at a public post; a private one never has any."""
    uploaded: int | None = None
    """Bytes that arrived; None: not told."""

    def lacks_bytes(self, size: int) -> bool:
        """Whether the file certainly did not arrive as a whole, so that nothing of it can be public."""
        return self.word == UPLOADING and self.uploaded is not None and self.uploaded < size


def read_status(api: Api, publish_id: str) -> Status:
    data = api.post("post/publish/status/fetch/", {"publish_id": publish_id})
    # The platform writes it like this; the right spelling is taken too, should it ever come.
    post_ids = data.get("publicaly_available_post_id", data.get("publicly_available_post_id"))
    return Status(str(data.get("status", "")), _text(data.get("fail_reason")), ids(post_ids), _number(data))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(data: dict[str, Any]) -> int | None:
    uploaded = data.get("uploaded_bytes")
    return uploaded if isinstance(uploaded, int) and not isinstance(uploaded, bool) else None
