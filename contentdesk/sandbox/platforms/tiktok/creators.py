"""What a creator may do now. It changes with what the person switches in the app."""

import sqlite3

from contentdesk.sandbox.platforms.tiktok.accounts import creator_of
from contentdesk.sandbox.platforms.tiktok.auth import limited, login
from contentdesk.sandbox.platforms.tiktok.errors import ok, refuse
from contentdesk.sandbox.platforms.tiktok.schema import DAY
from contentdesk.sandbox.wire import Call, Reply

PUBLIC, FRIENDS, FOLLOWERS, ONLY_ME = (
    "PUBLIC_TO_EVERYONE",
    "MUTUAL_FOLLOW_FRIENDS",
    "FOLLOWER_OF_CREATOR",
    "SELF_ONLY",
)
PER_MINUTE = 20


def info(call: Call) -> Reply:
    account = login(call, "video.publish")
    limited(call, PER_MINUTE)
    creator = creator_of(call.store, account["id"])
    check_may_post(call, creator)
    return ok(
        {
            "creator_avatar_url": f"https://p16-sign.tiktokcdn.com/avatar/{account['id']}.webp?x-expires=1",
            "creator_username": account["username"],
            "creator_nickname": creator["nickname"],
            "privacy_level_options": levels(creator) if call.knobs.tiktok_audited else [ONLY_ME],
            "comment_disabled": bool(creator["comment_off"]),
            "duet_disabled": bool(creator["duet_off"]),
            "stitch_disabled": bool(creator["stitch_off"]),
            "max_video_post_duration_sec": creator["max_seconds"],
        }
    )


def levels(creator: sqlite3.Row) -> list[str]:
    return [FOLLOWERS if creator["private"] else PUBLIC, FRIENDS, ONLY_ME]


def check_may_post(call: Call, creator: sqlite3.Row) -> None:
    if creator["banned"]:
        raise refuse(call, "spam_risk_user_banned_from_posting")
    sql = "SELECT count(*) FROM tiktok_uploads WHERE account_id = ? AND inbox = 0 AND reason IS NULL AND taken_at > ?"
    if call.store.number(sql, creator["account_id"], call.now - DAY) >= call.knobs.tiktok_posts_per_day:
        raise refuse(call, "spam_risk_too_many_posts")
