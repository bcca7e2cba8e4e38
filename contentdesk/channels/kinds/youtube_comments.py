"""Comments under a video: the newest threads, each by the comment that began it."""

from typing import Any

from contentdesk.channels.abilities import MOST_COMMENTS, Comment, Comments
from contentdesk.channels.base import ChannelError, Login
from contentdesk.channels.kinds.servers import moment
from contentdesk.channels.kinds.youtube_api import Google
from contentdesk.channels.kinds.youtube_errors import Meaning, Means
from contentdesk.channels.kinds.youtube_login import COMMENTS

SWITCHED_OFF = "commentsDisabled"
NO_VIDEO = "videoNotFound"
NOT_GRANTED = "scope"


def comments(google: Google, login: Login, video_id: str) -> Comments:
    """One call, one unit of the day's quota. Without the right to it none is spent."""
    if login.scopes and COMMENTS not in login.scopes:
        raise google.error(Meaning(Means.PERMISSION), NOT_GRANTED)
    asked = {"videoId": video_id, "maxResults": str(MOST_COMMENTS), "order": "time", "textFormat": "plainText"}
    try:
        body = google.get("commentThreads", part="snippet", **asked)
    except ChannelError as error:
        if error.code not in (SWITCHED_OFF, NO_VIDEO):
            raise
        return Comments(whole=error.code == SWITCHED_OFF)
    items = body.get("items")
    found = [told for item in (items if isinstance(items, list) else ()) if (told := _comment(item, login, video_id))]
    return Comments(found, whole=isinstance(items, list) and not body.get("nextPageToken"))


def _comment(item: Any, login: Login, video_id: str) -> Comment | None:
    top = _row(_row(item).get("snippet")).get("topLevelComment")
    said, comment_id = _row(_row(top).get("snippet")), _row(top).get("id")
    written_at = moment(said.get("publishedAt"))
    if written_at is None or not comment_id:
        return None
    author = str(said.get("authorDisplayName") or "").lstrip("@")
    link = f"https://www.youtube.com/watch?v={video_id}&lc={comment_id}"
    by_us = _row(said.get("authorChannelId")).get("value") == login.external_id
    return Comment(str(comment_id), author, str(said.get("textDisplay") or ""), written_at, link, by_us)


def _row(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
