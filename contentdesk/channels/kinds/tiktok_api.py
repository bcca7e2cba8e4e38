"""Speaks with TikTok: JSON both ways, the word in `error.code`, every failure as one of the ways to fail.

Ids are whole numbers beyond 2^53. They are kept as texts here, and never pass through a fraction.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contentdesk.channels.base import (
    ChannelError,
    Login,
    OutcomeUnknown,
    TryLater,
)
from contentdesk.channels.kinds.failing import FewTries, lasting
from contentdesk.channels.kinds.tiktok_errors import (
    OK,
    TRANSIENT,
    UNKNOWN_OUTCOME,
    Meaning,
    Means,
    meaning,
    settles,
)
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply

PLATFORM = "TikTok"
BASE = "https://open.tiktokapis.com/v2"
UPLOAD_TIMEOUT_S = (5.0, 60.0)
LONGEST_WAIT = timedelta(hours=24)


class Api:
    """One account. Raises nothing but ChannelError."""

    def __init__(self, http: Http, login: Login) -> None:
        self._http, self._login = http, login
        self.words = {"platform": PLATFORM, "handle": login.handle or login.external_id}

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **params: str) -> dict[str, Any]:
        return self._call("POST", path, params=params, body=dict(body or {}))

    def post_once(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The irreversible call: whatever leaves the outcome open is OutcomeUnknown."""
        return self._call("POST", path, body=dict(body), irreversible=True)

    def put(self, url: str, piece: bytes, first: int, total: int) -> Reply:
        """A piece of a file to an upload address. The address is the key, so no token goes with it. Raises NoAnswer."""
        last = first + len(piece) - 1
        headers = {"Content-Type": "video/mp4", "Content-Range": f"bytes {first}-{last}/{total}"}
        try:
            return self._http.call("PUT", url, data=piece, headers=headers, timeout_s=UPLOAD_TIMEOUT_S)
        except PrivateAddress:
            raise NoAnswer("an address in a private network", reached=False) from None

    def failure(self, found: Meaning, code: str, wait: timedelta | None = None) -> ChannelError:
        """The meaning of an answer as the error that says it."""
        kind = FewTries if found.means is Means.FEW else TryLater
        passes = kind(found.words, after=wait or found.after, code=code, **self.words)
        return lasting(found, code, self.words) or passes

    def later(self, code: str) -> ChannelError:
        return self.failure(TRANSIENT, code)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        irreversible: bool = False,
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._login.token}"}
        try:
            reply = self._http.call(method, f"{BASE}/{path}", params=params, body=body, headers=headers)
        except NoAnswer as error:
            if irreversible and error.reached:
                raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_answer") from None
            raise self.later("no_answer") from None
        except PrivateAddress:
            raise self.later("no_answer") from None
        return self._data(reply, irreversible)

    def _data(self, reply: Reply, irreversible: bool) -> dict[str, Any]:
        body = reply.json()
        word = word_of(body)
        data = body.get("data") if isinstance(body, dict) else None
        if word == OK and reply.status < 500:
            return data if isinstance(data, dict) else {}
        code = word or f"http_{reply.status}"
        if irreversible and not settles(word, reply.status):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code=code)
        raise self.failure(meaning(word, reply.status), code, _asked_wait(reply.headers))


def word_of(body: Any) -> str:
    """The word of the envelope, "" when there is none that looks like one."""
    error = body.get("error") if isinstance(body, dict) else None
    word = error.get("code") if isinstance(error, dict) else None
    return word if isinstance(word, str) and word.replace("_", "").isalnum() and len(word) <= 80 else ""


def ids(value: Any) -> tuple[str, ...]:
    """Ids as texts, in the order of the answer."""
    known = value if isinstance(value, list) else []
    return tuple(str(one) for one in known if isinstance(one, int | str) and not isinstance(one, bool) and str(one))


def _asked_wait(headers: Mapping[str, str]) -> timedelta | None:
    named = {name.lower(): value for name, value in headers.items()}
    seconds = named.get("retry-after", "")
    return min(timedelta(seconds=int(seconds)), LONGEST_WAIT) if seconds.isdecimal() and int(seconds) else None
