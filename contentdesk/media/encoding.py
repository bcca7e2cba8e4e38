"""Making the files of a video with ffmpeg: a poster, and renditions that every platform takes.

H.264 High with 8-bit 4:2:0 and AAC at 48 kHz in an MP4 whose index stands in front: upright, at a constant rate,
each group of pictures closed, no edit lists, no metadata (no place, no camera, no time), nothing drawn on it.
"""

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

from contentdesk.lib.i18n import N_
from contentdesk.media import fence, probing
from contentdesk.media.clips import HOUSE_KBPS, HOUSE_SIDE, Shape, inside, keeps_rate
from contentdesk.media.probing import BadVideo, Probed

PICTURES = ("-map", "0:V:0")
"""The first stream that moves: a capital V leaves covers out."""
POSTER_WITHIN_S = 30
ENCODE_WITHIN_S = 5_400
"""A quarter of an hour in 4K takes half of it on two slow cores."""
LEAST_FREE_BYTES = 50_000_000
POSTER_AT_S = 1.0
HDR = frozenset({"arib-std-b67", "smpte2084"})
TO_SDR = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,"
"""Newer phones record HDR by themselves; shown as it is, it looks pale."""
KNOWN_TAGS = frozenset(
    {"major_brand", "minor_version", "compatible_brands", "handler_name", "language", "vendor_id", "encoder"}
)
"""What a container says of itself. Nothing else may be left in a rendition."""


def poster(path: Path, found: Probed) -> bytes:
    """A picture from near the start, as JPEG, upright. Raises BadVideo when not even that can be decoded."""
    at = min(POSTER_AT_S, (found.seconds or 0.0) / 2)
    width, height = inside(found.width, found.height, HOUSE_SIDE)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-ss", f"{at:.3f}", *fence.source(path)]
    command += [*PICTURES, "-frames:v", "1", "-vf", f"{_sdr(found)}scale={width}:{height},setsar=1"]
    command += ["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "2", "-f", "image2pipe", "-"]
    try:
        answer = fence.run(command, POSTER_WITHIN_S)
    except fence.Interrupted:
        raise unreadable() from None
    if not answer.ok or not answer.out.startswith(b"\xff\xd8"):
        raise unreadable()
    return answer.out


def unreadable() -> BadVideo:
    return BadVideo(N_("Video ini tidak bisa dibaca sampai selesai. Simpan ulang di ponsel, lalu unggah lagi."))


def encode(path: Path, found: Probed, shape: Shape, target: Path, go_on: Callable[[], bool]) -> Probed:
    """Writes the rendition to `target` and says what came out.

    Raises BadVideo for a file that cannot be read to its end, Interrupted when it says nothing about the file.
    """
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *fence.source(path), "-t", str(probing.MAX_SECONDS + 1)]
    command += [*PICTURES, "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]
    answer = fence.run([*command, *_picture(found, shape), *_sound(shape), *_container(target)], ENCODE_WITHIN_S, go_on)
    if not answer.ok and shutil.disk_usage(target.parent).free < LEAST_FREE_BYTES:
        raise fence.Interrupted("the disk is full")
    if not answer.ok:
        raise unreadable()
    made = probing.probe(target)
    if probing.is_shorter(made.seconds, found.seconds):
        raise probing.not_whole()
    return made


def _sdr(found: Probed) -> str:
    return TO_SDR if found.transfer in HDR else ""


def _picture(found: Probed, shape: Shape) -> list[str]:
    """No B-frames: they are what needs an edit list."""
    filters = f"fps={shape.fps:g},scale={shape.width}:{shape.height},{_sdr(found)}setsar=1,format=yuv420p"
    group = str(round(shape.fps * 2))
    return [
        *("-vf", filters, "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-bf", "0"),
        *("-crf", str(shape.crf), "-maxrate", f"{shape.video_kbps}k", "-bufsize", f"{shape.video_kbps}k"),
        *("-g", group, "-flags:v", "+cgop+bitexact", "-r", f"{shape.fps:g}"),
    ]


def _sound(shape: Shape) -> list[str]:
    return ["-c:a", "aac", "-b:a", f"{shape.audio_kbps}k", "-ar", "48000", "-ac", "2", "-flags:a", "+bitexact"]


def _container(target: Path) -> list[str]:
    """Sound begins with a fiftieth of a second of silence, which an edit list would cut away: it stays, unheard."""
    times = ["-use_editlist", "0", "-avoid_negative_ts", "disabled"]
    return [*times, "-movflags", "+faststart", "-fflags", "+bitexact", "-f", "mp4", f"file:{target}"]


def is_house_style(made: Probed, path: Path) -> bool:
    """The result is looked at before anybody may use it."""
    return (
        (made.video_codec, made.pixels) == ("h264", "yuv420p")
        and (made.audio_codec, made.audio_hz) in {("aac", 48_000), (None, None)}
        and not made.turned
        and max(made.width, made.height) <= HOUSE_SIDE
        and keeps_rate(path.stat().st_size, made.seconds, HOUSE_KBPS)
        and made.tags <= KNOWN_TAGS
        and boxes(path)[:2] == ["ftyp", "moov"]
    )


def boxes(path: Path) -> list[str]:
    """Names of an MP4's parts in their order; `moov` is the index, `mdat` the pictures."""
    found, size = list[str](), path.stat().st_size
    with path.open("rb") as file:
        while file.tell() + 8 <= size and len(found) < 100:
            start = file.tell()
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = struct.unpack(">Q", file.read(8))[0]
            found.append(name.decode("latin-1"))
            if length < 8:
                break
            file.seek(start + length)
    return found
