"""Insights: late, all or nothing, and silent where nothing is known."""

import sqlite3
from datetime import UTC, datetime

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.instagram.auth import login
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.nodes import own_post
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.wire import Call, Reply

COMMON = {"views", "reach", "shares", "reposts", "total_interactions"}
PROFILE = {"follows", "profile_visits", "profile_activity"}
WATCH = {"ig_reels_avg_watch_time", "ig_reels_video_view_total_time"}
METRICS = {
    "FEED": COMMON | PROFILE | {"likes", "comments", "saved"},
    "REELS": COMMON | WATCH | {"likes", "comments", "saved"},
    "STORY": COMMON | PROFILE | {"replies", "navigation"},
}
ACCOUNT = {
    "views": 1.6,
    "reach": 0.35,
    "likes": 0.03,
    "comments": 0.004,
    "shares": 0.006,
    "saves": 0.008,
    "replies": 0.001,
    "reposts": 0.001,
    "total_interactions": 0.05,
    "accounts_engaged": 0.03,
    "profile_links_taps": 0.004,
    "follows_and_unfollows": 0.003,
    "follower_count": 0.002,
}
SERIES = {"reach", "follower_count"}
MOST_DAYS = 30


def read(call: Call, node: str) -> Reply:
    account = login(call, "insights")
    if node in ("me", account["id"]):
        return _account(call, account)
    post = own_post(call, account, node)
    if post is None:
        raise refuse(call, 100, 33)
    return _post(call, post)


def _metrics(call: Call, known: set[str]) -> list[str]:
    """One unknown name fails the whole call."""
    asked = [name.strip() for name in call.args.get("metric", "").split(",")]
    for position, name in enumerate(asked):
        if name not in known:
            wanted = ", ".join(sorted(known))
            text = f"metric[{position}] must be one of the following values: {wanted}"
            raise refuse(call, 100, message=text)
    return asked


def _post(call: Call, post: sqlite3.Row) -> Reply:
    asked = _metrics(call, METRICS[post["product"]])
    age = call.now - post["created_at"]
    if age < call.knobs.insights_delay_s or (post["product"] == "STORY" and age > DAY):
        return Reply({"data": []})
    known = figures.of_post(call.store, call.knobs, post, call.now)
    if post["product"] == "STORY" and known["reach"] < 5:
        raise refuse(call, 10, message="Not enough viewers for the media to show insights")
    known |= {"ig_reels_avg_watch_time": 4200, "ig_reels_video_view_total_time": 4200 * known["views"]}
    return Reply({"data": [_entry(post["id"], name, known[name]) for name in asked]})


def _entry(post_id: str, name: str, value: int) -> dict[str, object]:
    return {
        "name": name,
        "period": "lifetime",
        "values": [{"value": value}],
        "title": name.replace("_", " ").capitalize(),
        "description": "",
        "id": f"{post_id}/insights/{name}/lifetime",
    }


def _account(call: Call, account: sqlite3.Row) -> Reply:
    asked = _metrics(call, set(ACCOUNT))
    if call.args.get("period", "day") != "day":
        raise refuse(call, 100, message="period must be day.")
    start, end = time_range(call)
    if end <= start:
        return Reply({})
    series = call.args.get("metric_type") != "total_value"
    if series and not set(asked) <= SERIES:
        raise refuse(call, 100, message="The metrics must be specified with parameter metric_type=total_value")
    data = [_day_entry(call, account, name, (start, end), series) for name in asked]
    return Reply({"data": data})


def time_range(call: Call) -> tuple[float, float]:
    """[since, until), the last 24 hours when nothing is said."""
    since, until = call.args.get("since", ""), call.args.get("until", "")
    if not (since or "0").isdecimal() or not (until or "0").isdecimal():
        raise refuse(call, 100, message="since and until want Unix seconds.")
    end = float(until) if until else call.now
    start = float(since) if since else end - DAY
    if end - start > MOST_DAYS * DAY:
        raise refuse(call, 100, message="There cannot be more than 30 days between since and until")
    return start, end


def _day_entry(
    call: Call, account: sqlite3.Row, name: str, span: tuple[float, float], series: bool
) -> dict[str, object]:
    entry: dict[str, object] = {
        "name": name,
        "period": "day",
        "title": name.replace("_", " ").capitalize(),
        "description": "",
        "id": f"{account['id']}/insights/{name}/day",
    }
    days = [span[0] + DAY * n for n in range(max(1, round((span[1] - span[0]) / DAY)))]
    values = [on_day(call, account, name, day) for day in days]
    if series:
        listed = [{"value": v, "end_time": stamp(day + DAY)} for v, day in zip(values, days, strict=True)]
        return entry | {"values": listed}
    return entry | {"total_value": {"value": sum(values)}}


def on_day(call: Call, account: sqlite3.Row, name: str, day: float) -> int:
    date = datetime.fromtimestamp(day, UTC).date()
    swing = 0.5 + figures.chance(call.knobs.seed, account["id"], name, date)
    return int(account["followers"] * ACCOUNT[name] * swing)
