"""A device in words. Nothing finer is kept: it should be recognised by its owner, not tracked."""

from contentdesk.lib.i18n import N_

BROWSERS = (
    ("SamsungBrowser", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("UCBrowser", "UC Browser"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def described(user_agent: str) -> str:
    """Chrome, Android"""
    parts = (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent))
    return ", ".join(part for part in parts if part) or N_("Peramban lain")


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((word for mark, word in known if mark in text), "")
