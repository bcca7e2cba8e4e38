"""Graph's error envelope. Message texts follow the caller's language, so nobody can lean on them."""

import secrets

from contentdesk.sandbox.wire import Call, Failure, Refused, Reply

TRANSIENT = {-2, -1, 1, 2}

# (code, subcode) -> English, Indonesian
TEXTS: dict[tuple[int, int | None], tuple[str, str]] = {
    (-2, 2207003): ("It takes too long to download the media.", "Pengunduhan media terlalu lama."),
    (-2, 2207020): ("The media you are trying to access has expired.", "Media sudah kedaluwarsa."),
    (-1, 2207032): ("Create media fail, please try to re-create media.", "Gagal membuat media."),
    (1, None): ("An unknown error occurred.", "Terjadi kesalahan tidak dikenal."),
    (2, None): ("Service temporarily unavailable.", "Layanan sedang tidak tersedia."),
    (4, None): ("Application request limit reached.", "Batas permintaan aplikasi tercapai."),
    (4, 2207051): ("Application request limit reached.", "Batas permintaan aplikasi tercapai."),
    (9, 2207042): (
        "You reached maximum number of posts that is allowed to be published by Content Publishing API.",
        "Anda mencapai batas jumlah unggahan melalui Content Publishing API.",
    ),
    (24, 2207006): (
        "The media with the given id cannot be found.",
        "Media dengan ID tersebut tidak ditemukan.",
    ),
    (24, 2207008): ("The media builder with that creation id is expired.", "Pembuat media kedaluwarsa."),
    (25, 2207050): ("The Instagram account is restricted.", "Akun Instagram dibatasi."),
    (100, 33): (
        "Unsupported request. Object does not exist or cannot be loaded due to missing permissions.",
        "Permintaan tidak didukung. Objek tidak ada atau izin kurang.",
    ),
    (100, 2207023): ("The media type is unknown.", "Jenis media tidak dikenal."),
    (100, 2207028): (
        "Your post won't work as a carousel. Carousels need 2 to 10 items.",
        "Karusel harus berisi 2 sampai 10 item.",
    ),
    (100, 2207040): ("Cannot use more than 20 tags.", "Tidak boleh lebih dari 20 tanda."),
    (24, 4279009): ("The requested resource does not exist.", "Sumber yang diminta tidak ada."),
    (100, 4279071): ("Topic Tag Not Permitted", "Topik tidak diizinkan."),
    (9004, 2207052): (
        "Only photo or video can be accepted as media type.",
        "Hanya foto atau video yang diterima sebagai jenis media.",
    ),
    (9007, 2207027): ("Media ID is not available.", "ID media belum tersedia."),
    (36004, 2207010): (
        "The caption was too long (max 2,200 characters, 30 hashtags).",
        "Keterangan terlalu panjang (maks. 2.200 karakter, 30 tagar).",
    ),
    (190, None): (
        "Invalid OAuth access token - Cannot parse access token",
        "Token akses OAuth tidak valid - token tidak dapat dibaca",
    ),
    (190, 458): (
        "Error validating access token: The user has not authorized the application.",
        "Gagal memeriksa token akses: pengguna belum mengizinkan aplikasi.",
    ),
    (190, 460): (
        "Error validating access token: The session has been invalidated because the user changed their"
        " password or Facebook has changed the session for security reasons.",
        "Gagal memeriksa token akses: sesi dibatalkan karena pengguna mengganti kata sandi.",
    ),
    (190, 463): (
        "Error validating access token: Session has expired.",
        "Gagal memeriksa token akses: sesi sudah berakhir.",
    ),
    (80002, None): (
        "There have been too many calls to this Instagram account. Wait a bit and try again.",
        "Terlalu banyak panggilan ke akun Instagram ini. Tunggu sebentar.",
    ),
}


def refuse(call: Call, code: int, subcode: int | None = None, http: int = 400, message: str | None = None) -> Refused:
    return Refused(envelope(call, Failure(http, code, subcode), message))


def envelope(call: Call, failure: Failure, message: str | None = None) -> Reply:
    text = _localised(call, failure) if message is None else message
    prefix = f"(#{failure.code}) " if failure.code in (10, 100) and failure.subcode != 33 else ""
    error: dict[str, object] = {
        "message": prefix + text,
        "type": "OAuthException",
        "code": failure.code,
        "is_transient": failure.code in TRANSIENT,
        "fbtrace_id": "A" + secrets.token_urlsafe(16),
    }
    if failure.subcode is not None:
        error |= {"error_subcode": failure.subcode, "error_user_title": text, "error_user_msg": text}
    return Reply({"error": error}, failure.http)


def _localised(call: Call, failure: Failure) -> str:
    english, indonesian = (
        TEXTS.get((int(failure.code), failure.subcode))
        or TEXTS.get((int(failure.code), None))
        or ("Invalid parameter", "Parameter tidak valid")
    )
    wanted = call.args.get("locale") or call.headers.get("Accept-Language") or call.knobs.locale
    return indonesian if wanted.lower().startswith("id") else english
