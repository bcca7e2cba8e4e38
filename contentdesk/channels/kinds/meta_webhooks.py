"""Webhooks of the Graph platforms: signed over the raw bytes with the app's secret. They only ring.

Pages tell of their feed, professional accounts of comments. A batch holds up to 1000 changes; what got no answer comes
again, byte for byte, for 36 hours. The signature has no time of its own, but each entry says when it was sent, and that
is signed: what is older than two days is refused.
"""

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from contentdesk.channels.abilities import Event

PAGE, INSTAGRAM = "page", "instagram"
OLDEST = timedelta(hours=48)
AHEAD = timedelta(hours=1)
"""Of a clock that differs. From further ahead it could be played again once its mark is forgotten."""
A_LATE_SECOND = 10**11
"""Some entries say milliseconds."""
SIGNATURE = "x-hub-signature-256"
LONGEST_CHALLENGE = 200


def verify_token(secret: str) -> str:
    """What is typed into the platform's dashboard beside the address; made from the app's secret, which stays here."""
    return hmac.new(secret.encode(), b"hub.verify_token", sha256).hexdigest()[:40]


def handshake(secret: str, query: Mapping[str, str]) -> str | None:
    """The challenge, when the platform's question carries our `verify_token`."""
    challenge = query.get("hub.challenge", "")
    asked = query.get("hub.verify_token", "")
    ours = query.get("hub.mode") == "subscribe" and hmac.compare_digest(asked.encode(), verify_token(secret).encode())
    return challenge if ours and challenge.isalnum() and len(challenge) <= LONGEST_CHALLENGE else None


def events(
    secret: str, headers: Mapping[str, str], raw: bytes, now: datetime, kinds: Mapping[str, str]
) -> Sequence[Event] | None:
    """Whom it rings for; None when the signature is wrong, or all of it is old or from the future.

    `kinds`: what it may be about (PAGE, INSTAGRAM) -> `Event.kind`; all else is nothing to us.
    """
    sent = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
    good = "sha256=" + hmac.new(secret.encode(), raw, sha256).hexdigest()
    if not secret or not hmac.compare_digest(sent.encode(), good.encode()):
        return None
    body = _object(raw)
    about, entries = body.get("object"), list(_rows(body.get("entry")))
    fresh = [entry for entry in entries if now - OLDEST < _sent_at(entry) < now + AHEAD]
    if entries and not fresh:
        return None
    if not isinstance(about, str) or about not in kinds:
        return ()
    return tuple(dict.fromkeys(_events(fresh, kinds[about])))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):  # the latter for ten thousand brackets
        return {}
    return body if isinstance(body, dict) else {}


def _sent_at(entry: dict[str, Any]) -> datetime:
    """One that does not say when it was sent counts as old: every one is documented to."""
    try:
        seconds = float(entry.get("time") or 0)
        return datetime.fromtimestamp(seconds / 1000 if seconds > A_LATE_SECOND else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _events(entries: Sequence[dict[str, Any]], kind: str) -> Iterator[Event]:
    for entry in entries:
        account = str(entry.get("id") or "")
        for change in _rows(entry.get("changes")):
            value = change.get("value")
            if account:
                yield Event(account, _post(value) if isinstance(value, dict) else None, kind)


def _post(value: dict[str, Any]) -> str | None:
    """The post of a page's change, the medium of an account's."""
    media = value.get("media")
    found = value.get("post_id") or (media.get("id") if isinstance(media, dict) else None)
    return str(found) if found else None


def _rows(value: Any) -> Iterator[dict[str, Any]]:
    return (row for row in value if isinstance(row, dict)) if isinstance(value, list) else iter(())
