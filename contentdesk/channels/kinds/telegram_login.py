"""Connecting a Telegram channel: the key of a bot, and the channel it is administrator of."""

import re
from collections.abc import Mapping
from typing import Any

from contentdesk.channels.abilities import Ask
from contentdesk.channels.base import Login, NotAllowed, Rejected
from contentdesk.channels.kinds.telegram_bot import KEY, Bot
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

ASKS = (
    Ask(
        "token",
        N_("Kunci bot"),
        help=N_("Buat bot lewat @BotFather di Telegram, lalu salin kuncinya ke sini."),
        secret=True,
    ),
    Ask(
        "channel",
        N_("Kanal"),
        help=N_("Jadikan bot itu admin kanal dengan izin mengirim pesan, lalu tulis alamat kanalnya."),
        placeholder="@kim_dinoyo",
    ),
)
CHANNEL = re.compile(r"(?:(?:https?://)?(?:t|telegram)\.me/|@)?([a-z]\w{3,31})/?", re.IGNORECASE)
CHAT_ID = re.compile(r"-100\d{5,15}")

NO_KEY = N_("Itu bukan kunci bot. Bentuknya angka, titik dua, lalu huruf. Salin lagi seluruhnya dari @BotFather.")
NO_NAME = N_("Itu bukan alamat kanal. Tulis seperti @kim_dinoyo, atau nomornya yang diawali -100.")
NO_CHANNEL = N_("Kanal %(channel)s tidak ditemukan oleh bot itu. Periksa alamatnya dan tambahkan bot ke kanal.")
NO_SUCH_KIND = N_("%(channel)s bukan kanal. Grup dan obrolan pribadi tidak bisa dipakai.")
NO_RIGHT = N_("Bot itu belum boleh mengirim ke %(channel)s. Jadikan admin dengan izin mengirim pesan, lalu ulangi.")


def sign_in(http: Http, answers: Mapping[str, str]) -> Login:
    """Raises LoginExpired for a key that is refused, Rejected for a wrong answer, NotAllowed without the right."""
    token, named = answers.get("token", "").strip(), chat_of(answers.get("channel", ""))
    if not KEY.fullmatch(token):
        raise Rejected(NO_KEY, code="key")
    if not named:
        raise Rejected(NO_NAME, code="channel")
    bot = Bot(http, Login(named, named, token))
    me = _dict(bot.ask("getMe"))
    chat = _chat(bot, named)
    login = _login(chat, token, str(me.get("id", "")), named)
    must_post(http, login)
    return login


def chat_of(typed: str) -> str:
    """`@name` or the number of a chat; empty when it is neither."""
    typed = typed.strip()
    if CHAT_ID.fullmatch(typed):
        return typed
    found = CHANNEL.fullmatch(typed)
    return f"@{found[1]}" if found else ""


def must_post(http: Http, login: Login) -> None:
    """Asks for the bot's place in the channel. Raises NotAllowed without the right to post."""
    try:
        may = Bot(http, login).may_post()
    except Rejected:
        raise NotAllowed(NO_RIGHT, code="no_member", channel=login.handle) from None
    if not may:
        raise NotAllowed(NO_RIGHT, code="no_right", channel=login.handle)


def _chat(bot: Bot, named: str) -> dict[str, Any]:
    try:
        chat = _dict(bot.ask("getChat", chat_id=named))
    except Rejected:
        raise Rejected(NO_CHANNEL, code="chat_not_found", channel=named) from None
    if chat.get("type") != "channel" or not chat.get("id"):
        raise Rejected(NO_SUCH_KIND, code="chat_type", channel=named)
    return chat


def _login(chat: Mapping[str, Any], token: str, bot_id: str, named: str) -> Login:
    """The handle is the public name, or the title of a channel that has none. `channel` answers the question again."""
    username, chat_id = str(chat.get("username") or ""), str(chat["id"])
    details = {"bot_id": bot_id, "channel": f"@{username}" if username else chat_id}
    details |= {"username": username} if username else {}
    return Login(chat_id, username or str(chat.get("title") or named), token, details=details)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
