"""Fetches media for a platform: really, over HTTP, into a folder named by content."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from PIL import Image, UnidentifiedImageError

from contentdesk.sandbox.store import Store

AGENT = "facebookexternalhit/1.1 (sandbox platform)"
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}


@dataclass(frozen=True)
class Wanted:
    """What the platform asks of the media server."""

    content_types: tuple[str, ...]
    limit: int
    timeout_s: float
    ranges: bool = False


@dataclass(frozen=True)
class Fetched:
    sha256: str
    path: Path
    content_type: str
    size: int


class CannotFetch(Exception):
    """`reason`: unreachable, timeout, status, redirect, type, size, ranges."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def fetch(url: str, folder: Path, wanted: Wanted) -> Fetched:
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of this machine would not know the media server
            _ask(session, "HEAD", url, wanted).close()
            with _ask(session, "GET", url, wanted) as reply:
                return _keep(reply, folder, wanted)
    except requests.Timeout as error:
        raise CannotFetch("timeout") from error
    except requests.RequestException as error:
        raise CannotFetch("unreachable") from error


def _ask(session: requests.Session, method: str, url: str, wanted: Wanted) -> requests.Response:
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    if wanted.ranges and method == "GET":
        headers["Range"] = "bytes=0-"
    reply = session.request(method, url, headers=headers, timeout=wanted.timeout_s, allow_redirects=False, stream=True)
    if problem := _problem(reply, method, wanted):
        reply.close()
        raise CannotFetch(problem)
    return reply


def _problem(reply: requests.Response, method: str, wanted: Wanted) -> str | None:
    if 300 <= reply.status_code < 400:
        return "redirect"
    if reply.status_code not in (200, 206):
        return "status"
    if wanted.ranges and method == "GET" and reply.status_code != 206:
        return "ranges"
    if _type(reply) not in wanted.content_types:
        return "type"
    length = reply.headers.get("Content-Length", "0")
    return "size" if length.isdigit() and int(length) > wanted.limit else None


def _type(reply: requests.Response) -> str:
    return reply.headers.get("Content-Type", "").split(";")[0].strip().lower()


def _keep(reply: requests.Response, folder: Path, wanted: Wanted) -> Fetched:
    part = folder / f"{secrets.token_hex(8)}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as file:
            for piece in reply.iter_content(65536):
                size += len(piece)
                if size > wanted.limit:
                    raise CannotFetch("size")
                digest.update(piece)
                file.write(piece)
        path = folder / (digest.hexdigest() + ENDINGS[_type(reply)])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return Fetched(digest.hexdigest(), path, _type(reply), size)


@dataclass(frozen=True)
class Picture:
    format: str
    width: int
    height: int
    progressive: bool


def look(path: Path) -> Picture | None:
    """What Pillow sees; None when it is no picture or only a part of one."""
    try:
        with Image.open(path) as image:
            seen = Picture(image.format or "", image.width, image.height, bool(image.info.get("progressive")))
            image.load()
            return seen
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def register(store: Store, fetched: Fetched, width: int, height: int) -> None:
    store.run(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
        fetched.sha256,
        fetched.path.name,
        fetched.content_type,
        fetched.size,
        width,
        height,
    )
