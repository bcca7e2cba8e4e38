"""Reading an uploaded photo or video, whichever form it came with."""

from os import SEEK_END

from werkzeug.datastructures import FileStorage

from contentdesk.media.checks import MAX_BYTES, is_heic, too_heavy

VIDEO_BOXES = (b"moov", b"mdat", b"wide", b"free")
VIDEO_STARTS = (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"G@")


def is_video(upload: FileStorage) -> bool:
    """By its first bytes; whether it is a good one is asked of ffprobe."""
    start = upload.stream.read(16)
    upload.stream.seek(0)
    if start[4:8] == b"ftyp":
        return not is_heic(start) and start[8:11] != b"avi"
    return start[4:8] in VIDEO_BOXES or start.startswith(VIDEO_STARTS) or start[:4] + start[8:11] == b"RIFFAVI"


def read_photo(upload: FileStorage) -> bytes:
    """The bytes; raises BadPhoto before a file that is too heavy fills the memory. An empty field gives b""."""
    size = upload.stream.seek(0, SEEK_END)
    if size > MAX_BYTES:
        raise too_heavy(size)
    upload.stream.seek(0)
    return upload.stream.read()
