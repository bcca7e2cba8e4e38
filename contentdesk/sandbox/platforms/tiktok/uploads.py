"""The pieces of a video: strictly one after the other, really put together."""

import re
import sqlite3

from contentdesk.sandbox.platforms.tiktok import outcome
from contentdesk.sandbox.wire import Call, Refused, Reply, World

LIVES_S = 3600.0
TYPES = ("video/mp4", "video/quicktime", "video/webm")
RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")


def put(call: Call) -> Reply:
    """206: more is wanted. 201: it is whole, and the platform begins to post."""
    row = _row(call)
    first, last = _range(call, row)
    if first != row["sent"] or last + 1 != _end(row):
        raise _no(416, row)
    _write(call.world, row, call.raw)
    sent = last + 1
    sql = "UPDATE tiktok_uploads SET sent = ?, chunks = chunks + 1 WHERE publish_id = ?"
    call.store.run(sql, sent, row["publish_id"])
    if sent == row["size"]:
        outcome.take(call, row["publish_id"])
    return Reply({}, 201 if sent == row["size"] else 206, _progress(sent, row))


def _row(call: Call) -> sqlite3.Row:
    """The address is the key; no token is asked for."""
    asked = call.query.get("upload_id", ""), call.query.get("upload_token", "")
    row = call.store.row("SELECT * FROM tiktok_uploads WHERE upload_id = ? AND upload_token = ?", *asked)
    if row is None or row["reason"]:
        raise _no(404)
    call.account_id = row["account_id"]
    if call.now > row["made_at"] + LIVES_S:
        raise _no(403)
    return row


def _range(call: Call, row: sqlite3.Row) -> tuple[int, int]:
    told = RANGE.fullmatch(call.headers.get("Content-Range", ""))
    kind = call.headers.get("Content-Type", "").split(";")[0]
    if told is None or kind not in TYPES:
        raise _no(400)
    first, last, total = (int(number) for number in told.groups())
    if total != row["size"] or last - first + 1 != len(call.raw):
        raise _no(400)
    return first, last


def _end(row: sqlite3.Row) -> int:
    """Where the piece that is due ends."""
    is_last = row["chunks"] + 1 >= row["count"]
    return int(row["size"] if is_last else row["sent"] + row["chunk"])


def _write(world: World, row: sqlite3.Row, piece: bytes) -> None:
    """Behind what arrived: a piece that was written before a crash is written over."""
    path = outcome.part_of(world, row["upload_id"])
    path.touch()
    with path.open("r+b") as file:
        file.seek(row["sent"])
        file.truncate()
        file.write(piece)


def _progress(sent: int, row: sqlite3.Row) -> dict[str, str]:
    return {"Content-Range": f"bytes 0-{sent - 1}/{row['size']}"} if sent else {}


def _no(status: int, row: sqlite3.Row | None = None) -> Refused:
    return Refused(Reply({}, status, _progress(row["sent"], row) if row else {}))
