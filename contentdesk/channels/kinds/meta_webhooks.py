"""Webhooks of the Graph platforms: signed over the raw bytes with the app's secret. They only ring.

Pages tell of their feed, professional accounts of comments. A batch holds up to 1000 changes; what got no answer comes
again for 36 hours. The signature says nothing of the time, so an old one rings once more, which does no harm.
"""

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from contentdesk.channels.abilities import Event

PAGE, INSTAGRAM = "page", "instagram"
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


def events(secret: str, headers: Mapping[str, str], raw: bytes, about: str) -> Sequence[Event] | None:
    """Whom it rings for; None when the signature is wrong. `about`: PAGE or INSTAGRAM, all else is nothing to us."""
    sent = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
    good = "sha256=" + hmac.new(secret.encode(), raw, sha256).hexdigest()
    if not secret or not hmac.compare_digest(sent.encode(), good.encode()):
        return None
    try:
        body = json.loads(raw)
    except ValueError:
        return ()
    if not isinstance(body, dict) or body.get("object") != about:
        return ()
    return tuple(dict.fromkeys(_events(body)))


def _events(body: dict[str, Any]) -> Iterator[Event]:
    for entry in _rows(body.get("entry")):
        account = str(entry.get("id") or "")
        for change in _rows(entry.get("changes")):
            value = change.get("value")
            if account:
                yield Event(account, _post(value) if isinstance(value, dict) else None)


def _post(value: dict[str, Any]) -> str | None:
    """The post of a page's change, the medium of an account's."""
    media = value.get("media")
    found = value.get("post_id") or (media.get("id") if isinstance(media, dict) else None)
    return str(found) if found else None


def _rows(value: Any) -> Iterator[dict[str, Any]]:
    return (row for row in value if isinstance(row, dict)) if isinstance(value, list) else iter(())
