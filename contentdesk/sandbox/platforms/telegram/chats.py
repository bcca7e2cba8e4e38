"""Channels and the bots in them, opened by the admin. A channel has one bot here."""

import re
import secrets
import sqlite3
from typing import Any

from contentdesk.sandbox.platforms.telegram.errors import refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS telegram_chats (
  account_id TEXT PRIMARY KEY, type TEXT NOT NULL, public INTEGER NOT NULL, bot_id INTEGER NOT NULL,
  status TEXT NOT NULL, can_post INTEGER NOT NULL, last_message INTEGER NOT NULL DEFAULT 1);
"""
USERNAME = re.compile(r"[a-z0-9_.]{1,32}", re.IGNORECASE)
FIRST_CHAT = 1_001_000_000_000
FIRST_BOT = 7_000_000_000
IN_THE_CHANNEL = ("creator", "administrator", "member")
NEVER_ENDS = 100 * 365 * 86_400.0


def open_with_bot(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin. The same username is the same channel with the same bot.

    `status` is what the bot is there (administrator, member, left, kicked), `can_post` whether it may post,
    `public` whether the channel has an address, `type` what kind of chat it is.
    """
    username = str(wishes.get("username", ""))
    if not USERNAME.fullmatch(username):
        raise ValueError("username wants 1 to 32 letters, numbers or _")
    with world.store.transaction():
        account = _account(world, username, wishes)
        token = _place_bot(world, account["id"], wishes)
    chat = of_account(world.store, account["id"])
    assert chat is not None
    return {
        "id": chat["account_id"],
        "username": username,
        "name": account["name"],
        "followers": account["followers"],
        "access_token": token,
        "bot_id": chat["bot_id"],
        "expires_at": world.clock.now() + NEVER_ENDS,
    }


def _account(world: World, username: str, wishes: dict[str, Any]) -> sqlite3.Row:
    sql = "SELECT * FROM accounts WHERE platform = 'telegram' AND username = ?"
    found = world.store.row(sql, username)
    if found is None:
        chat_id = f"-{FIRST_CHAT + 7919 * world.store.next_number('telegram_chat')}"
        name, followers = str(wishes.get("name") or username), int(wishes.get("followers", 1000))
        values = (chat_id, username, name, followers, world.clock.now())
        world.store.run("INSERT INTO accounts VALUES (?, 'telegram', ?, ?, ?, ?)", *values)
        found = world.store.row(sql, username)
    assert found is not None
    return found


def _place_bot(world: World, chat_id: str, wishes: dict[str, Any]) -> str:
    """The bot keeps its key; its place in the channel is what is wished now."""
    store, now = world.store, world.clock.now()
    known = of_account(store, chat_id)
    bot_id = known["bot_id"] if known else FIRST_BOT + 104_729 * store.next_number("telegram_bot")
    public, status = bool(wishes.get("public", True)), str(wishes.get("status", "administrator"))
    kind, can_post = str(wishes.get("type", "channel")), bool(wishes.get("can_post", True))
    sql = (
        "INSERT INTO telegram_chats (account_id, type, public, bot_id, status, can_post) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id) DO UPDATE SET type = excluded.type, public = excluded.public,"
        " status = excluded.status, can_post = excluded.can_post"
    )
    store.run(sql, chat_id, kind, public, bot_id, status, can_post)
    token = store.row("SELECT token FROM tokens WHERE account_id = ? AND revoked IS NULL", chat_id)
    if token:
        return str(token["token"])
    made = f"{bot_id}:AA{secrets.token_urlsafe(25)}"
    values = (made, chat_id, now, now + NEVER_ENDS)
    store.run("INSERT INTO tokens VALUES (?, ?, 'telegram', 'bot', '[]', ?, ?, NULL)", *values)
    return made


def of_account(store: Store, account_id: str) -> sqlite3.Row | None:
    return store.row(
        "SELECT c.*, a.id, a.username, a.name, a.followers, a.created_at FROM telegram_chats c"
        " JOIN accounts a ON a.id = c.account_id WHERE c.account_id = ?",
        account_id,
    )


def asked_for(call: Call) -> sqlite3.Row:
    """The chat of `chat_id`, for a bot that is in it. One that was thrown out is told so."""
    chat = _named(call, call.args.get("chat_id", ""))
    if chat is None or chat["bot_id"] != bot_of(call)["bot_id"] or chat["status"] == "none":
        raise refuse(400, "Bad Request: chat not found")
    call.account_id = chat["account_id"]
    if chat["status"] not in IN_THE_CHANNEL:
        raise refuse(403)
    return chat


def _named(call: Call, name: str) -> sqlite3.Row | None:
    if not name.startswith("@"):
        return of_account(call.store, name)
    sql = (
        "SELECT a.id FROM accounts a JOIN telegram_chats c ON c.account_id = a.id"
        " WHERE lower(a.username) = lower(?) AND c.public AND a.platform = 'telegram'"
    )
    found = call.store.row(sql, name[1:])
    return of_account(call.store, found["id"]) if found else None


def bot_of(call: Call) -> sqlite3.Row:
    """The bot whose key stands in the path; 401 for a wrong or withdrawn one. It outlives its channel."""
    token = call.path.removeprefix("/bot").partition("/")[0]
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND kind = 'bot'", token)
    if row is None or row["revoked"] is not None:
        raise refuse(401)
    bot = call.store.row(
        "SELECT c.bot_id, coalesce(a.username, 'kim') AS username FROM telegram_chats c"
        " LEFT JOIN accounts a ON a.id = c.account_id WHERE c.account_id = ?",
        row["account_id"],
    )
    if bot is None:
        raise refuse(401)
    call.account_id = row["account_id"]
    return bot


def told(chat: sqlite3.Row) -> dict[str, object]:
    body: dict[str, object] = {"id": int(chat["account_id"]), "type": chat["type"], "title": chat["name"]}
    return body | {"username": chat["username"]} if chat["public"] else body
