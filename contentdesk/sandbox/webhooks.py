"""Rings at the application as Meta does: signed over the raw bytes, in batches, and more than once if wanted."""

import hashlib
import hmac
import json
from contextlib import suppress
from typing import Any

import requests

from contentdesk.sandbox.platforms.instagram import subscriptions
from contentdesk.sandbox.store import Outdated
from contentdesk.sandbox.wire import World

FIELDS = {"page": "feed", "instagram": "comments"}
APP_OF = {"page": "facebook", "instagram": "instagram"}
CHALLENGE = "1158201444"
TIMEOUT_S = 10
AGAIN_AFTER_S = (0, 60, 600, 3600, 4 * 3600, 12 * 3600, 19 * 3600)
"""At once, then ever more seldom, 36 hours in all; nobody documents the moments."""
GLANCE_S = 0.2


def send(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """Posts one webhook to `url`, signed with `secret`, `times` times over; answers the statuses.

    `object` (page, instagram), and who it is about: `account_id`, `post_id`; or a whole `entry` list. `signature`
    puts another one in its place. Without `url`: to where the app wants it (`keep_callback`), and only when the
    account is subscribed; no statuses otherwise. `app`: whose bell, `facebook` or `instagram`. What rings where the
    app wants it rings again until it is answered with 2xx.
    """
    told = str(wishes.get("object", "page"))
    kept = None
    if "url" not in wishes:
        kept = _callback(world, str(wishes.get("app", APP_OF[told])), told, str(wishes["account_id"]))
        if kept is None:
            return {"statuses": []}
        wishes = {**wishes, **kept}
    url, secret = str(wishes["url"]), str(wishes["secret"])
    entry = wishes.get("entry") or [_entry(world, told, str(wishes["account_id"]), str(wishes.get("post_id", "")))]
    # As json.dumps writes it: everything beyond ASCII as \\u, which is what Meta signs.
    raw = json.dumps({"object": told, "entry": entry}).encode()
    good = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": str(wishes.get("signature", good))}
    statuses = [_post(url, raw, headers) for _ in range(int(wishes.get("times", 1)))]
    for status in statuses:
        if kept and not _is_heard(status):
            _keep(world, url, raw, headers)
    return {"statuses": statuses}


def _is_heard(status: int) -> bool:
    return status in range(200, 300)


def _keep(world: World, url: str, raw: bytes, headers: dict[str, str]) -> None:
    due_at = world.clock.now() + AGAIN_AFTER_S[0]
    sql = "INSERT INTO rings (url, body, headers, tries, due_at) VALUES (?, ?, ?, 0, ?)"
    world.store.run(sql, url, raw, json.dumps(headers), due_at)


def keep_ringing(world: World) -> None:
    """Until the sandbox ends."""
    while not world.stopping.wait(GLANCE_S):
        with suppress(Outdated), world.store.until_reset():
            ring_again(world)


def ring_again(world: World) -> None:
    """What is due, byte for byte."""
    for ring in world.store.rows("SELECT * FROM rings WHERE due_at <= ? ORDER BY due_at", world.clock.now()):
        status, tries = _post(ring["url"], ring["body"], json.loads(ring["headers"])), ring["tries"] + 1
        if _is_heard(status) or tries == len(AGAIN_AFTER_S):
            world.store.run("DELETE FROM rings WHERE id = ?", ring["id"])
        else:
            due_at = ring["due_at"] + AGAIN_AFTER_S[tries]
            world.store.run("UPDATE rings SET tries = ?, due_at = ? WHERE id = ?", tries, due_at, ring["id"])


def keep_callback(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person types into an app's dashboard; kept only when the address answers as it should."""
    answer = shake_hands(wishes)
    if answer["echoed"]:
        told = str(wishes.get("object", "page"))
        values = (str(wishes.get("app", APP_OF[told])), told, str(wishes["url"]), str(wishes["secret"]))
        world.store.run("INSERT OR REPLACE INTO callbacks VALUES (?, ?, ?, ?)", *values)
    return answer


def _callback(world: World, app: str, told: str, account_id: str) -> dict[str, str] | None:
    """None when nobody asked to hear of this account there."""
    row = world.store.row("SELECT * FROM callbacks WHERE app = ? AND object = ?", app, told)
    through_page = app == "facebook" and told == "instagram"
    link = world.store.row("SELECT page_id FROM fb_links WHERE instagram_id = ?", account_id) if through_page else None
    asked = (link["page_id"] if link else "") if through_page else account_id
    if row is None or not subscriptions.has(world.store, asked):
        return None
    return {"url": row["url"], "secret": row["secret"]}


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
