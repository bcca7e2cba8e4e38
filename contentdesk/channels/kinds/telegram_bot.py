"""Speaks with Telegram's Bot API: the key in the path, `ok` in every answer, every failure as a way to fail.

The key stands in the address, so the address is never told to anybody: not in an exception, not in a code. The API
tells reasons only as text, which is never read; a refusal is told apart by its number and, for 400, by asking
whether the channel is still there.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, BinaryIO

from contentdesk.channels.base import (
    ChannelError,
    Login,
    LoginExpired,
    NotAllowed,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from contentdesk.lib.http import Http, NoAnswer, PrivateAddress, Reply
from contentdesk.lib.i18n import N_

HOST = "api.telegram.org"
KEY = re.compile(r"\d{3,20}:[\w-]{20,100}")
"""What the platform's own bot for making bots hands out."""
PLATFORM = "Telegram"
WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=24)
UPLOAD_TIMEOUT_S = (10.0, 120.0)

LOGIN = N_("Kunci bot %(platform)s untuk %(handle)s tidak berlaku lagi. Sambungkan lagi dengan kunci yang baru.")
NOT_IN = N_("Bot tidak lagi boleh mengirim ke %(handle)s. Jadikan bot itu admin yang boleh mengirim pesan.")
CONTENT = N_("%(platform)s menolak unggahan ini. Ubah teks, foto, atau videonya, lalu kirim lagi.")
LIMIT = N_("Batas kiriman %(platform)s untuk %(handle)s tercapai. Kami coba lagi nanti.")
DISTURBED = N_("%(platform)s sedang terganggu. Kami coba lagi nanti.")
UNKNOWN_OUTCOME = N_("Belum pasti terbit. %(platform)s tidak memberi daftar, jadi lihat kanalnya sendiri.")

Files = Mapping[str, tuple[str, BinaryIO, str]]


class Bot:
    """A bot in one channel. Raises nothing but ChannelError."""

    def __init__(self, http: Http, login: Login) -> None:
        self._http, self._login = http, login
        self.words = {"platform": PLATFORM, "handle": login.handle or login.external_id}

    def ask(self, method: str, **form: str) -> Any:
        """What stands under `result`."""
        reply = self._called(method, form, None, irreversible=False)
        if _is_good(reply):
            return reply.json().get("result")
        raise self._refused(reply)

    def send_once(self, method: str, form: Mapping[str, str], files: Files | None) -> Any:
        """The irreversible call: whatever leaves the outcome open is OutcomeUnknown."""
        reply = self._called(method, form, files, irreversible=True)
        if _is_good(reply):
            return reply.json().get("result")
        if not _is_refusal(reply):
            raise self.unknown(f"http_{reply.status}")
        if reply.status == 400:
            self._must_be_there()
        raise self._refused(reply)

    def unknown(self, code: str) -> OutcomeUnknown:
        return OutcomeUnknown(UNKNOWN_OUTCOME, code=code, **self.words)

    def may_post(self) -> bool:
        """Whether the bot has the right in the channel. Raises Rejected where it cannot be asked about."""
        user_id = self._login.details.get("bot_id", "")
        member = self.ask("getChatMember", chat_id=self._login.external_id, user_id=user_id)
        if not isinstance(member, dict):
            return False
        is_admin = member.get("status") == "administrator"
        return member.get("status") == "creator" or (is_admin and member.get("can_post_messages") is True)

    def _must_be_there(self) -> None:
        """400 is the answer to bad content, to a channel that is gone and to a right taken away. Asking tells which."""
        try:
            self.ask("getChat", chat_id=self._login.external_id)
        except Rejected:
            raise NotAllowed(NOT_IN, code="chat_not_found", **self.words) from None
        except TryLater:
            return
        try:
            may = self.may_post()
        except (Rejected, TryLater):
            return
        if not may:
            raise NotAllowed(NOT_IN, code="no_right", **self.words)

    def _called(self, method: str, form: Mapping[str, str], files: Files | None, *, irreversible: bool) -> Reply:
        if not KEY.fullmatch(self._login.token):
            raise LoginExpired(LOGIN, code="no_key", **self.words)
        address = f"https://{HOST}/bot{self._login.token}/{method}"
        try:
            return self._http.call("POST", address, form=form, files=files, timeout_s=UPLOAD_TIMEOUT_S)
        except NoAnswer as error:
            if irreversible and error.reached:
                raise self.unknown("no_answer") from None
            raise self._later(DISTURBED, "no_answer") from None
        except PrivateAddress:
            raise self._later(DISTURBED, "private_address") from None

    def _refused(self, reply: Reply) -> ChannelError:
        code = f"http_{reply.status}"
        if not _is_refusal(reply):
            return self._later(DISTURBED, code)
        if reply.status in (401, 404):
            return LoginExpired(LOGIN, code=code, **self.words)
        if reply.status == 403:
            return NotAllowed(NOT_IN, code=code, **self.words)
        if reply.status in (400, 413):
            return Rejected(CONTENT, code=code, **self.words)
        return self._later(LIMIT, code, asked_wait(reply))

    def _later(self, sentence: str, code: str, after: timedelta = WAIT) -> TryLater:
        return TryLater(sentence, after=after, code=code, **self.words)


def _is_good(reply: Reply) -> bool:
    body = reply.json()
    return reply.status == 200 and isinstance(body, dict) and body.get("ok") is True


def _is_refusal(reply: Reply) -> bool:
    """A refusal in the platform's own envelope. A page of something in between proves nothing."""
    body = reply.json()
    told = isinstance(body, dict) and body.get("ok") is False and body.get("error_code") == reply.status
    return told and reply.status in (400, 401, 403, 404, 413, 429)


def asked_wait(reply: Reply) -> timedelta:
    body = reply.json()
    parameters = body.get("parameters") if isinstance(body, dict) else None
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    wait = timedelta(seconds=seconds) if type(seconds) is int and 0 < seconds < 10**7 else WAIT
    return min(wait, LONGEST_WAIT)
