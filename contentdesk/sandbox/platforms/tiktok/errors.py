"""TikTok's envelope: a success is `error.code` "ok"; a refusal may come with HTTP 200 as well."""

import secrets
from collections.abc import Mapping

from contentdesk.sandbox.wire import Call, Failure, Refused, Reply

OK = "ok"
STATUS = {
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "scope_permission_missed": 401,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
    **dict.fromkeys(
        (
            "spam_risk_too_many_posts",
            "spam_risk_user_banned_from_posting",
            "spam_risk_too_many_pending_share",
            "reached_active_user_cap",
            "unaudited_client_can_only_post_to_private_accounts",
            "url_ownership_unverified",
            "privacy_level_option_mismatch",
        ),
        403,
    ),
}
"""HTTP status of a word; 400 for all others."""


def ok(data: Mapping[str, object]) -> Reply:
    return Reply({"data": dict(data), "error": {"code": OK, "message": "", "log_id": _log_id()}})


def refuse(call: Call, word: str, message: str = "") -> Refused:
    status = 200 if call.knobs.tiktok_errors_as_200 else STATUS.get(word, 400)
    return Refused(_envelope(word, status, message))


def ordered(call: Call, failure: Failure) -> Reply:
    """A failure that was ordered, as this part of the platform writes it. A number means: a disturbance."""
    word = failure.code if isinstance(failure.code, str) else "internal_error"
    if call.path.startswith("/v2/oauth/"):
        return oauth_error(word, failure.http)
    if call.host == "open-upload.tiktokapis.com":
        return Reply({}, failure.http)
    return _envelope(word, failure.http, "")


def oauth_error(word: str, status: int) -> Reply:
    return Reply({"error": word, "error_description": "Permintaan ditolak.", "log_id": _log_id()}, status)


def _envelope(word: str, status: int, message: str) -> Reply:
    error = {"code": word, "message": message or "Pesan dalam bahasa mana pun", "log_id": _log_id()}
    return Reply({"data": {}, "error": error}, status)


def _log_id() -> str:
    return "2026" + secrets.token_hex(14).upper()
