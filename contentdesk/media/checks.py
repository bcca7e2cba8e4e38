"""What is refused, and the sentence for it. Nothing here decodes a pixel."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from PIL import Image

from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
MIN_SIDE = 320
MAX_RATIO = 8
"""Longer ones would come out of the master thinner than `MIN_SIDE`."""

PLAIN_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
OTHER_STARTS = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"\x1aE\xdf\xa3", "video"),
)

DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    ArithmeticError,
    TypeError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise on damaged bytes."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class BadPhoto(DomainError):
    """This file cannot be used; the sentence says why and what to do."""


class TooHeavy(BadPhoto):
    status = 413


def is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS


def refuse_by_bytes(data: bytes) -> None:
    if not data:
        raise BadPhoto(N_("Berkas ini kosong. Pilih fotonya sekali lagi."))
    if len(data) > MAX_BYTES:
        raise too_heavy(len(data))
    if kind := _other_kind(data):
        raise BadPhoto(N_("Jenis %(kind)s belum bisa dipakai. Simpan sebagai JPEG, PNG, WebP, atau HEIC."), kind=kind)
    if not is_heic(data) and not data.startswith(PLAIN_STARTS):
        raise BadPhoto(N_("Berkas ini bukan foto. Pilih foto JPEG, PNG, WebP, atau HEIC."))


def _other_kind(data: bytes) -> str | None:
    if data[4:8] == b"ftyp" and not is_heic(data):
        return "AVIF" if data[8:11] == b"avi" else "video"
    return next((kind for start, kind in OTHER_STARTS if data.startswith(start)), None)


def refuse_by_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise too_many_pixels()
    if min(width, height) < MIN_SIDE:
        raise BadPhoto(
            N_("Foto ini hanya %(width)s × %(height)s piksel, paling kecil %(least)s. Pakai foto aslinya."),
            width=width,
            height=height,
            least=MIN_SIDE,
        )
    if max(width, height) > min(width, height) * MAX_RATIO:
        raise BadPhoto(N_("Foto ini terlalu panjang dan tipis. Potong dulu, lalu unggah lagi."))


def refuse_moving(image: Image.Image) -> None:
    """A second picture inside a JPEG is a phone's depth map or the like, no movement."""
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise BadPhoto(N_("Gambar bergerak belum bisa dipakai. Pilih foto yang diam."))


def too_many_pixels() -> BadPhoto:
    return BadPhoto(
        N_("Foto ini lebih dari %(limit)s megapiksel. Kecilkan di ponsel, lalu unggah lagi."),
        limit=MAX_PIXELS // 1_000_000,
    )


def too_heavy(size: int) -> BadPhoto:
    return TooHeavy(
        N_("Foto ini %(size)s MB, paling besar %(limit)s MB. Kecilkan di ponsel, lalu unggah lagi."),
        size=ceil(size / 1_000_000),
        limit=MAX_BYTES // 1_000_000,
    )


def not_whole() -> BadPhoto:
    return BadPhoto(N_("Foto ini tidak utuh, mungkin terputus saat dikirim. Unggah lagi fotonya dari ponsel."))


@contextmanager
def damage_is_told() -> Iterator[None]:
    """Only around Pillow's reading of foreign bytes: our own mistakes must not look like a bad photo."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many_pixels() from None
    except DECODER_ERRORS as error:
        raise not_whole() from error
