"""Signing in on a platform: what is remembered between leaving for it and coming back.

The state is kept in the signed session, is used once and ends after half an hour.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from flask import session

from contentdesk.channels import registry
from contentdesk.channels.base import AppKeys, Login
from contentdesk.config import Config
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box, SealBroken

KEY = "connecting"
VALID_FOR = timedelta(minutes=30)
STAND_IN = "latihan"
"""In practice, where any registration will do. Never elsewhere: it is no secret, and rings are believed by it."""


@dataclass(frozen=True)
class Started:
    """`account_id`: which account is to be connected again; None for a new one."""

    kind: str
    kim_id: str | None
    account_id: str | None


def registered(config: Config, kind: str) -> AppKeys | None:
    """The settings `<KIND>_CLIENT_ID` and `<KIND>_CLIENT_SECRET`, None when the city has not registered."""
    if kind in config.apps:
        return AppKeys(*config.apps[kind])
    return AppKeys(STAND_IN, STAND_IN) if config.practice and config.platform_base_url else None


def is_open(config: Config, kind: str) -> bool:
    """Whether accounts of this kind can be connected here and now."""
    channel = registry.connectable(kind)
    if channel is None:
        return registry.by_key(kind) is not None
    return not channel.needs_app or registered(config, kind) is not None


@dataclass(frozen=True)
class Held:
    """What the callback needs besides: the PKCE verifier and what the channel wanted kept."""

    verifier: str = field(repr=False)
    keep: Mapping[str, str] = field(repr=False)


def begin(box: Box, started: Started, state: str, held: Held) -> None:
    """Remembers what is being connected. The browser's cookie shows nothing of `held`: it is sealed."""
    sealed = box.seal(json.dumps(asdict(held)))
    session[KEY] = {"state": state, "at": clock.now().timestamp(), "held": sealed, **asdict(started)}


def finish(box: Box, kind: str, state: str) -> tuple[Started, Held] | None:
    """What was begun with this state; None when it is not ours, was used, or is over."""
    kept = session.pop(KEY, None)
    if not isinstance(kept, dict) or not compare_digest(str(kept["state"]).encode(), state.encode()):
        return None
    if kept["kind"] != kind or clock.now().timestamp() - kept["at"] > VALID_FOR.total_seconds():
        return None
    try:
        held = json.loads(box.open(kept["held"]))
    except SealBroken:
        return None
    return Started(kind, kept["kim_id"], kept["account_id"]), Held(**held)


def seal_choice(box: Box, person_id: str, kind: str, kim_id: str | None, logins: Sequence[Login]) -> str:
    """The accounts to choose from, for a hidden field: nobody can read or change the tokens in it."""
    until = (clock.now() + VALID_FOR).timestamp()
    whose = {"person": person_id, "kind": kind, "kim_id": kim_id, "until": until}
    return box.seal(json.dumps({**whose, "logins": [_plain(login) for login in logins]}))


def open_choice(box: Box, person_id: str, kind: str, sealed: str) -> tuple[str | None, list[Login]]:
    """What `seal_choice` sealed for this person; no logins when it is not theirs or is over."""
    try:
        kept = json.loads(box.open(sealed))
    except SealBroken:
        return None, []
    if (kept.get("person"), kept.get("kind")) != (person_id, kind) or kept["until"] < clock.now().timestamp():
        return None, []
    return kept["kim_id"], [_login(row) for row in kept["logins"]]


MOMENTS = ("expires_at", "refresh_expires_at", "access_ends_at")


def _plain(login: Login) -> dict[str, Any]:
    row = asdict(login)
    return row | {name: row[name] and row[name].isoformat() for name in MOMENTS}


def _login(row: dict[str, Any]) -> Login:
    moments = {name: datetime.fromisoformat(row[name]) if row.get(name) else None for name in MOMENTS}
    return Login(**(row | moments | {"scopes": tuple(row["scopes"])}))
