"""What people sign in with: an e-mail address or a phone number, kept in one way however it is typed."""

import re

from contentdesk.lib import phones

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST = 254


def normalized(typed: str) -> str | None:
    """The address in small letters, or the number as +62…; None if it is neither."""
    text = typed.strip()
    if len(text) > LONGEST:
        return None
    if "@" in text:
        return text.lower() if EMAIL.fullmatch(text) else None
    return phones.e164(text)


def shown(login: str) -> str:
    """The way people read it."""
    return login if "@" in login else phones.national(login)
