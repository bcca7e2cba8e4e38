"""Whether a link that a person pasted lies on a platform."""

import re
from collections.abc import Set
from urllib.parse import SplitResult, urlsplit

_ODD = re.compile(r"[\s\\\x00-\x1f]")


def lies_on(link: str, hosts: Set[str], path: str) -> bool:
    """True for a web address on one of `hosts` whose whole path matches the expression `path`."""
    parts = web_address(link)
    return parts is not None and (parts.hostname or "") in hosts and re.fullmatch(path, parts.path) is not None


def web_address(link: str) -> SplitResult | None:
    """The parts of an ordinary web address; None for anything that only looks like one."""
    link = link.strip()
    if _ODD.search(link):
        return None
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.username is not None or port not in (None, 80, 443):
        return None
    return parts if host else None
