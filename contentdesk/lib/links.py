"""Addresses from outside that are to stand in a page."""

import re
from typing import Any

_WEB = re.compile(r"https?://[^\s\\\"<>]{1,2000}", re.IGNORECASE)


def shown(link: Any) -> str | None:
    """`link` when it is an ordinary web address, else None: a server that says `javascript:…` runs nothing here."""
    return link if isinstance(link, str) and _WEB.fullmatch(link) else None
