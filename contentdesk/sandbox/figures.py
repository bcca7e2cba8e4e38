"""Figures that grow with time and always come out the same from the same seed."""

import hashlib
import json
import sqlite3

from contentdesk.sandbox.settings import Knobs
from contentdesk.sandbox.store import Store

# Share of the reach, from least to most.
SHARES = {
    "likes": (0.03, 0.12),
    "comments": (0.002, 0.012),
    "saved": (0.004, 0.03),
    "shares": (0.003, 0.025),
    "reposts": (0.0, 0.006),
    "follows": (0.0, 0.006),
    "profile_visits": (0.01, 0.04),
    "profile_activity": (0.001, 0.01),
    "replies": (0.0, 0.008),
    "navigation": (0.5, 1.6),
}
INTERACTIONS = ("likes", "comments", "saved", "shares", "reposts")


def chance(seed: int, *words: object) -> float:
    """0 <= x < 1, the same for the same words."""
    digest = hashlib.sha256(":".join(map(str, (seed, *words))).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def grown(age_s: float, half_s: float) -> float:
    """0 at birth, half after `half_s`, near 1 in the end; never falls."""
    if age_s <= 0:
        return 0.0
    return age_s / (age_s + half_s) if half_s else 1.0


def final(knobs: Knobs, post_id: str, followers: int) -> dict[str, float]:
    def between(name: str, low: float, high: float) -> float:
        return low + (high - low) * chance(knobs.seed, post_id, name)

    reach = 20 + followers * between("reach", 0.25, 0.9)
    figures = {name: reach * between(name, *share) for name, share in SHARES.items()}
    return figures | {"reach": reach, "views": reach * between("views", 1.1, 1.7)}


def of_post(store: Store, knobs: Knobs, post: sqlite3.Row, now: float) -> dict[str, int]:
    """What stands there now. Figures set by the admin win."""
    share = grown(now - post["created_at"], knobs.growth_half_s)
    followers = store.number("SELECT followers FROM accounts WHERE id = ?", post["account_id"])
    figures = {name: int(value * share) for name, value in final(knobs, post["id"], followers).items()}
    figures["comments"] += store.number("SELECT count(*) FROM comments WHERE post_id = ?", post["id"])
    figures |= json.loads(post["figures"])
    figures.setdefault("total_interactions", sum(figures[name] for name in INTERACTIONS))
    return figures


def followers_now(knobs: Knobs, account: sqlite3.Row, now: float) -> int:
    """Each follower account gains a little each day."""
    days = max(0.0, now - account["created_at"]) / 86_400
    rate = 0.0005 + 0.002 * chance(knobs.seed, account["id"], "growth")
    return int(account["followers"] * (1 + rate * days))
