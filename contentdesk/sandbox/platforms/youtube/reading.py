"""What may be read: one's channel, one's uploads newest first, fifty videos at a time."""

import sqlite3

from contentdesk.sandbox import figures
from contentdesk.sandbox.platforms.youtube import auth, videos
from contentdesk.sandbox.platforms.youtube.errors import refuse
from contentdesk.sandbox.wire import Call, Reply

MOST = 50


def channels(call: Call) -> Reply:
    account = _reader(call)
    if call.args.get("mine") != "true":
        raise refuse("missingRequiredParameter")
    items = [_channel(call, account)] if account["has_channel"] else []
    body: dict[str, object] = {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": len(items)}}
    return Reply(body | ({"items": items} if items else {}))


def _reader(call: Call) -> sqlite3.Row:
    account = auth.login(call, auth.READ, auth.COMMENTS)
    auth.charge(call, "reading", call.knobs.youtube_units_per_day)
    return account


def _channel(call: Call, account: sqlite3.Row) -> dict[str, object]:
    hides = bool(account["hides_followers"])
    made = videos.of_channel(call.store, account["id"], call.now)
    views = sum(int(videos.counted(call, row)["viewCount"]) for row in made)
    statistics: dict[str, object] = {"viewCount": str(views), "videoCount": str(len(made))}
    if not hides:
        statistics["subscriberCount"] = str(figures.followers_now(call.knobs, account, call.now))
    return {
        "id": account["id"],
        "snippet": {"title": account["name"], "customUrl": f"@{account['username']}"},
        "contentDetails": {"relatedPlaylists": {"uploads": uploads_of(account["id"])}},
        "statistics": statistics | {"hiddenSubscriberCount": hides},
    }


def uploads_of(account_id: str) -> str:
    return "UU" + account_id[2:]


def playlist_items(call: Call) -> Reply:
    """The list runs behind: a fresh video is missing for a while."""
    account = _reader(call)
    if not account["has_channel"] or call.args.get("playlistId") != uploads_of(account["id"]):
        raise refuse("playlistNotFound", 404)
    size = min(int(call.args.get("maxResults", "5")), MOST)
    start = int(call.args.get("pageToken", "0") or "0")
    rows = videos.of_channel(call.store, account["id"], call.now - call.knobs.youtube_list_delay_s)
    body: dict[str, object] = {"items": [_item(row) for row in rows[start : start + size]]}
    return Reply(body | ({"nextPageToken": str(start + size)} if len(rows) > start + size else {}))


def _item(row: sqlite3.Row) -> dict[str, object]:
    at = videos.stamp(row["created_at"])
    snippet = {"title": row["title"], "description": row["caption"], "publishedAt": at}
    details = {"videoId": row["video_id"], "videoPublishedAt": at}
    return {"snippet": snippet, "contentDetails": details, "status": {"privacyStatus": row["privacy"]}}


def video_list(call: Call) -> Reply:
    """Videos that are not there are left out without a word."""
    _reader(call)
    wanted = [key for key in call.args.get("id", "").split(",") if key]
    if not wanted or len(wanted) > MOST:
        raise refuse("invalidFilters" if wanted else "missingRequiredParameter")
    known = [key for key in wanted if videos.find(call.store, key) is not None]
    return Reply({"items": [videos.resource(call, key, statistics=True) for key in known]})
