"""Rings at the application as Meta does: signed over the raw bytes, in batches, and more than once if wanted."""

import hashlib
import hmac
import json
from typing import Any

import requests

from contentdesk.sandbox.wire import World

FIELDS = {"page": "feed", "instagram": "comments"}
CHALLENGE = "1158201444"
TIMEOUT_S = 10


def send(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """Posts one webhook to `url`, signed with `secret`, `times` times over; answers the statuses.

    `object` (page, instagram), and who it is about: `account_id`, `post_id`; or a whole `entry` list. `signature`
    puts another one in its place.
    """
    url, secret = str(wishes["url"]), str(wishes["secret"])
    told = str(wishes.get("object", "page"))
    entry = wishes.get("entry") or [_entry(world, told, str(wishes["account_id"]), str(wishes.get("post_id", "")))]
    # As json.dumps writes it: everything beyond ASCII as \\u, which is what Meta signs.
    raw = json.dumps({"object": told, "entry": entry}).encode()
    good = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": str(wishes.get("signature", good))}
    return {"statuses": [_post(url, raw, headers) for _ in range(int(wishes.get("times", 1)))]}


def _entry(world: World, told: str, account_id: str, post_id: str) -> dict[str, Any]:
    value = (
        {"id": "1", "text": "Buka jam berapa?", "media": {"id": post_id, "media_product_type": "FEED"}}
        if told == "instagram"
        else {"item": "comment", "verb": "add", "post_id": post_id, "message": "Buka jam berapa?"}
    )
    change = {"field": FIELDS.get(told, "feed"), "value": value}
    return {"id": account_id, "time": int(world.clock.now()), "changes": [change]}


def shake_hands(wishes: dict[str, Any]) -> dict[str, Any]:
    """Asks `url` whether it is the application's, as Meta does when a webhook is set up."""
    params = {
        "hub.mode": "subscribe",
        "hub.challenge": CHALLENGE,
        "hub.verify_token": str(wishes["verify_token"]),
    }
    with requests.Session() as session:
        session.trust_env = False
        reply = session.get(str(wishes["url"]), params=params, timeout=TIMEOUT_S, allow_redirects=False)
    return {"status": reply.status_code, "echoed": reply.text == CHALLENGE}


def _post(url: str, raw: bytes, headers: dict[str, str]) -> int:
    """0: nobody answered."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.post(url, data=raw, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException:
        return 0
    return reply.status_code
