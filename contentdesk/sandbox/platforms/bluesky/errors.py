"""XRPC's envelope: a word and a text."""

from contentdesk.sandbox.wire import Failure, Refused, Reply


def refuse(word: str, http: int = 400, text: str = "") -> Refused:
    return Refused(envelope(word, http, text))


def envelope(word: str, http: int, text: str = "") -> Reply:
    headers = {"RateLimit-Limit": "5000", "RateLimit-Remaining": "0"} if http == 429 else {}
    return Reply({"error": word, "message": text or word}, http, headers)


def ordered(failure: Failure) -> Reply:
    """A fault of the admin. A number is no word here: then the server broke."""
    return envelope(failure.code if isinstance(failure.code, str) else "InternalServerError", failure.http)
