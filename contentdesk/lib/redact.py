"""What is taken out of a foreign answer before it is kept: whoever reads a timeline shall not find a login in it."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HIDDEN = "***"
LONGEST = 120
_ADDRESS = re.compile(r"\w+://\S+")
_WORD = re.compile(r"[A-Za-z0-9_\-+/=]{20,}")
_NAMED = re.compile(
    r"(?i)(?:\b(?:\w*token|\w*secret|password|authorization|api_?key|key|sig(?:nature)?)\s*[=:]\s*)(?:bearer\s+)?\S+"
    r"|\b(?:bearer|oauth)\s+\S+"
)
_SECRET_FIELD = re.compile(r"(?i)token|secret|password|key|sig|auth|code|session|hash")


def word(said: str) -> str:
    """A platform's own word for what went wrong, such as `190/460` or `spam_risk_too_many_posts`.

    Addresses go, what is named as a secret goes, and so does every long piece with a digit in it: words of platforms
    have none, tokens do.
    """
    short = _ADDRESS.sub(HIDDEN, said)
    short = _NAMED.sub(HIDDEN, short)
    return _WORD.sub(_unless_a_word, short)[:LONGEST]


def _unless_a_word(found: re.Match[str]) -> str:
    return HIDDEN if any(sign.isdigit() for sign in found[0]) or _is_mixed(found[0]) else found[0]


def _is_mixed(piece: str) -> bool:
    """Large letters in the middle of small ones again and again: no word is written so, also no `NameOfAFault`."""
    turns = len(re.findall(r"[a-z](?=[A-Z])", piece)) + len(re.findall(r"[A-Z](?=[A-Z][a-z])", piece))
    return turns * 4 > len(piece)


def address(link: str) -> str:
    """A public address, without a person's login in it and without fields that open something."""
    parts = urlsplit(link)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not _SECRET_FIELD.search(name)]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(kept), fragment=""))
