"""Which path leads where. There is no way to list what was posted, as there is none in the real one."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from contentdesk.sandbox import figures
from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.telegram import chats, errors, sending
from contentdesk.sandbox.routes import page_of
from contentdesk.sandbox.wire import Call, Failure, Reply, World

PATH = re.compile(r"/bot[^/]*/(\w+)")


def get_me(call: Call) -> Reply:
    bot = chats.bot_of(call)
    return _good({"id": bot["bot_id"], "is_bot": True, "first_name": "Bot", "username": f"{bot['username']}_bot"})


def get_chat(call: Call) -> Reply:
    return _good(chats.told(chats.asked_for(call)))


def get_chat_member(call: Call) -> Reply:
    chat = chats.asked_for(call)
    if call.args.get("user_id") != str(chat["bot_id"]):
        raise errors.refuse(400, "Bad Request: member not found")
    member: dict[str, object] = {"status": chat["status"], "user": {"id": chat["bot_id"], "is_bot": True}}
    if chat["status"] == "administrator":
        member["can_post_messages"] = bool(chat["can_post"])
    return _good(member)


def get_chat_member_count(call: Call) -> Reply:
    return _good(figures.followers_now(call.knobs, chats.asked_for(call), call.now))


def _good(result: object) -> Reply:
    return Reply({"ok": True, "result": result})


METHODS: Mapping[str, Callable[[Call], Reply]] = MappingProxyType(
    {
        "getme": get_me,
        "getchat": get_chat,
        "getchatmember": get_chat_member,
        "getchatmembercount": get_chat_member_count,
        "sendmessage": sending.message,
        "sendphoto": sending.photo,
        "sendvideo": sending.video,
        "sendmediagroup": sending.group,
    }
)


class Telegram:
    name = "telegram"
    title = "Telegram"
    hosts = frozenset({"api.telegram.org", "t.me"})
    schema = chats.SCHEMA
    keys = MappingProxyType({"Kunci bot": "{access_token}", "Kanal": "@{username}"})

    def answer(self, call: Call) -> Reply:
        if call.host == "t.me":
            return _page(call)
        found = PATH.fullmatch(call.path)
        handler = METHODS.get(found[1].lower()) if found else None
        if handler is None:
            raise errors.refuse(404)
        chats.bot_of(call)
        return handler(call)

    def failure(self, call: Call, failure: Failure) -> Reply:
        return errors.ordered(failure)

    def usage(self, call: Call) -> dict[str, str]:
        return {}

    def resume(self, world: World) -> None:
        """Nothing goes on after the answer."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return chats.open_with_bot(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return sending.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        """What a person sees in the app; no call tells it."""
        return figures_of(world, post_id)


PLATFORM = Telegram()


def _page(call: Call) -> Reply:
    link = f"{sending.HOST}{call.path}"
    return page_of(call, lambda post: post["permalink"] == link)
