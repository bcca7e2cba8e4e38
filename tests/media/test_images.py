from contextlib import suppress
from io import BytesIO
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from contentdesk.media import images
from contentdesk.media.images import PREVIEW, THUMB, BadPhoto, Spec, inspect, render, render_all, take_in
from tests.media import samples

INSTAGRAM = Spec("instagram", 0.8, 1.91, max_width=1440, min_width=320, max_bytes=8_000_000)
Colour = tuple[int, int, int]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def corners(data: bytes) -> list[Colour]:
    """Top left, top right, bottom left, bottom right."""
    image = opened(data).convert("RGB")
    right, bottom = image.width - 9, image.height - 9
    return [image.getpixel(at) for at in ((8, 8), (right, 8), (8, bottom), (right, bottom))]


def near(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) < 25 for a, b in zip(one, other, strict=True))


def assert_upright(data: bytes) -> None:
    expected = [samples.RED, samples.GREEN, samples.BLUE, samples.YELLOW]
    assert all(near(a, b) for a, b in zip(corners(data), expected, strict=True)), corners(data)


def segments(data: bytes) -> set[int]:
    """The kinds of segments before the pixels of a JPEG."""
    kinds, at = set(), 2
    while data[at + 1] != 0xDA:
        kinds.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return kinds


def assert_clean(data: bytes) -> None:
    """Only JFIF, tables, a baseline frame: no EXIF, XMP, profile, comment, second picture."""
    assert segments(data) <= {0xE0, 0xDB, 0xC0, 0xC4}
    assert samples.CAMERA.encode() not in data
    assert b"rahasia" not in data
    assert not opened(data).getexif()


class TestTakingIn:
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_the_photo_stands_upright(self, orientation: int) -> None:
        photo = take_in(samples.jpeg(orientation))
        assert (photo.width, photo.height) == (480, 360)
        assert opened(photo.data).size == (480, 360)
        assert_upright(photo.data)

    @pytest.mark.parametrize("orientation", [1, 6])
    def test_place_camera_and_comment_are_gone(self, orientation: int) -> None:
        before = samples.jpeg(orientation)
        assert opened(before).getexif().get_ifd(0x8825)
        assert b"rahasia" in before
        assert_clean(take_in(before).data)

    def test_heic_works_and_forgets_the_place(self) -> None:
        photo = take_in(samples.heic())
        assert (photo.width, photo.height) == (360, 480)
        top_left, top_right, _, bottom_right = corners(photo.data)
        assert near(top_left, samples.BLUE)
        assert near(top_right, samples.RED)
        assert near(bottom_right, samples.GREEN)
        assert_clean(photo.data)

    def test_the_first_picture_of_a_heic_with_two_is_taken(self) -> None:
        assert_upright(take_in(samples.heic_of_two()).data)

    def test_what_was_transparent_becomes_white(self) -> None:
        left, right, *_ = corners(take_in(samples.png_with_alpha()).data)
        assert near(left, (255, 255, 255))
        assert near(right, samples.GREEN)

    def test_a_transparent_colour_of_a_palette_becomes_white(self) -> None:
        left, right, *_ = corners(take_in(samples.png_of_palette()).data)
        assert near(left, (255, 255, 255))
        assert near(right, samples.GREEN)

    def test_sixteen_bits_keep_their_greys(self) -> None:
        image = opened(take_in(samples.png_16_bit()).data)
        middle = image.getpixel((200, 200))
        assert near(middle, (128, 128, 128))
        assert near(image.getpixel((50, 200)), (32, 32, 32))

    @pytest.mark.parametrize("make", [samples.webp, samples.mpo, samples.cmyk_jpeg])
    def test_other_kinds_become_a_plain_jpeg(self, make) -> None:
        photo = take_in(make())
        assert_upright(photo.data)
        assert_clean(photo.data)
        assert opened(photo.data).mode == "RGB"
        assert opened(photo.data).format == "JPEG"

    def test_a_colour_profile_is_applied_then_dropped(self) -> None:
        photo = take_in(samples.jpeg_with_profile(samples.swapped_profile()))
        red, green, *_ = corners(photo.data)
        assert red[1] > red[0] + 100
        assert green[0] > green[1] + 50
        assert_clean(photo.data)

    @pytest.mark.parametrize("profile", [b"no profile at all", samples.lab_profile()])
    def test_a_useless_colour_profile_is_ignored(self, profile: bytes) -> None:
        photo = take_in(samples.jpeg_with_profile(profile))
        assert_upright(photo.data)
        assert_clean(photo.data)

    def test_a_large_photo_is_scaled_down(self) -> None:
        photo = take_in(samples.jpeg(6, 3000, 2000))
        assert (photo.width, photo.height) == (2560, 1707)
        assert_upright(photo.data)

    def test_a_twelve_megapixel_photo_keeps_enough_for_a_tall_post(self) -> None:
        photo = take_in(samples.jpeg(6, 3000, 4000))
        assert (photo.width, photo.height) == (1500, 2000)
        assert_upright(photo.data)

    def test_a_large_transparent_png_is_scaled_down(self) -> None:
        picture = Image.new("RGBA", (3000, 400), (0, 0, 0, 0))
        photo = take_in(samples.saved(picture, "PNG"))
        assert (photo.width, photo.height) == (2560, 341)
        assert near(corners(photo.data)[0], (255, 255, 255))

    def test_it_names_the_average_colour(self) -> None:
        color = take_in(samples.saved(Image.new("RGB", (400, 400), samples.GREEN), "JPEG")).color
        assert color.startswith("#")
        red, green, blue = bytes.fromhex(color[1:])
        assert near((red, green, blue), samples.GREEN)

    def test_the_same_photo_gives_the_same_bytes(self) -> None:
        assert take_in(samples.jpeg(3)) == take_in(samples.jpeg(3))
        assert take_in(samples.heic()).sha256 == take_in(samples.heic()).sha256


BAD = {
    "empty": (b"", "Berkas ini kosong. Pilih fotonya sekali lagi."),
    "text": (samples.text_named_jpg(), "Berkas ini bukan foto. Pilih foto JPEG, PNG, WebP, atau HEIC."),
    "gif": (
        samples.animated_gif(),
        "Jenis GIF belum bisa dipakai. Simpan sebagai JPEG, PNG, WebP, atau HEIC.",
    ),
    "video": (
        b"\0\0\0\x20ftypisom" + b"\0" * 50,
        "Jenis video belum bisa dipakai. Simpan sebagai JPEG, PNG, WebP, atau HEIC.",
    ),
    "moving webp": (samples.animated_webp(), "Gambar bergerak belum bisa dipakai. Pilih foto yang diam."),
    "moving png": (samples.animated_png(), "Gambar bergerak belum bisa dipakai. Pilih foto yang diam."),
    "200 megapixels": (
        samples.declared_png(16_000, 12_500),
        "Foto ini lebih dari 50 megapiksel. Kecilkan di ponsel, lalu unggah lagi.",
    ),
    "51 megapixels": (
        samples.declared_jpeg(8_500, 6_000),
        "Foto ini lebih dari 50 megapiksel. Kecilkan di ponsel, lalu unggah lagi.",
    ),
    "small": (
        samples.jpeg(1, 319, 400),
        "Foto ini hanya 319 × 400 piksel, paling kecil 320. Pakai foto aslinya.",
    ),
    "thin": (
        samples.declared_png(4_000, 400),
        "Foto ini terlalu panjang dan tipis. Potong dulu, lalu unggah lagi.",
    ),
    "40 MB": (
        b"\xff\xd8\xff" + b"\0" * 40_000_000,
        "Foto ini 41 MB, paling besar 20 MB. Kecilkan di ponsel, lalu unggah lagi.",
    ),
}
NOT_WHOLE = "Foto ini tidak utuh, mungkin terputus saat dikirim. Unggah lagi fotonya dari ponsel."


class TestBadFiles:
    @pytest.mark.parametrize("name", BAD)
    @pytest.mark.parametrize("read", [inspect, take_in])
    def test_each_gets_its_sentence(self, name: str, read) -> None:
        data, sentence = BAD[name]
        with pytest.raises(BadPhoto) as told:
            read(data)
        assert str(told.value) == sentence
        assert told.value.status == (413 if name == "40 MB" else 400)

    @pytest.mark.parametrize(
        "data",
        [
            samples.truncated_jpeg(),
            samples.jpeg()[:100],
            samples.png_with_alpha()[:-60],
            samples.webp()[:-200],
            samples.heic()[:-200],
            samples.heic()[:40],
            b"\xff\xd8\xff\xe0",
            b"RIFF\0\0\0\0WAVE",
        ],
        ids=["jpeg", "jpeg header", "png", "webp", "heic", "heic header", "four bytes", "a sound"],
    )
    def test_a_photo_that_is_not_whole_is_told(self, data: bytes) -> None:
        with pytest.raises(BadPhoto) as told:
            take_in(data)
        assert str(told.value) == NOT_WHOLE

    def test_a_heic_that_kills_its_decoder_is_one_bad_photo(self) -> None:
        for read in (inspect, take_in):
            with pytest.raises(BadPhoto) as told:
                read(samples.heic_that_crashes())
            assert str(told.value) == NOT_WHOLE

    def test_200_megapixels_are_refused_without_decoding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def decode(_image: Image.Image) -> None:
            raise AssertionError("decoded")

        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
        start = process_time()
        with pytest.raises(BadPhoto, match="megapiksel"):
            take_in(samples.declared_png(16_000, 12_500))
        assert process_time() - start < 0.1

    def test_pillow_itself_would_stop_at_our_limit(self) -> None:
        assert Image.MAX_IMAGE_PIXELS == images.MAX_PIXELS

    def test_the_header_tells_what_it_is(self) -> None:
        assert inspect(samples.jpeg(6)) == images.Inspected("JPEG", 360, 480)
        assert inspect(samples.heic()) == images.Inspected("HEIF", 360, 480)
        assert inspect(samples.webp()) == images.Inspected("WEBP", 480, 360)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data(), orientation=st.integers(1, 8))
    def test_a_damaged_photo_is_taken_or_told_never_a_crash(self, data: st.DataObject, orientation: int) -> None:
        photo = bytearray(samples.jpeg(orientation, 330, 330))
        flips = st.tuples(st.integers(0, len(photo) - 1), st.integers(0, 255))
        for at, value in data.draw(st.lists(flips, max_size=12)):
            photo[at] = value
        end = data.draw(st.integers(0, len(photo)) | st.just(len(photo)))
        with suppress(BadPhoto):
            assert_clean(take_in(bytes(photo[:end])).data)


class TestRendering:
    @pytest.fixture(scope="class")
    def master(self) -> bytes:
        return take_in(samples.jpeg(1, 1600, 1200)).data

    def test_a_ratio_that_is_allowed_is_kept(self, master: bytes) -> None:
        rendered = render(master, INSTAGRAM)
        assert (rendered.width, rendered.height) == (1440, 1080)
        assert opened(rendered.data).size == (1440, 1080)
        assert_upright(rendered.data)
        assert_clean(rendered.data)

    def test_a_tall_crop_is_exactly_four_to_five(self, master: bytes) -> None:
        tall = Spec("tall", 0.8, 0.8, max_width=1080, max_height=1350)
        rendered = render(master, tall)
        assert rendered.width * 5 == rendered.height * 4

    @pytest.mark.parametrize(("x", "colour"), [(0.05, samples.RED), (0.95, samples.GREEN)])
    def test_the_focus_stays_in_the_picture(self, master: bytes, x: float, colour: Colour) -> None:
        rendered = render(master, Spec("strip", 0.4, 0.4, max_width=400), (x, 0.5))
        assert near(corners(rendered.data)[0], colour)
        assert near(corners(rendered.data)[1], colour)

    def test_a_small_photo_is_not_blown_up(self) -> None:
        rendered = render(take_in(samples.jpeg()).data, INSTAGRAM)
        assert (rendered.width, rendered.height) == (480, 360)

    def test_a_photo_below_the_least_width_is_scaled_up_to_it(self) -> None:
        master = take_in(samples.jpeg(1, 330, 1500)).data
        wide = Spec("wide", 0.8, 1.91, max_width=1440, min_width=500)
        rendered = render(master, wide)
        assert rendered.width == 500
        assert rendered.width / rendered.height >= 0.8

    @pytest.mark.parametrize("spec", [THUMB, PREVIEW, Spec("tight", 0.8, 1.91, 1440, max_bytes=60_000)])
    def test_even_noise_stays_below_the_limit_of_bytes(self, spec: Spec) -> None:
        master = take_in(samples.saved(samples.noise(900, 700), "JPEG", quality=95)).data
        rendered = render(master, spec)
        assert len(rendered.data) <= spec.max_bytes
        assert opened(rendered.data).size == (rendered.width, rendered.height)

    def test_an_ordinary_thumb_is_240_pixels(self, master: bytes) -> None:
        thumb = render(master, THUMB)
        assert (thumb.width, thumb.height) == (240, 240)

    def test_a_limit_that_cannot_be_met_is_told(self, master: bytes) -> None:
        with pytest.raises(BadPhoto, match="terlalu rinci"):
            render(master, Spec("impossible", 1, 1, 1080, max_bytes=1_000, min_width=1080))

    def test_the_same_master_gives_the_same_bytes(self, master: bytes) -> None:
        alone = [render(master, spec, (0.2, 0.7)) for spec in (INSTAGRAM, THUMB)]
        assert list(render_all(master, [INSTAGRAM, THUMB], (0.2, 0.7))) == alone

    def test_a_damaged_master_is_told(self, master: bytes) -> None:
        with pytest.raises(BadPhoto):
            render(master[: len(master) // 2], THUMB)
