"""Photos in and out: what comes in is checked and cleaned once, what goes out is cut from that master.

Everything here is a pure function of bytes. A master never carries the metadata of the photo it was made
from: no place, no camera, no time.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageCms

from contentdesk.lib.i18n import N_
from contentdesk.media import checks, heic
from contentdesk.media.checks import MAX_BYTES, MAX_PIXELS, MIN_SIDE, BadPhoto
from contentdesk.media.crops import MIDDLE, PREVIEW, THUMB, Spec, crop_box, out_size

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MIDDLE",
    "MIN_SIDE",
    "PREVIEW",
    "THUMB",
    "BadPhoto",
    "Inspected",
    "Photo",
    "Rendered",
    "Spec",
    "crop_box",
    "inspect",
    "render",
    "render_all",
    "take_in",
]

MASTER_SIDE = 2560
MASTER_SHORT_SIDE = 1350
"""A photo may be decoded at a half, a quarter or an eighth as long as its short side keeps this much:
the height of a 4:5 photo of 1080 pixels."""
MASTER_QUALITY = 90
LEAST_QUALITY = 35
LEAST_WIDTH = 96

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


@dataclass(frozen=True)
class Inspected:
    """What the header says. Width and height are as stored, before the orientation is applied."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Rendered:
    data: bytes
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class Photo(Rendered):
    """A master. `color` is the average colour, `#rrggbb`, shown until the photo is there."""

    color: str


def inspect(data: bytes) -> Inspected:
    """Reads the header only; raises BadPhoto for what we do not take."""
    checks.refuse_by_bytes(data)
    if checks.is_heic(data):
        plain = _plain(data, max_side=0)
        return Inspected("HEIF", plain.width, plain.height)
    with _opened(data) as image:
        return Inspected(image.format or "", image.width, image.height)


def take_in(data: bytes) -> Photo:
    """The master of an uploaded photo: upright, sRGB on white, without metadata, at most 2560 pixels."""
    checks.refuse_by_bytes(data)
    if checks.is_heic(data):
        data = _plain(data, MASTER_SIDE).png
    with _opened(data) as image:
        upright = _upright(image)
    master = _encode(upright, MASTER_QUALITY)
    color = "#" + _average(upright).hex()
    return Photo(master, upright.width, upright.height, sha256(master).hexdigest(), color)


def render(master: bytes, spec: Spec, focus: tuple[float, float] = MIDDLE) -> Rendered:
    """The same master, spec and focus always give the same bytes."""
    return render_all(master, [spec], focus)[0]


def render_all(master: bytes, specs: Sequence[Spec], focus: tuple[float, float] = MIDDLE) -> tuple[Rendered, ...]:
    """As `render` for each spec, byte for byte, with the master decoded only once."""
    with Image.open(BytesIO(master), formats=["JPEG"]) as image:
        with checks.damage_is_told():
            image.load()
        return tuple(_render(image, spec, focus) for spec in specs)


def _render(image: Image.Image, spec: Spec, focus: tuple[float, float]) -> Rendered:
    box = crop_box(image.width, image.height, spec, focus)
    size = out_size(box[2] - box[0], box[3] - box[1], spec)
    # For making smaller, Pillow rates Hamming as good as bicubic; it takes two thirds of the time.
    way = Image.Resampling.HAMMING if size[0] <= box[2] - box[0] else Image.Resampling.BICUBIC
    picture = image.resize(size, way, box=box, reducing_gap=2.0)
    for smaller in _ever_smaller(picture, spec):
        for quality in range(spec.quality, LEAST_QUALITY - 1, -10):
            data = _encode(smaller, quality)
            if len(data) <= spec.max_bytes:
                return Rendered(data, smaller.width, smaller.height, sha256(data).hexdigest())
    raise BadPhoto(
        N_("Foto ini terlalu rinci untuk dikecilkan sampai %(limit)s KB. Pilih foto lain."),
        limit=spec.max_bytes // 1000,
    )


def _ever_smaller(picture: Image.Image, spec: Spec) -> Iterator[Image.Image]:
    """For pure noise no quality is low enough; fewer pixels are."""
    least = max(spec.min_width, LEAST_WIDTH)
    width = picture.width
    yield picture
    while (width := width * 3 // 4) >= least:
        size = out_size(*picture.size, replace(spec, max_width=width, min_width=0))
        yield picture.resize(size, Image.Resampling.HAMMING)


def _encode(picture: Image.Image, quality: int) -> bytes:
    """A baseline JPEG without metadata; Instagram is reported to refuse progressive ones."""
    picture.info = {}  # Pillow would write the comment it finds here
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling="4:2:0", progressive=False)
    return out.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    with checks.damage_is_told():
        image = Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    with image:
        checks.refuse_by_size(*image.size)
        checks.refuse_moving(image)
        yield image


def _plain(data: bytes, max_side: int) -> heic.Plain:
    plain = heic.as_png(data, MAX_PIXELS, max_side)
    if plain is None:
        raise checks.not_whole()
    checks.refuse_by_size(plain.width, plain.height)
    return plain


def _upright(image: Image.Image) -> Image.Image:
    """Shrinks first: every later step then works on few pixels."""
    profile = image.info.get("icc_profile")
    with checks.damage_is_told():
        _decode_small(image)
        image.load()
    turn = TURNS.get(_orientation(image))
    small = _in_srgb(_flat(_shrunk(image)), profile)
    return small.transpose(turn) if turn is not None else small


def _decode_small(image: Image.Image) -> None:
    """A JPEG can be decoded at 1/8, 1/4 or 1/2 for a fraction of the time and memory; others ignore this."""
    short = min(image.size)
    for scale in (8, 4, 2):
        if short // scale >= MASTER_SHORT_SIDE:
            image.draft(None, (image.width // scale, image.height // scale))
            return


def _orientation(image: Image.Image) -> int:
    """Damaged EXIF is no reason to refuse a photo whose pixels are good."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except checks.DECODER_ERRORS:
        return 1


def _shrunk(image: Image.Image) -> Image.Image:
    if image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA")
    scale = MASTER_SIDE / max(image.size)
    if scale >= 1:
        return image
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _flat(image: Image.Image) -> Image.Image:
    """8 bits, and white where it was transparent."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")  # convert() alone would clip 16 bits
    if not image.has_transparency_data:
        return image
    over = image.convert("RGBA")
    flat = Image.new("RGB", over.size, "white")
    flat.paste(over, mask=over.getchannel("A"))
    return flat


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            return _converted(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that does not fit the pixels says nothing about them
    return image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    if "sRGB" in ImageCms.getProfileDescription(source):
        return image.convert("RGB")
    target = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image.convert("RGB")


def _average(image: Image.Image) -> bytes:
    return image.resize((1, 1), Image.Resampling.BOX, reducing_gap=1.0).tobytes()
