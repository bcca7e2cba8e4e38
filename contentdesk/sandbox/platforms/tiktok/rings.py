"""Webhooks: signed with the moment, `content` as JSON inside a text."""

import hashlib
import hmac
import json
from typing import Any

import requests

from contentdesk.sandbox.wire import World

TIMEOUT_S = 10


def ring(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """Posts one webhook to `url`, signed with `secret`; `age_s` makes the signature old.

    What it says: `event`, `account_id`, `publish_id`, `post_id`.

    Answers the HTTP status, 0 when nobody answered.
    """
    content = {"publish_id": str(wishes.get("publish_id", "")), "publish_type": "DIRECT_PUBLISH"}
    if wishes.get("post_id"):
        content["post_id"] = wishes["post_id"]
    body = {
        "client_key": str(wishes.get("client_key", "")),
        "event": str(wishes.get("event", "post.publish.publicly_available")),
        "create_time": int(world.clock.now()),
        "user_openid": str(wishes["account_id"]),
        "content": json.dumps(content),
    }
    raw, at = json.dumps(body).encode(), int(world.clock.now() - float(wishes.get("age_s", 0)))
    sign = hmac.new(str(wishes["secret"]).encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "TikTok-Signature": f"t={at},s={sign}"}
    return {"status": _post(str(wishes["url"]), raw, headers)}


def _post(url: str, raw: bytes, headers: dict[str, str]) -> int:
    try:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.post(url, data=raw, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException:
        return 0
    return reply.status_code
