"""Videos and reels: uploaded in pieces, processed, then public.

A video goes through `/videos` (start, transfer, finish), a reel through `/video_reels` (start, finish) and the upload
host between them. Its id is known from the first call on; the post has the same number.
"""

import sqlite3
from functools import partial

from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.fetch import CannotFetch, Fetched, Wanted, fetch, is_url, register
from contentdesk.sandbox.movie import Film, watch
from contentdesk.sandbox.platforms.facebook import auth
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.feed import MESSAGE, PUBLISH, SOONEST, moment
from contentdesk.sandbox.platforms.facebook.fields import Getter, choose
from contentdesk.sandbox.platforms.facebook.kept import keep
from contentdesk.sandbox.wire import Call, Refused, Reply

FIRST_VIDEO = 122_300_000_000_000
REEL_SIZE, REEL_SECONDS = (540, 960), (3, 90)
MOST_BYTES = 1_750_000_000
LONGEST = {"video": 180 * auth.DAY, "reel": 29 * auth.DAY}
DONE = ("complete", "completed")
"""Both words are seen."""


def video(call: Call, node: str) -> Reply:
    page = auth.own_page(call, node, *PUBLISH)
    phase = call.args.get("upload_phase", "")
    if phase == "start":
        return _start_video(call, page)
    if phase in ("transfer", "finish"):
        row = _session(call, page)
        return _transfer(call, row) if phase == "transfer" else _finish_video(call, row)
    return _whole(call, page)


def _start_video(call: Call, page: sqlite3.Row) -> Reply:
    size = _number(call, "file_size")
    if not 0 < size <= MOST_BYTES:
        raise refuse(call, 100, message="file_size wants a number of bytes.")
    row = _new(call, page, "video", size)
    offsets = _offsets(call, row)
    return Reply({"video_id": row["id"], "upload_session_id": row["session"]} | offsets)


def _number(call: Call, name: str) -> int:
    text = call.args.get(name, "")
    return int(text) if text.isdecimal() else -1


def _new(call: Call, page: sqlite3.Row, kind: str, size: int) -> sqlite3.Row:
    number = call.store.next_number("fb_video")
    video_id, session = str(FIRST_VIDEO + 7907 * number), str(FIRST_VIDEO + 7907 * number + 3)
    call.store.run(
        "INSERT INTO fb_videos (id, page_id, kind, session, size, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        *(video_id, page["id"], kind, session, size, call.now),
    )
    row = find(call, page["id"], video_id)
    assert row is not None
    return row


def find(call: Call, page_id: str, video_id: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM fb_videos WHERE id = ? AND page_id = ?", video_id, page_id)


def _session(call: Call, page: sqlite3.Row) -> sqlite3.Row:
    session = call.args.get("upload_session_id", "")
    row = call.store.row("SELECT * FROM fb_videos WHERE session = ? AND page_id = ?", session, page["id"])
    if row is None or call.now > row["created_at"] + auth.DAY:
        raise refuse(call, 6000, 1363041, message="Invalid upload_session_id")
    return row


def _offsets(call: Call, row: sqlite3.Row) -> dict[str, str]:
    end = min(row["size"], row["received"] + call.knobs.video_chunk_bytes)
    return {"start_offset": str(row["received"]), "end_offset": str(end)}


def _transfer(call: Call, row: sqlite3.Row) -> Reply:
    """The next piece, from where the last one ended; any other place is refused with the right one."""
    piece = call.files.get("video_file_chunk", b"")
    if _number(call, "start_offset") != row["received"]:
        refused = refuse(call, 6000, 1363037)
        told = {"start_offset": row["received"], "end_offset": int(_offsets(call, row)["end_offset"])}
        error = refused.reply.body["error"] | {"error_data": told}
        raise Refused(Reply({"error": error}, refused.reply.status))
    if not piece or row["received"] + len(piece) > row["size"]:
        raise refuse(call, 6000, 1363033, message="The video file chunk is not of the promised size.")
    append(call, row, piece)
    fresh = find(call, row["page_id"], row["id"])
    assert fresh is not None
    return Reply(_offsets(call, fresh))


def append(call: Call, row: sqlite3.Row, piece: bytes) -> None:
    """The number in the store is the truth: what a refused call wrote is overwritten."""
    part = call.world.media / f"{row['id']}.upload"
    with part.open("r+b" if part.exists() else "w+b") as file:
        file.seek(row["received"])
        file.write(piece)
        file.truncate()
    received = row["received"] + len(piece)
    call.store.run("UPDATE fb_videos SET received = ? WHERE id = ?", received, row["id"])
    if received == row["size"]:
        _keep_file(call, row, keep(call, part.read_bytes(), ".mp4"))
        call.later.append(partial(part.unlink, missing_ok=True))


def _keep_file(call: Call, row: sqlite3.Row, fetched: Fetched) -> None:
    film = watch(fetched.path)
    register(call.store, fetched, film.width if film else 0, film.height if film else 0)
    good = fetched.path.read_bytes()[4:8] == b"ftyp"
    sql = "UPDATE fb_videos SET sha256 = ?, error = ?, size = ?, received = ? WHERE id = ?"
    error = _reel_problem(film) if row["kind"] == "reel" and film else ""
    error = error if good else "The video file you selected is in a format that we don't support."
    call.store.run(sql, fetched.sha256, error, fetched.size, fetched.size, row["id"])


def _reel_problem(film: Film) -> str:
    """Told only while it is processed. Films of whole pictures are a bit longer or shorter than was meant."""
    if film.width < REEL_SIZE[0] or film.height < REEL_SIZE[1]:
        return "The video is too small."
    fits = REEL_SECONDS[0] - 0.1 <= film.seconds <= REEL_SECONDS[1] + 0.1
    return "" if fits else "The length of the video is not allowed."


def _finish_video(call: Call, row: sqlite3.Row) -> Reply:
    state = "DRAFT" if call.args.get("published", "true").lower() == "false" else "PUBLISHED"
    if state == "DRAFT" and call.args.get("scheduled_publish_time"):
        state = "SCHEDULED"
    _finish(call, row, state)
    return Reply({"success": True})


def _finish(call: Call, row: sqlite3.Row, state: str) -> None:
    """Said twice it changes nothing: a video becomes one post at most."""
    text = call.args.get("description", "")
    if len(text) > MESSAGE:
        raise refuse(call, 100, message="description is too long.")
    if row["received"] < row["size"] or not row["sha256"]:
        raise refuse(call, 6000, 1363030, message="The upload is not complete.")
    if row["finished_at"] is not None and row["state"] != "DRAFT":
        return
    at = _scheduled(call, row["kind"]) if state == "SCHEDULED" else None
    call.store.run(
        "UPDATE fb_videos SET state = ?, text = ?, title = ?, publish_at = ?, ready_at = ?, finished_at = ?"
        " WHERE id = ?",
        *(state, text, call.args.get("title", ""), at),
        *(call.now + call.knobs.container_delay_s, call.now, row["id"]),
    )


def _scheduled(call: Call, kind: str) -> float:
    at = moment(call, "scheduled_publish_time")
    if at is None or not SOONEST <= at - call.now <= LONGEST[kind]:
        raise refuse(call, 100, message="The specified scheduled publish time is invalid.")
    return at


def _whole(call: Call, page: sqlite3.Row) -> Reply:
    """In one call: an address, or the file itself."""
    url, source = call.args.get("file_url", ""), call.files.get("source")
    if source is None and not is_url(url):
        raise refuse(call, 389)
    fetched = keep(call, source, ".mp4") if source is not None else fetched_from(call, url)
    row = _new(call, page, "video", fetched.size)
    _keep_file(call, row, fetched)
    fresh = find(call, page["id"], row["id"])
    assert fresh is not None
    _finish_video(call, fresh)
    return Reply({"id": row["id"]})


def fetched_from(call: Call, url: str) -> Fetched:
    wanted = Wanted(("video/mp4", "video/quicktime"), MOST_BYTES, call.knobs.fetch_timeout_s)
    try:
        return fetch(url, call.world.media, wanted)
    except CannotFetch as problem:
        raise refuse(call, 389) from problem


def reel(call: Call, node: str) -> Reply:
    page = auth.own_page(call, node, *PUBLISH)
    phase = call.args.get("upload_phase", "")
    if phase == "start":
        row = _new(call, page, "reel", 0)
        url = f"https://rupload.facebook.com/video-upload/{call.path.split('/')[1]}/{row['id']}"
        return Reply({"video_id": row["id"], "upload_url": url})
    row_or_none = find(call, page["id"], call.args.get("video_id", ""))
    if phase != "finish" or row_or_none is None or row_or_none["kind"] != "reel":
        raise refuse(call, 100, message="upload_phase wants start or finish, finish wants a video_id.")
    since = call.now - auth.DAY
    counted = "SELECT count(*) FROM fb_videos WHERE page_id = ? AND kind = 'reel' AND finished_at > ?"
    if call.store.number(counted, page["id"], since) >= call.knobs.reels_per_day:
        raise refuse(call, 613)
    state = call.args.get("video_state", "PUBLISHED")
    if state not in ("PUBLISHED", "DRAFT", "SCHEDULED"):
        raise refuse(call, 100, message="video_state wants PUBLISHED, DRAFT or SCHEDULED.")
    _finish(call, row_or_none, state)
    return Reply({"success": True} | ({"post_id": row_or_none["id"]} if call.knobs.reel_tells_post_id else {}))


def upload(call: Call, video_id: str) -> Reply:
    """The upload host: the rest of the file from `offset` on, or the address of the whole."""
    token = auth.live(call)
    row = find(call, token["account_id"], video_id)
    if row is None:
        raise upload_refused("ProcessingFailedError", "unauthorized user request")
    if call.headers.get("File-Url"):
        _keep_file(call, row, fetched_from(call, call.headers["File-Url"]))
        return Reply({"success": True})
    offset, size = call.headers.get("Offset", ""), call.headers.get("File-Size", "")
    if offset != str(row["received"]):
        raise upload_refused("OffsetInvalidError", "Request starting offset is invalid", retriable=True)
    if not size.isdecimal() or row["received"] + len(call.raw) > int(size) or not call.raw:
        raise upload_refused("PartialRequestError", "Partial request (did not match length of file)")
    call.store.run("UPDATE fb_videos SET size = ? WHERE id = ?", int(size), row["id"])
    sized = find(call, row["page_id"], video_id)
    assert sized is not None
    append(call, sized, call.raw)
    if row["received"] + len(call.raw) < int(size):
        return Reply(_debug("PartialRequestError", "Partial request (did not match length of file)", True), 400)
    return Reply({"success": True})


def upload_refused(kind: str, message: str, *, retriable: bool = False) -> Refused:
    return Refused(Reply(_debug(kind, message, retriable), 400))


def _debug(kind: str, message: str, retriable: bool) -> dict[str, object]:
    return {"debug_info": {"retriable": retriable, "type": kind, "message": message}}


def fields(call: Call, row: sqlite3.Row) -> dict[str, object]:
    post = call.store.row("SELECT * FROM posts WHERE id = ?", row["post_id"] or "")
    getters: dict[str, Getter] = {
        "id": lambda _: row["id"],
        "status": lambda _: status(call, row),
        "published": lambda _: bool(row["post_id"]),
        "description": lambda _: row["text"] or None,
        "title": lambda _: row["title"] or None,
        "created_time": lambda _: stamp(row["created_at"]),
        "post_id": lambda _: row["id"] if row["post_id"] else None,
        "permalink_url": lambda _: post["permalink"].removeprefix("https://www.facebook.com") if post else None,
    }
    return choose(call, "Video", getters, call.args.get("fields", "created_time,description"))


def status(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """In phases; that the words `complete` and `completed` both occur depends on the video."""
    done = DONE[int(row["id"]) % 2]
    uploaded, finished = bool(row["sha256"]), row["finished_at"] is not None
    ready = finished and call.now >= row["ready_at"]
    processing: dict[str, object] = {"status": done if ready else "in_progress" if finished else "not_started"}
    publishing: dict[str, object] = {"status": "not_started"}
    word = "uploading" if not uploaded else "upload_complete" if not finished else "ready" if ready else "processing"
    if ready and row["error"]:
        word, processing = "error", {"status": "error", "error": {"message": row["error"]}}
        publishing = {"status": "error", "publish_status": "error"}
    elif row["post_id"]:
        publishing = {"status": done, "publish_status": "published", "publish_time": int(row["ready_at"])}
    elif finished:
        publishing = {"status": "in_progress"}
        if row["state"] != "PUBLISHED":
            publishing = {"status": "not_started", "publish_status": row["state"].lower()}
    uploading = {"status": done if uploaded else "in_progress", "bytes_transfered": row["received"]}
    phases: dict[str, object] = {
        "uploading_phase": uploading,
        "processing_phase": processing,
        "publishing_phase": publishing,
    }
    return phases | {"video_status": word}
