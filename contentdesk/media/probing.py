"""What is really in a video file, whatever its name says: asked of ffprobe."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from contentdesk.lib.i18n import N_
from contentdesk.media import fence
from contentdesk.media.checks import BadPhoto

MAX_BYTES = 500_000_000
MAX_SECONDS = 15 * 60
MIN_SECONDS = 0.5
MIN_SIDE = 144
MAX_SIDE = 4_096
MAX_RATIO = 4
PROBE_WITHIN_S = 30
END_S = 2.0
CUT_OFF_S = 0.6
"""So much of the promised length may be missing at the end: counters of cameras are not exact."""


class BadVideo(BadPhoto):
    """This file cannot be used; the sentence says why and what to do."""


class VideoTooHeavy(BadVideo):
    status = 413


class NoPrograms(BadVideo):
    """The operator has not installed ffmpeg."""

    status = 503


@dataclass(frozen=True)
class Probed:
    """Width and height upright, as shown. `seconds` None: the file does not say."""

    seconds: float | None
    width: int
    height: int
    fps: float | None
    video_codec: str
    pixels: str
    audio_codec: str | None
    audio_hz: int | None
    turned: bool
    """Whether players have to turn it."""
    transfer: str
    """How light is coded; two of them are HDR."""
    tags: frozenset[str]
    """Names of the metadata, in small letters."""


def ready() -> None:
    """Raises NoPrograms, with the sentence that says what the operator installs."""
    if fence.missing():
        raise NoPrograms(
            N_("Server ini belum bisa menerima video. Minta admin memasang program ffmpeg, lalu unggah lagi videonya.")
        )


def too_heavy(size: int) -> BadVideo:
    return VideoTooHeavy(
        N_("Video ini %(size)s MB, paling besar %(limit)s MB. Potong atau kecilkan dulu, lalu unggah lagi."),
        size=-(-size // 1_000_000),
        limit=MAX_BYTES // 1_000_000,
    )


def not_whole() -> BadVideo:
    return BadVideo(N_("Video ini tidak utuh, mungkin terputus saat dikirim. Unggah lagi videonya dari ponsel."))


def inspect(path: Path) -> Probed:
    """Of a file that was handed in. Raises BadVideo for what we do not take, NoPrograms without ffprobe."""
    ready()
    found = probe(path)
    refuse_by_length(found)
    _refuse_by_size(found)
    if found.seconds is not None and _end_of(path, found.seconds) < found.seconds - _slack(found.seconds):
        raise not_whole()
    return found


def probe(path: Path) -> Probed:
    """What the file's header says; raises BadVideo when there is no video in it."""
    told = _asked(path, ["-show_format", "-show_streams"])
    streams = told.get("streams", [])
    picture = next((one for one in streams if _is_picture(one)), None)
    sound = next((one for one in streams if one.get("codec_type") == "audio"), None)
    if picture is None:
        raise BadVideo(
            N_("Berkas ini hanya berisi suara. Pilih berkas video.") if sound else N_("Berkas ini tidak berisi gambar.")
        )
    return _probed(picture, sound, told.get("format", {}))


def is_shorter(made: float | None, promised: float | None) -> bool:
    """Whether what came out ends clearly before what went in."""
    return promised is not None and (made or 0.0) < promised - _slack(promised)


def _slack(seconds: float) -> float:
    return max(CUT_OFF_S, seconds * 0.05)


def _asked(path: Path, what: list[str]) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-print_format", "json", *what, *fence.source(path)]
    try:
        answer = fence.run(command, PROBE_WITHIN_S)
    except fence.Interrupted:
        raise not_whole() from None
    if not answer.ok:
        raise _unreadable(path)
    try:
        told = json.loads(answer.out)
    except ValueError:  # more than we take
        raise _unreadable(path) from None
    return told if isinstance(told, dict) else {}


def _unreadable(path: Path) -> BadVideo:
    with path.open("rb") as file:
        start = file.read(12)
    if not start:
        return BadVideo(N_("Berkas ini kosong. Pilih videonya sekali lagi."))
    if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free") or start.startswith((b"\x1aE\xdf\xa3", b"RIFF")):
        return not_whole()
    return BadVideo(N_("Berkas ini bukan video. Pilih video MP4, MOV, atau WebM."))


def _is_picture(stream: dict[str, Any]) -> bool:
    """The cover of a song is a picture, but none that moves."""
    return stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")


def _probed(picture: dict[str, Any], sound: dict[str, Any] | None, whole: dict[str, Any]) -> Probed:
    angle = _angle(picture)
    width, height = int(picture.get("width", 0)), int(picture.get("height", 0))
    width = round(width * float(_fraction(picture.get("sample_aspect_ratio", "1:1").replace(":", "/")) or 1))
    if angle % 180:
        width, height = height, width
    streams = [picture, *([sound] if sound else [])]
    tags = {name.lower() for part in (whole, *streams) for name in part.get("tags", {})}
    return Probed(
        seconds=_number(whole.get("duration")) or _number(picture.get("duration")),
        width=width,
        height=height,
        fps=_rate(picture),
        video_codec=str(picture.get("codec_name", "")),
        pixels=str(picture.get("pix_fmt", "")),
        audio_codec=str(sound.get("codec_name", "")) if sound else None,
        audio_hz=int(sound.get("sample_rate", 0)) if sound else None,
        turned=bool(angle % 360),
        transfer=str(picture.get("color_transfer", "")),
        tags=frozenset(tags),
    )


def _angle(picture: dict[str, Any]) -> int:
    sides = [side.get("rotation") for side in picture.get("side_data_list", [])]
    return round(float(next((side for side in sides if side is not None), 0)))


def _rate(picture: dict[str, Any]) -> float | None:
    fraction = _fraction(picture.get("avg_frame_rate", "")) or _fraction(picture.get("r_frame_rate", ""))
    return float(fraction) if fraction else None


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text) or None
    except (ValueError, ZeroDivisionError):
        return None


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def refuse_by_length(found: Probed) -> None:
    if found.seconds is None:
        return
    if found.seconds > MAX_SECONDS:
        raise BadVideo(
            N_("Video ini %(minutes)s menit, paling lama %(limit)s menit. Potong dulu, lalu unggah lagi."),
            minutes=-(-int(found.seconds) // 60),
            limit=MAX_SECONDS // 60,
        )
    if found.seconds < MIN_SECONDS:
        raise BadVideo(N_("Video ini terlalu singkat. Rekam paling sedikit satu detik."))


def _refuse_by_size(found: Probed) -> None:
    size = {"width": found.width, "height": found.height}
    if max(found.width, found.height) > MAX_SIDE:
        raise BadVideo(
            N_("Video ini %(width)s × %(height)s piksel, paling besar 4K. Rekam dengan ukuran lebih kecil."), **size
        )
    if min(found.width, found.height) < MIN_SIDE:
        raise BadVideo(
            N_("Video ini hanya %(width)s × %(height)s piksel, paling kecil %(least)s. Pakai video aslinya."),
            **size,
            least=MIN_SIDE,
        )
    if max(found.width, found.height) > MAX_RATIO * min(found.width, found.height):
        raise BadVideo(N_("Video ini terlalu panjang dan tipis. Potong dulu, lalu unggah lagi."))


def _end_of(path: Path, seconds: float) -> float:
    """The moment of the last picture or sound that is really in the file. Reads only its end, decodes nothing."""
    start = max(0.0, seconds - END_S)
    packets = _asked(path, ["-show_entries", "packet=pts_time,size", "-read_intervals", f"{start:.3f}%"])
    times = (_number(packet.get("pts_time")) for packet in packets.get("packets", []))
    return max((time for time in times if time is not None), default=0.0)
