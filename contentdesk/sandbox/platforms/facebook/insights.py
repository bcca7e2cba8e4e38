"""Insights of posts, reels and pages: late, all or nothing, and silent where nothing is known."""

import sqlite3
from datetime import UTC, datetime

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.facebook import auth, posts
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.feed import moment
from contentdesk.sandbox.wire import Call, Reply

POST = {
    "post_media_view": "views",
    "post_total_media_view_unique": "reach",
    "post_clicks": "profile_visits",
    "post_reactions_by_type_total": "likes",
    "post_reactions_like_total": "likes",
    "post_activity_by_action_type": "shares",
}
REEL = {
    "fb_reels_total_plays": "views",
    "blue_reels_play_count": "views",
    "post_total_media_view_unique": "reach",
    "post_video_likes_by_reaction_type": "likes",
    "post_video_social_actions": "shares",
}
BY_TYPE = {"post_reactions_by_type_total": "like", "post_video_likes_by_reaction_type": "REACTION_LIKE"}
PAGE = {
    "page_media_view": 1.6,
    "page_total_media_view_unique": 0.35,
    "page_post_engagements": 0.05,
    "page_follows": 1.0,
    "page_daily_follows": 0.002,
    "page_daily_follows_unique": 0.002,
    "page_views_total": 0.03,
}
FIRST_VERSION = 23
MOST_DAYS = 90
FEWEST_FOLLOWERS = 100
NEED = ("read_insights", "ANALYZE")


def read(call: Call, node: str) -> Reply:
    page = auth.own_page(call, "me", *NEED)
    if node in ("me", page["id"]):
        return _page(call, page)
    post = posts.find(call, page["id"], node) if "_" in node else None
    if post is None or post["product"] == "REELS":
        raise refuse(call, 100, 33)
    return _entries(call, post, POST)


def of_video(call: Call, node: str) -> Reply:
    """`/{video}/video_insights`: where the figures of a reel stand."""
    page = auth.own_page(call, "me", *NEED)
    post = posts.find(call, page["id"], node)
    if post is None or post["media_type"] not in ("reel", "video"):
        raise refuse(call, 100, 33)
    return _entries(call, post, REEL)


def _metrics(call: Call, known: dict[str, str] | dict[str, float]) -> list[str]:
    """One unknown name fails the whole call, and so does a version that does not know the newer names."""
    asked = [name.strip() for name in call.args.get("metric", "").split(",")]
    version = int(call.path.lstrip("/v").partition(".")[0])
    if not set(asked) <= set(known) or version < FIRST_VERSION:
        raise refuse(call, 100, message="The value must be a valid insights metric")
    return asked


def _entries(call: Call, post: sqlite3.Row, known: dict[str, str]) -> Reply:
    asked = _metrics(call, known)
    if call.now - post["created_at"] < call.knobs.insights_delay_s:
        return Reply({"data": []})
    now = figures.of_post(call.store, call.knobs, post, call.now)
    data = [
        {
            "name": name,
            "period": "lifetime",
            "values": [{"value": _value(call, name, now[known[name]])}],
            "title": name.replace("_", " ").capitalize(),
            "id": f"{post['id']}/insights/{name}/lifetime",
        }
        for name in asked
    ]
    return Reply({"data": data})


def _value(call: Call, name: str, value: int) -> object:
    """A few come by kind; views do so when the platform feels like it."""
    if name in BY_TYPE:
        return {BY_TYPE[name]: value} if value else {}
    if name in ("post_activity_by_action_type", "post_video_social_actions"):
        return {"share" if name.startswith("post_activity") else "SHARE": value} if value else {}
    if name == "post_media_view" and call.knobs.views_broken_down:
        return {"is_from_ads": value // 4, "is_from_followers": value - value // 4}
    return value


def _page(call: Call, page: sqlite3.Row) -> Reply:
    asked = _metrics(call, PAGE)
    if call.args.get("period", "day") != "day":
        raise refuse(call, 100, message="period must be day.")
    end = moment(call, "until") or call.now
    start = moment(call, "since") or end - 2 * auth.DAY
    if end - start > MOST_DAYS * auth.DAY:
        raise refuse(call, 100, message="There cannot be more than 90 days between since and until")
    if page["followers"] < FEWEST_FOLLOWERS:
        return Reply({"data": []})
    days = [start + auth.DAY * number for number in range(int((end - start) // auth.DAY))]
    data = [
        {
            "name": name,
            "period": "day",
            "values": [{"value": _on_day(call, page, name, day), "end_time": stamp(day + auth.DAY)} for day in days],
            "id": f"{page['id']}/insights/{name}/day",
        }
        for name in asked
    ]
    return Reply({"data": data})


def _on_day(call: Call, page: sqlite3.Row, name: str, day: float) -> int:
    if name == "page_follows":
        return figures.followers_now(call.knobs, page, day)
    date = datetime.fromtimestamp(day, UTC).date()
    swing = 0.5 + figures.chance(call.knobs.seed, page["id"], name, date)
    return int(page["followers"] * PAGE[name] * swing)
