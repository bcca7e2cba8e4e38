"""The practice platforms: accounts are opened there and the past is told to them, by their own steering calls."""

import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from contentdesk.demo import cast
from contentdesk.demo.story import Group, Past
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer

STEP_S = 0.05
TIMEOUT_S = (2.0, 10.0)
FIGURE_NAMES = {"saves": "saved"}
"""Where the platform calls a figure otherwise than we do."""


@dataclass(frozen=True)
class Opened:
    external_id: str
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Posted:
    external_id: str
    permalink: str


@dataclass(frozen=True)
class Stage:
    """What the platforms know. Empty when nobody answers."""

    accounts: Mapping[str, Opened] = field(default_factory=dict)
    """By kelurahan of the KIM."""
    posts: Mapping[int, Posted] = field(default_factory=dict)
    """By place in the history."""


def wait_for(url: str, seconds: float) -> bool:
    """Whether somebody listens at this address within so many seconds."""
    parts, pause = urlsplit(url), threading.Event()
    for _ in range(max(1, round(seconds / STEP_S))):
        try:
            socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1).close()
            return True
        except OSError:
            pause.wait(STEP_S)
    return False


def set_up(url: str, kind: str, groups: Iterable[Group], history: Sequence[Past]) -> Stage:
    """Opening an account again finds it again. Without an answer the stage stays empty."""
    http = Http(may_be_private=True)
    try:
        accounts = {group.code: _open(http, url, kind, group) for group in groups}
        posts = {place: _post(http, url, kind, accounts[past.group.code], past) for place, past in enumerate(history)}
    except (NoAnswer, WrongAnswer):
        return Stage()
    return Stage(accounts, posts)


class WrongAnswer(Exception):
    """Whoever answered is no practice platform."""


def _open(http: Http, url: str, kind: str, group: Group) -> Opened:
    wish = {"platform": kind, "username": group.handle, "name": f"{group.name} (latihan)", "followers": 900}
    found = _tell(http, f"{url}/_admin/accounts", wish)
    return Opened(str(found["id"]), found["access_token"], datetime.fromtimestamp(found["expires_at"], UTC))


def _post(http: Http, url: str, kind: str, account: Opened, past: Past) -> Posted:
    figures = {FIGURE_NAMES.get(name, name): value for name, value in asdict(past.final).items()}
    wish = {
        "platform": kind,
        "account_id": account.external_id,
        "caption": past.words.text,
        "age_s": (clock.now() - past.sent_at).total_seconds(),
        "figures": figures if past.group.code not in cast.CUT_OFF else {},
    }
    found = _tell(http, f"{url}/_admin/posts", wish)
    return Posted(str(found["id"]), found["permalink"])


def _tell(http: Http, url: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    reply = http.call("POST", url, body=dict(wish), timeout_s=TIMEOUT_S)
    found = reply.json()
    if reply.status != 200 or not isinstance(found, dict):
        raise WrongAnswer
    return found
