"""Telegram channels through the Bot API: message, photos, video.

There is no draft and no key against doubles, and what was posted cannot be listed. So `publish` is the one call,
and a lost answer is for a person, who looks at the channel.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.abilities import AccountStats
from contentdesk.channels.base import (
    CannotTell,
    Checkpoint,
    Format,
    Login,
    Option,
    Outgoing,
    Photo,
    PhotoRule,
    Prepared,
    Rules,
    Sent,
    Stats,
    TextRule,
    Video,
    VideoRule,
)
from contentdesk.channels.kinds import telegram_login
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.telegram_bot import PLATFORM, Bot, Files, asked_wait
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

LINK_HOSTS = frozenset({"t.me", "telegram.me", "www.t.me"})
LINK_PATH = r"/(s/)?([A-Za-z]\w{3,31}|c/\d+)/\d+/?"


def units(text: str) -> int:
    """Counted as the platform's own clients do: characters beyond the first plane, as most emoji, are two."""
    return len(text.encode("utf-16-le")) // 2


MESSAGE = Rules(
    text=TextRule(max_chars=4096, required=True, count=units),
    photo=PhotoRule(min_count=0, max_count=0),
)
MEDIA = Rules(
    text=TextRule(max_chars=1024, count=units),
    photo=PhotoRule(min_count=1, max_count=10, min_ratio=0.06, max_ratio=19.0, max_width=2560, max_bytes=10_000_000),
    video=VideoRule(max_seconds=3600, max_bytes=50_000_000),
)


class Telegram:
    kind = "telegram"
    name = PLATFORM
    icon = "brand-telegram"
    formats: tuple[Format, ...] = (
        Format("message", N_("Pesan"), MESSAGE),
        Format("media", N_("Foto atau video"), MEDIA),
    )
    options: tuple[Option, ...] = ()
    figures = frozenset({"views", "likes", "comments", "shares"})
    """Seen in the app by people; no call tells them."""
    figures_by_people = True
    by_hand = False
    quotas = (Quota(Scope.ACCOUNT, Counts.POSTS, 20, timedelta(minutes=1), "https://core.telegram.org/bots/faq"),)
    """Said there of groups, seen in channels."""
    asks = telegram_login.ASKS

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        """Nothing can be done beforehand."""
        return Prepared(checkpoint, ready=True)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        bot = Bot(http, outgoing.login)
        with ExitStack() as held:
            method, form, files = _call(outgoing, held)
            result = bot.send_once(method, {"chat_id": outgoing.login.external_id} | form, files)
        number = _message_id(result)
        if number is None:
            raise bot.unknown("no_id")
        return Sent(f"{outgoing.login.external_id}_{number}", _permalink(outgoing.login, number))

    def find(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> CannotTell:
        return CannotTell()

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """Nothing: views are shown to people only."""
        return {}

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        count = Bot(http, login).ask("getChatMemberCount", chat_id=login.external_id)
        return AccountStats(followers=count if type(count) is int else None)

    def check(self, http: Http, login: Login) -> None:
        telegram_login.must_post(http, login)

    def sign_in(self, http: Http, answers: Mapping[str, str]) -> Sequence[Login]:
        return (telegram_login.sign_in(http, answers),)

    def usage(self, reply: Reply) -> Sequence[Usage]:
        """How long to wait stands in the body."""
        return (Usage(Scope.ACCOUNT, 1.0, asked_wait(reply)),) if reply.status == 429 else ()

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH)


def _call(outgoing: Outgoing, held: ExitStack) -> tuple[str, dict[str, str], Files | None]:
    """Method, fields and files. Files stay open until the call is over."""
    if outgoing.video is not None:
        return "sendVideo", _caption(outgoing) | _video_fields(outgoing.video), _file(held, "video", outgoing.video)
    if not outgoing.photos:
        return "sendMessage", {"text": outgoing.text}, None
    if len(outgoing.photos) == 1:
        return "sendPhoto", _caption(outgoing), _file(held, "photo", outgoing.photos[0])
    names = [f"photo{place}" for place in range(len(outgoing.photos))]
    media: list[dict[str, Any]] = [{"type": "photo", "media": f"attach://{name}"} for name in names]
    media[0] |= _caption(outgoing)
    files = [_file(held, name, photo) for name, photo in zip(names, outgoing.photos, strict=True)]
    return "sendMediaGroup", {"media": json.dumps(media)}, {name: part[name] for part in files for name in part}


def _caption(outgoing: Outgoing) -> dict[str, str]:
    return {"caption": outgoing.text} if outgoing.text else {}


def _video_fields(video: Video) -> dict[str, str]:
    sides = {"width": str(video.width), "height": str(video.height)}
    return sides | {"duration": str(round(video.seconds)), "supports_streaming": "true"}


def _file(held: ExitStack, name: str, media: Photo | Video) -> Files:
    ending, kind = ("mp4", "video/mp4") if isinstance(media, Video) else ("jpg", "image/jpeg")
    return {name: (f"{name}.{ending}", held.enter_context(media.open()), kind)}


def _message_id(result: Any) -> int | None:
    """Of several photos, the first message: the one with the text."""
    first = result[0] if isinstance(result, list) and result else result
    number = first.get("message_id") if isinstance(first, dict) else None
    return number if type(number) is int else None


def _permalink(login: Login, number: int) -> str | None:
    """Posts of a private channel have no address that everybody can open."""
    username = login.details.get("username")
    return f"https://t.me/{username}/{number}" if username else None
