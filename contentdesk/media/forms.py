"""Reading an uploaded photo, whichever form it came with."""

from os import SEEK_END

from werkzeug.datastructures import FileStorage

from contentdesk.media.checks import MAX_BYTES, too_heavy


def read_photo(upload: FileStorage) -> bytes:
    """The bytes; raises BadPhoto before a file that is too heavy fills the memory. An empty field gives b""."""
    size = upload.stream.seek(0, SEEK_END)
    if size > MAX_BYTES:
        raise too_heavy(size)
    upload.stream.seek(0)
    return upload.stream.read()
