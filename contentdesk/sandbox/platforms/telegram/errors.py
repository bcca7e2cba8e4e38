"""The envelope of the Bot API: `ok`, and on a failure a number and a text for people."""

from contentdesk.sandbox.wire import Failure, Refused, Reply

TEXTS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was kicked from the channel chat",
    404: "Not Found",
    413: "Request Entity Too Large",
    429: "Too Many Requests: retry after {wait}",
    500: "Internal Server Error",
}
WAIT_S = 5


def refuse(status: int, text: str = "", wait_s: int = WAIT_S) -> Refused:
    return Refused(envelope(status, text, wait_s))


def envelope(status: int, text: str = "", wait_s: int = WAIT_S) -> Reply:
    text = text or TEXTS.get(status, "Bad Gateway").format(wait=wait_s)
    body: dict[str, object] = {"ok": False, "error_code": status, "description": text}
    if status == 429:
        body["parameters"] = {"retry_after": wait_s}
    return Reply(body, status)


def ordered(failure: Failure) -> Reply:
    """A fault of the admin: the code when it is one of HTTP's, else the status."""
    code = failure.code if isinstance(failure.code, int) and failure.code >= 400 else failure.http
    return envelope(code)
