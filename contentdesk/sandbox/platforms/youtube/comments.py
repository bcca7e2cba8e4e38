"""Threads of comments under a video, newest first: some by pretend viewers."""

import sqlite3

from contentdesk.sandbox import keeping
from contentdesk.sandbox.platforms.youtube import auth, videos
from contentdesk.sandbox.platforms.youtube.errors import refuse
from contentdesk.sandbox.wire import Call, Reply

MOST = 100
ORDERS = frozenset({"time", "relevance"})
FORMATS = frozenset({"html", "plainText"})


def threads(call: Call) -> Reply:
    """Reading is not enough a right for comments, only the one that may also write them."""
    auth.login(call, auth.COMMENTS)
    auth.charge(call, "reading", call.knobs.youtube_units_per_day)
    args = call.args
    if "snippet" not in args.get("part", "").split(",") or not args.get("videoId"):
        raise refuse("missingRequiredParameter")
    size, start = args.get("maxResults", "20"), args.get("pageToken") or "0"
    if not size.isdecimal() or not 1 <= int(size) <= MOST or not start.isdecimal():
        raise refuse("invalidValue")
    if args.get("order", "time") not in ORDERS or args.get("textFormat", "html") not in FORMATS:
        raise refuse("invalidValue")
    video = _open(call, args["videoId"])
    everything = keeping.comments_of(call.store, call.knobs, video, call.now)
    shown = everything[int(start) : int(start) + int(size)]
    body: dict[str, object] = {
        "kind": "youtube#commentThreadListResponse",
        "items": [_told(video, one) for one in shown],
    }
    more = {"nextPageToken": str(int(start) + int(size))} if len(everything) > int(start) + int(size) else {}
    return Reply(body | more)


def _open(call: Call, video_id: str) -> sqlite3.Row:
    """Under videos made for children the platform takes no comments."""
    video = videos.find(call.store, video_id)
    if video is None:
        raise refuse("videoNotFound", 404)
    if videos.is_for_kids(video):
        raise refuse("commentsDisabled", 403)
    return video


def _told(video: sqlite3.Row, comment: keeping.Comment) -> dict[str, object]:
    at, comment_id, name, words = comment
    thread_id = f"Ugx{comment_id}"
    said = {
        "videoId": video["video_id"],
        "textDisplay": words,
        "textOriginal": words,
        "authorDisplayName": f"@{name}",
        "authorChannelId": {"value": "UC" + auth.word_of("viewer", name, length=22)},
        "publishedAt": videos.stamp(at),
        "updatedAt": videos.stamp(at),
    }
    top = {"kind": "youtube#comment", "id": thread_id, "snippet": said}
    snippet = {"videoId": video["video_id"], "topLevelComment": top, "totalReplyCount": 0, "isPublic": True}
    return {"kind": "youtube#commentThread", "id": thread_id, "snippet": snippet}
