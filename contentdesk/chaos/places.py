"""The pretend platforms that take part: how an account there is spoken for, and which call makes a post public."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import Login

PDS = "https://pds.latihan.test"
Opened = Mapping[str, Any]
"""What the platform answered when the account was opened."""


@dataclass(frozen=True)
class Place:
    call: str
    """Path of the irreversible call, as a pattern."""
    login: Callable[[Opened], Login]
    tells: bool = True
    """Whether one can look what became of a call. Otherwise it is for a person, who gets two buttons."""
    wants_photo: bool = False
    host: str = ""
    """Behind the account's name."""
    limit: str = "meta"
    """In whose words it says that there were too many calls."""


def _plain(opened: Opened) -> Login:
    expires_at = datetime.fromtimestamp(opened["expires_at"], UTC) if opened.get("expires_at") else None
    scopes = tuple(str(scope) for scope in opened.get("scopes", ()))
    return Login(str(opened["id"]), str(opened["username"]), str(opened["access_token"]), expires_at, scopes=scopes)


def _bot(opened: Opened) -> Login:
    details = {"bot_id": str(opened["bot_id"]), "username": str(opened["username"])}
    return Login(str(opened["id"]), str(opened["username"]), str(opened["access_token"]), details=details)


def _session(opened: Opened) -> Login:
    login = _plain(opened)
    return replace(login, refresh_token=str(opened["refresh_token"]), details={"pds": PDS})


def _site(opened: Opened) -> Login:
    details = {"site": str(opened["site"]), "rest": "path", "user": str(opened["username"])}
    details["user_id"] = str(opened["id"]).partition("#")[2]
    return Login(str(opened["id"]), str(opened["username"]), str(opened["access_token"]), details=details)


def _server(opened: Opened) -> Login:
    details = {"server": str(opened["server"]), "account": str(opened["account"])}
    return Login(str(opened["id"]), str(opened["username"]), str(opened["access_token"]), details=details)


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "instagram": Place(r"/media_publish$", _plain, wants_photo=True),
        "facebook": Place(r"/feed$", _plain),
        "threads": Place(r"/threads_publish$", _plain),
        "telegram": Place(r"/(sendMessage|sendPhoto)$", _bot, tells=False, limit="http"),
        "mastodon": Place(r"/api/v1/statuses$", _server, limit="http"),
        "bluesky": Place(r"/com\.atproto\.repo\.putRecord$", _session, host=".latihan.test", limit="http"),
        "wordpress": Place(r"/wp/v2/posts/\d+$", _site, limit="http"),
    }
)
"""By kind of channel, which is also the platform's name in the sandbox."""
IRREVERSIBLE = "|".join(place.call for place in PLACES.values())
NO_LIMITS: Mapping[str, object] = MappingProxyType(
    {
        "container_delay_s": 0.3,
        "quota_total": 100_000,
        "threads_quota_total": 100_000,
        "containers_per_day": 100_000,
        "app_calls_per_hour": 1_000_000,
        "account_calls_per_hour": 1_000_000,
        "telegram_per_minute": 100_000,
    }
)
"""Limits of a day or a minute are not what is looked at here: a thousand posts go to a few accounts."""
