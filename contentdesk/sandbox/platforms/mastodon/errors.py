"""An error is a text in the server's language, and its status."""

from collections.abc import Mapping
from types import MappingProxyType

from contentdesk.sandbox.wire import Call, Failure, Refused, Reply

# status -> English, Indonesian
TEXTS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        401: ("The access token is invalid", "Token akses tidak sah"),
        403: ("This action is outside the authorized scopes", "Tindakan ini di luar izin yang diberikan"),
        404: ("Record not found", "Data tidak ditemukan"),
        422: ("Validation failed", "Validasi gagal"),
        429: ("Throttled", "Terlalu banyak permintaan"),
        500: ("An unexpected error occurred", "Terjadi kesalahan"),
    }
)


def refuse(call: Call, status: int) -> Refused:
    return Refused(envelope(call, status))


def envelope(call: Call, status: int) -> Reply:
    english, indonesian = TEXTS.get(status, TEXTS[500])
    wanted = call.headers.get("Accept-Language") or call.knobs.locale
    return Reply({"error": indonesian if wanted.lower().startswith("id") else english}, status)


def ordered(call: Call, failure: Failure) -> Reply:
    return envelope(call, failure.http)
