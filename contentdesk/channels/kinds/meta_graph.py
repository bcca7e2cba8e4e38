"""Speaks with a Graph host: token in the header, JSON envelope, every failure as one of the ways to fail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, BinaryIO

from contentdesk.channels.base import (
    ChannelError,
    Login,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from contentdesk.channels.kinds.failing import FewTries, lasting
from contentdesk.channels.kinds.meta_errors import (
    ACCOUNT_GONE,
    NO_PERMISSION,
    SENTENCES,
    UNKNOWN_OUTCOME,
    Meaning,
    Means,
    meaning,
    settles,
)
from contentdesk.lib.http import TIMEOUT_S, Http, NoAnswer, PrivateAddress, Reply

VERSION = "v25.0"
"""Valid until 2028-07-29; the reference pages of Instagram are written for it."""

UPLOAD_TIMEOUT_S = (5.0, 120.0)
"""A video's bytes may be looked at before they are acknowledged."""
Files = Mapping[str, tuple[str, bytes | BinaryIO, str]]

LONGEST_WAIT = timedelta(hours=24)
NOBODY = "100/33"
"""Missing, or not ours to see. Also said of things that are there, so it is asked twice before it counts."""


class Graph:
    """One account on one Graph host. Raises nothing but ChannelError."""

    def __init__(
        self,
        http: Http,
        host: str,
        platform: str,
        login: Login,
        version: str = VERSION,
        no_permission: str = NO_PERMISSION.sentence,
    ) -> None:
        """`no_permission`: what is said when a permission is missing, with the names of those that are needed."""
        self._http, self._no_permission = http, no_permission
        self._base = f"https://{host}/{version}"
        self._login = login
        self.words = {"platform": platform, "handle": login.handle or login.external_id}

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return self._call("GET", path, params=params)

    def get_own(self, fields: str) -> dict[str, Any]:
        """The account itself. Raises NotAllowed when it is gone."""
        try:
            return self.get(self._login.external_id, fields=fields)
        except FewTries as error:
            raise self._gone() if error.code == NOBODY and self._is_nobody() else error from None

    def permalink(self, post_id: str, field: str = "permalink") -> str | None:
        """Nice to have: the post is public, whatever this answers."""
        try:
            link = self.get(post_id, fields=field).get(field)
        except ChannelError:
            return None
        return str(link) if link else None

    def given_up(self, error: FewTries) -> ChannelError:
        """After a few tries: the account is gone, or a person has to change the post."""
        if error.code == NOBODY and self._is_nobody():
            return self._gone()
        return Rejected(error.sentence, code=error.code, **error.values)

    def _is_nobody(self) -> bool:
        try:
            self.get(self._login.external_id, fields="id")
        except ChannelError as error:
            return error.code == NOBODY
        return False

    def _gone(self) -> ChannelError:
        return self.failure(ACCOUNT_GONE, NOBODY)

    def post(self, path: str, form: Mapping[str, str], files: Files | None = None) -> dict[str, Any]:
        return self._call("POST", path, form=form, files=files)

    def delete(self, path: str) -> dict[str, Any]:
        return self._call("DELETE", path)

    def post_once(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The irreversible call: whatever leaves the outcome open is OutcomeUnknown."""
        return self._call("POST", path, form=form, irreversible=True)

    def batch(self, paths: Sequence[str]) -> list[dict[str, Any] | ChannelError | None]:
        """Up to 50 reads in one call, each with an answer or an error of its own; None: it took too long."""
        rows = json.dumps([{"method": "GET", "relative_url": path} for path in paths])
        reply = self._asked("POST", f"{self._base}/", form={"batch": rows, "include_headers": "false"})
        answers = reply.json()
        if not isinstance(answers, list) or len(answers) != len(paths):
            self._body(reply, irreversible=False)
            raise self.later(Meaning(Means.TRANSIENT), "batch")
        return [self._part(answer) for answer in answers]

    def _part(self, answer: Any) -> dict[str, Any] | ChannelError | None:
        if not isinstance(answer, dict):
            return None
        try:
            return self._body(Reply(_number(answer.get("code")), {}, str(answer.get("body")).encode()), False)
        except ChannelError as error:
            return error

    def reply_to(self, path: str, form: Mapping[str, str], files: Files) -> Reply:
        """As `post`, with the answer as it came; `read` says what it means. Raises TryLater when there is none."""
        return self._asked("POST", f"{self._base}/{path}", form=form, files=files)

    def read(self, reply: Reply) -> dict[str, Any]:
        return self._body(reply, irreversible=False)

    def upload(self, url: str, content: BinaryIO, headers: Mapping[str, str]) -> Reply:
        """The rest of an open file to an upload address, whatever the answer. Raises TryLater when there is none."""
        return self._asked("POST", url, data=content, headers=headers, word="OAuth")

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Files | None = None,
        irreversible: bool = False,
    ) -> dict[str, Any]:
        url = f"{self._base}/{path}"
        reply = self._asked(method, url, params=params, form=form, files=files, irreversible=irreversible)
        return self._body(reply, irreversible)

    def _asked(self, method: str, url: str, *, irreversible: bool = False, word: str = "Bearer", **sent: Any) -> Reply:
        headers = {**(sent.pop("headers", None) or {}), "Authorization": f"{word} {self._login.token}"}
        slow = sent.get("files") or sent.get("data")
        try:
            return self._http.call(
                method, url, headers=headers, timeout_s=UPLOAD_TIMEOUT_S if slow else TIMEOUT_S, **sent
            )
        except NoAnswer as error:
            raise self._no_answer(irreversible and error.reached) from None
        except PrivateAddress:
            raise self._no_answer(open_end=False) from None

    def _no_answer(self, open_end: bool) -> ChannelError:
        if open_end:
            return OutcomeUnknown(UNKNOWN_OUTCOME, code="no_answer")
        return self.later(Meaning(Means.TRANSIENT), "no_answer")

    def _body(self, reply: Reply, irreversible: bool) -> dict[str, Any]:
        body = reply.json()
        if 200 <= reply.status < 300 and isinstance(body, dict) and "error" not in body:
            return body
        code, subcode = codes(body)
        name = f"{code}/{subcode}" if code or subcode else f"http_{reply.status}"
        if irreversible and not _nothing_happened(reply.status, code, subcode):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code=name)
        raise self.failure(_meaning(reply, body), name, _asked_wait(reply.headers))

    def failure(self, found: Meaning, code: str, wait: timedelta | None = None) -> ChannelError:
        """The meaning of an answer as the error that says it."""
        if found is NO_PERMISSION:
            found = replace(found, sentence=self._no_permission)
        passes = self.later(found, code, wait if found.means is Means.LIMIT else None)
        return lasting(found, code, self.words) or passes

    def later(self, found: Meaning, code: str, wait: timedelta | None = None) -> TryLater:
        kind = FewTries if found.means is Means.FEW else TryLater
        return kind(found.words, after=wait or found.after, code=code, **self.words)

    def rejected(self, code: str, found: Meaning | None = None) -> Rejected:
        sentence = found.words if found else SENTENCES[Means.CONTENT]
        return Rejected(sentence, code=code, **self.words)


def codes(body: Any) -> tuple[int, int]:
    """Code and subcode of the error envelope; 0 for what it does not say."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return 0, 0
    return _number(error.get("code")), _number(error.get("error_subcode"))


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _nothing_happened(status: int, code: int, subcode: int) -> bool:
    if status >= 500 or status < 400:
        return False
    if code or subcode:
        return settles(code, subcode)
    return status in (401, 429)


def _meaning(reply: Reply, body: Any) -> Meaning:
    code, subcode = codes(body)
    found = meaning(code, subcode)
    if found.means is not Means.FEW or (code, subcode) == (100, 33):
        return found
    if reply.status == 401:
        return Meaning(Means.LOGIN)
    if reply.status == 429:
        return Meaning(Means.LIMIT)
    if (not code and (reply.status >= 500 or reply.status < 400)) or _says_transient(body):
        return Meaning(Means.TRANSIENT)
    return found


def _says_transient(body: Any) -> bool:
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and error.get("is_transient") is True


def _asked_wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long the platform wants to be left alone, where it says so."""
    named = {name.lower(): value for name, value in headers.items()}
    seconds = _number(named.get("retry-after"))
    seconds = max(seconds, 60 * _minutes_to_regain(named.get("x-business-use-case-usage", "")))
    return min(timedelta(seconds=seconds), LONGEST_WAIT) if seconds > 0 else None


def _minutes_to_regain(header: str) -> int:
    try:
        usage = json.loads(header)
    except ValueError:
        return 0
    if not isinstance(usage, dict):
        return 0
    rows = [row for rows in usage.values() if isinstance(rows, list) for row in rows if isinstance(row, dict)]
    return max((_number(row.get("estimated_time_to_regain_access")) for row in rows), default=0)
