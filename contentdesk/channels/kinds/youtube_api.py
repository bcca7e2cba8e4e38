"""Speaks with the Data API: token in the header, every failure as one of the ways to fail."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contentdesk.channels.base import (
    ChannelError,
    Login,
    OutcomeUnknown,
    TryLater,
)
from contentdesk.channels.kinds.failing import lasting
from contentdesk.channels.kinds.youtube_errors import (
    CERTAIN,
    GONE,
    SENTENCES,
    TRANSIENT,
    UNKNOWN_OUTCOME,
    Meaning,
    Means,
    meaning,
    reason_of,
    until_new_day,
)
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply

HOST = "www.googleapis.com"
SESSION = re.compile(r"https://([a-z0-9-]+\.)?googleapis\.com/")
PLATFORM = "YouTube"
DONE = frozenset({200, 201})
UPLOAD_TIMEOUT_S = (10.0, 120.0)
A_FEW_MINUTES = timedelta(minutes=5)


class Google:
    """One channel. Raises nothing but ChannelError."""

    def __init__(self, http: Http, login: Login) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {login.token}"}
        self.words = {"platform": PLATFORM, "handle": login.handle or login.external_id}

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return self._body(self._call("GET", f"https://{HOST}/youtube/v3/{path}", params=params))

    def begin(self, resource: Mapping[str, Any], size: int) -> str:
        """The address of a new upload session. It holds nothing, and nobody sees it."""
        headers = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"}
        params = {"uploadType": "resumable", "part": "snippet,status"}
        url = f"https://{HOST}/upload/youtube/v3/videos"
        reply = self._call("POST", url, params=params, body=resource, headers=headers)
        address = {name.lower(): value for name, value in reply.headers.items()}.get("location", "")
        if reply.status in DONE and is_session(address):
            return address
        raise self.failure(reply)

    def put(self, session: str, content_range: str, body: bytes = b"") -> Reply:
        """Bytes into the session, or with none the question what is there. 308 is an answer like any other."""
        return self._call("PUT", session, data=body, headers={"Content-Range": content_range})

    def put_once(self, session: str, content_range: str, body: bytes) -> Reply:
        """The irreversible call: 200 or 201, or whatever leaves the outcome open is OutcomeUnknown."""
        headers = {"Content-Range": content_range}
        reply = self._call("PUT", session, data=body, headers=headers, irreversible=True)
        if reply.status in DONE:
            return reply
        found = meaning(reply.status, reason_of(reply.json()))
        is_certain = found is not None and found.means in CERTAIN and 400 <= reply.status < 500
        if reply.status in GONE or not is_certain:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code=_name(reply))
        raise self.failure(reply)

    def failure(self, reply: Reply) -> ChannelError:
        """What a refusal says. One that nobody documents may pass, and is asked again before a person is."""
        found = meaning(reply.status, reason_of(reply.json()))
        return self.error(found or Meaning(Means.TRANSIENT, wait=A_FEW_MINUTES), _name(reply))

    def error(self, found: Meaning, code: str) -> ChannelError:
        wait = until_new_day(clock.now()) if found.means is Means.DAY else found.wait
        return lasting(found, code, self.words) or TryLater(found.words, after=wait, code=code, **self.words)

    def later(self, code: str, wait: timedelta = A_FEW_MINUTES) -> TryLater:
        return TryLater(SENTENCES[Means.TRANSIENT], after=wait, code=code, **self.words)

    def _body(self, reply: Reply) -> dict[str, Any]:
        body = reply.json()
        if reply.status == 200 and isinstance(body, dict) and "error" not in body:
            return body
        raise self.failure(reply)

    def _call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        irreversible: bool = False,
    ) -> Reply:
        sent = self._headers | dict(headers or {})
        try:
            return self._http.call(
                method, url, params=params, body=body, data=data, headers=sent, timeout_s=UPLOAD_TIMEOUT_S
            )
        except NoAnswer as error:
            if irreversible and error.reached:
                raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_answer") from None
            raise self.error(TRANSIENT, "no_answer") from None
        except PrivateAddress:
            raise self.error(TRANSIENT, "private_address") from None


def is_session(address: str) -> bool:
    """The token goes wherever this leads, so it must lead to the platform. Only signs that all read alike."""
    return SESSION.match(address) is not None


def _name(reply: Reply) -> str:
    return reason_of(reply.json()) or f"http_{reply.status}"
