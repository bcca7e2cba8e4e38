"""Sample pictures, made here: four coloured quarters, so that one look at the corners tells the orientation.

Only the HEIC files are kept as files, because we have no HEIC encoder: `fixtures/orientation6.heic` is the
same picture with EXIF orientation 6 and a place, `fixtures/two_pictures.heic` holds it twice.
"""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageCms

FIXTURES = Path(__file__).parent / "fixtures"
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 30), (30, 30, 220), (230, 210, 30)
COMMENT = b"catatan rahasia"
CAMERA = "Kamera Uji"
UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright picture is stored so that the EXIF orientation turns it upright again."""


def quarters(width: int = 480, height: int = 360) -> Image.Image:
    """Red, green above blue, yellow."""
    picture = Image.new("RGB", (width, height), RED)
    x, y = width // 2, height // 2
    picture.paste(GREEN, (x, 0, width, y))
    picture.paste(BLUE, (0, y, x, height))
    picture.paste(YELLOW, (x, y, width, height))
    return picture


def noise(width: int, height: int, seed: int = 7) -> Image.Image:
    return Image.frombytes("RGB", (width, height), Random(seed).randbytes(width * height * 3))


def exif(orientation: int) -> Image.Exif:
    """With a place in Malang and the name of a camera."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = CAMERA
    place = tags.get_ifd(0x8825)
    place[1], place[2] = "S", (7.0, 58.0, 48.0)
    place[3], place[4] = "E", (112.0, 37.0, 48.0)
    return tags


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(orientation: int = 1, width: int = 480, height: int = 360) -> bytes:
    """Shows `quarters(width, height)` once the orientation is applied; full of metadata."""
    turn = UNDO[orientation]
    picture = quarters(width, height)
    stored = picture.transpose(turn) if turn is not None else picture
    return saved(
        stored,
        "JPEG",
        quality=92,
        exif=exif(orientation),
        comment=COMMENT,
        xmp=b"<x:xmpmeta>rahasia</x:xmpmeta>",
    )


def heic() -> bytes:
    return (FIXTURES / "orientation6.heic").read_bytes()


def heic_of_two() -> bytes:
    return (FIXTURES / "two_pictures.heic").read_bytes()


def png_with_alpha() -> bytes:
    """The left half is fully transparent (over black), the right half is green."""
    picture = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    picture.paste((*GREEN, 255), (200, 0, 400, 400))
    return saved(picture, "PNG")


def png_of_palette() -> bytes:
    picture = quarters(400, 400).quantize(8)
    return saved(picture, "PNG", transparency=picture.getpixel((5, 5)))


def png_16_bit() -> bytes:
    """Grey, from black on the left to white on the right."""
    row = b"".join(struct.pack("<H", x * 65535 // 399) for x in range(400))
    return saved(Image.frombytes("I;16", (400, 400), row * 400), "PNG")


def webp() -> bytes:
    return saved(quarters(), "WEBP", quality=90, exif=exif(1))


def animated_webp() -> bytes:
    return saved(quarters(), "WEBP", save_all=True, append_images=[noise(480, 360)])


def animated_png() -> bytes:
    return saved(quarters(), "PNG", save_all=True, append_images=[noise(480, 360)])


def animated_gif() -> bytes:
    return saved(quarters(), "GIF", save_all=True, append_images=[noise(480, 360)])


def mpo() -> bytes:
    """Two pictures in one JPEG, as many phones write."""
    return saved(quarters(), "MPO", save_all=True, append_images=[noise(480, 360)])


def cmyk_jpeg() -> bytes:
    return saved(quarters().convert("CMYK"), "JPEG", quality=92)


def jpeg_with_profile(profile: bytes) -> bytes:
    return saved(quarters(), "JPEG", quality=92, icc_profile=profile)


def lab_profile() -> bytes:
    """Real, but not one for RGB pixels."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def swapped_profile() -> bytes:
    """An RGB profile whose red is green and whose green is red, so that nobody can miss its use."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    return swapped.replace("sRGB".encode("utf-16-be"), "aRGB".encode("utf-16-be"))


def declared_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def declared_jpeg(width: int, height: int) -> bytes:
    """A good JPEG whose frame header says another size."""
    data = saved(quarters(), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def truncated_jpeg() -> bytes:
    data = saved(noise(480, 360), "JPEG")
    return data[: len(data) // 2]


def text_named_jpg() -> bytes:
    return b"Promo hari ini: nasi pecel Rp10.000\n" * 40


def heic_that_crashes() -> bytes:
    """One byte of `heic()` is changed; pi-heif 1.4.0 dies of it with a segmentation fault."""
    data = bytearray(heic())
    data[178] = 0xAA
    return bytes(data)
