"""WebSub as Google's hub plays it: a wish is taken, the address is asked, and what is confirmed ends with its lease."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any

import requests

from contentdesk.sandbox.wire import Call, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS youtube_hub (
  topic TEXT NOT NULL, callback TEXT NOT NULL, secret TEXT NOT NULL, until REAL NOT NULL,
  PRIMARY KEY (topic, callback));
"""
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
TIMEOUT_S = 10
MODES = ("subscribe", "unsubscribe")


def subscribe(call: Call) -> Reply:
    """202, whatever becomes of it: the address is asked afterwards."""
    wish = {name: call.args.get(f"hub.{name}", "") for name in ("mode", "topic", "callback", "secret", "verify_token")}
    lease = call.args.get("hub.lease_seconds", "0")
    good = wish["mode"] in MODES and re.match(r"https?://[^/]+/", wish["callback"]) and lease.isdecimal()
    if not good or not wish["topic"].startswith("http") or len(wish["secret"]) >= 200:
        return Reply("Invalid value", 400)
    most = int(call.knobs.youtube_lease_s)
    call.later.append(lambda: _ask(call.world, wish, min(int(lease) or most, most)))
    return Reply("", 202)


def _ask(world: World, wish: dict[str, str], lease: int) -> None:
    challenge = secrets.token_hex(20)
    query = {
        "hub.mode": wish["mode"],
        "hub.topic": wish["topic"],
        "hub.challenge": challenge,
        "hub.lease_seconds": str(lease),
    }
    if wish["verify_token"]:
        query["hub.verify_token"] = wish["verify_token"]
    status, text = _call("GET", wish["callback"], params=query)
    if not 200 <= status < 300 or text != challenge:
        return
    place = (wish["topic"], wish["callback"])
    with world.store.transaction():
        world.store.run("DELETE FROM youtube_hub WHERE topic = ? AND callback = ?", *place)
        if wish["mode"] == "subscribe":
            until = world.clock.now() + lease
            world.store.run("INSERT INTO youtube_hub VALUES (?, ?, ?, ?)", *place, wish["secret"], until)


def ring(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """A video of `account_id` was made or changed (`video_id`): tells who has a subscription that has not ended."""
    channel, video = str(wishes["account_id"]), str(wishes["video_id"])
    now = world.clock.now()
    rows = world.store.rows("SELECT * FROM youtube_hub WHERE topic = ? AND until > ?", TOPIC + channel, now)
    raw = _feed(channel, video, datetime.fromtimestamp(now, UTC).isoformat()).encode()
    return {"statuses": [_ring(row["callback"], row["secret"], raw) for row in rows]}


def _feed(channel: str, video: str, at: str) -> str:
    return (
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">'
        f"<title>YouTube video feed</title><updated>{at}</updated><entry><id>yt:video:{video}</id>"
        f"<yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
        f"<published>{at}</published><updated>{at}</updated></entry></feed>"
    )


def _ring(callback: str, secret: str, raw: bytes) -> int:
    headers = {"Content-Type": "application/atom+xml"}
    if secret:
        headers["X-Hub-Signature"] = "sha1=" + hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()
    return _call("POST", callback, data=raw, headers=headers)[0]


def _call(method: str, url: str, **sent: Any) -> tuple[int, str]:
    """Status and text; 0 when nobody answered."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.request(method, url, timeout=TIMEOUT_S, allow_redirects=False, **sent)
    except requests.RequestException:
        return 0, ""
    return reply.status_code, reply.text
