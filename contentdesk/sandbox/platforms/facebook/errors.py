"""Facebook's own refusals, in Graph's envelope."""

from contentdesk.sandbox.platforms.instagram import errors as graph
from contentdesk.sandbox.wire import Call, Failure, Refused, Reply

# (code, subcode) -> English, Indonesian
TEXTS: dict[tuple[int, int | None], tuple[str, str]] = {
    (32, None): ("Page request limit reached", "Batas permintaan Halaman tercapai"),
    (100, 1366046): (
        "Your photos couldn't be uploaded. Photos should be smaller than 4 MB and saved as JPG, PNG.",
        "Foto tidak dapat diunggah. Foto harus lebih kecil dari 4 MB dan disimpan sebagai JPG, PNG.",
    ),
    (100, 1366051): ("These photos were already posted.", "Foto ini sudah pernah diposting."),
    (200, None): ("Permissions error", "Kesalahan izin"),
    (210, None): ("A page access token is required", "Token akses halaman diperlukan"),
    (324, None): ("Missing or invalid image file", "Berkas gambar tidak ada atau tidak valid"),
    (368, None): (
        "The action attempted has been deemed abusive or is otherwise disallowed",
        "Tindakan ini dianggap kasar atau tidak diizinkan",
    ),
    (389, None): ("Unable to fetch file from URL.", "Tidak dapat mengambil berkas dari URL."),
    (506, None): ("Duplicate status message", "Pesan status duplikat"),
    (613, None): ("Calls to this api have exceeded the rate limit.", "Panggilan ke api ini melebihi batas."),
    (1609005, None): ("The link could not be scraped.", "Tautan tidak dapat dibaca."),
    (6000, 1363037): ("The start offset does not match.", "Offset awal tidak cocok."),
}


def refuse(call: Call, code: int, subcode: int | None = None, http: int = 400, message: str | None = None) -> Refused:
    return Refused(envelope(call, Failure(http, code, subcode), message))


def envelope(call: Call, failure: Failure, message: str | None = None) -> Reply:
    return graph.envelope(call, failure, message or _text(call, failure))


def _text(call: Call, failure: Failure) -> str | None:
    """None: a text that all Graph platforms share."""
    code = int(failure.code)
    texts = TEXTS.get((code, failure.subcode)) or TEXTS.get((code, None))
    if texts is None:
        return None
    wanted = call.args.get("locale") or call.headers.get("Accept-Language") or call.knobs.locale
    return texts[wanted.lower().startswith("id")]
