"""The envelope of Google's APIs: a status, a text, and the reason as a word."""

from contentdesk.sandbox.wire import Failure, Refused, Reply

DOMAINS = {"quotaExceeded": "youtube.quota", "rateLimitExceeded": "usageLimits", "authError": "global"}
BY_STATUS = {400: "badRequest", 401: "authError", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}
STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


def refuse(reason: str, http: int = 400) -> Refused:
    return Refused(envelope(reason, http))


def envelope(reason: str, http: int) -> Reply:
    text = f"The request failed: {reason}."
    entry = {"message": text, "domain": DOMAINS.get(reason, "youtube.common"), "reason": reason}
    error: dict[str, object] = {"code": http, "message": text, "errors": [entry]}
    if http in STATUSES:
        error["status"] = STATUSES[http]
    return Reply({"error": error}, http)


def ordered(failure: Failure) -> Reply:
    """A fault of the admin: its code is the reason when it is a word."""
    word = failure.code if isinstance(failure.code, str) else BY_STATUS.get(failure.http, "backendError")
    return envelope(word, failure.http)
