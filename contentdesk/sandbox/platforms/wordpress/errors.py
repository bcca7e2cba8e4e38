"""The envelope of the REST interface: a word, a text in the site's language, the status once more."""

from contentdesk.sandbox.wire import Call, Failure, Refused, Reply

ENGLISH = "Sorry, you are not allowed to do that."
INDONESIAN = "Maaf, Anda tidak diizinkan melakukan itu."


def refuse(call: Call, word: str, http: int = 400, **data: object) -> Refused:
    return Refused(envelope(call, word, http, **data))


def envelope(call: Call, word: str, http: int, **data: object) -> Reply:
    text = INDONESIAN if call.knobs.locale.startswith("id") else ENGLISH
    return Reply({"code": word, "message": text, "data": {"status": http, **data}}, http)


def ordered(call: Call, failure: Failure) -> Reply:
    """A fault of the admin. A number is no word of this platform: then the site broke."""
    word = failure.code if isinstance(failure.code, str) else "internal_server_error"
    reply = envelope(call, word, failure.http)
    return Reply(reply.body, reply.status, {"Retry-After": "60"} if failure.http == 429 else {})
