"""TikTok's webhooks: `TikTok-Signature: t=<seconds>,s=<hex>`, HMAC-SHA256 with the app's secret over `t.body`."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contentdesk.channels.abilities import Event

OLDEST_S = 300
HEADER = "tiktok-signature"


def events(secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
    """None when the signature is wrong or too old. A body that says nothing we know is no event."""
    named = {name.lower(): value for name, value in headers.items()}
    if not _is_signed(secret, named.get(HEADER, ""), raw, now):
        return None
    body = _object(raw)
    account = body.get("user_openid")
    return (Event(account, _post(body)),) if isinstance(account, str) and account else ()


def _is_signed(secret: str, header: str, raw: bytes, now: datetime) -> bool:
    parts = dict(part.strip().split("=", 1) for part in header.split(",") if "=" in part)
    at, given = parts.get("t", ""), parts.get("s", "")
    if not secret or not (at.isascii() and at.isdecimal() and len(at) <= 12):
        return False
    if abs(now.timestamp() - int(at)) > OLDEST_S:
        return False
    wanted = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.encode())


def _post(body: Mapping[str, Any]) -> str | None:
    """`content` is JSON inside a text. The id is a whole number beyond 2^53, or a text."""
    content = body.get("content")
    inner = _object(content.encode()) if isinstance(content, str) else {}
    post_id = inner.get("post_id")
    return str(post_id) if isinstance(post_id, int | str) and not isinstance(post_id, bool) and post_id else None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
