"""HEIC is decoded in a process of its own.

One changed byte in a HEIC file is enough to crash the library in C code (pi-heif 1.4.0). In our process
that would take every request of the web worker with it; here it is one unreadable photo. The process also
gives back its memory at once, and has limits on memory and time.

This file is both sides: imported by the web, and run as a script by itself. It therefore knows nothing
of the rest of the package.
"""

import resource
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO

import pi_heif
from PIL import Image

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 30
WALL_SECONDS = 60


@dataclass(frozen=True)
class Plain:
    """Width and height are the photo's own; the PNG is empty where the photo was too large to decode."""

    width: int
    height: int
    png: bytes


def as_png(data: bytes, max_pixels: int, max_side: int) -> Plain | None:
    """Upright, at most `max_side` pixels; None when it cannot be read. With `max_side` 0 the size only."""
    command = [sys.executable, "-I", __file__, str(max_pixels), str(max_side)]
    try:
        answer = subprocess.run(command, input=data, capture_output=True, timeout=WALL_SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    size, _, png = answer.stdout.partition(b"\n")
    width, height = map(int, size.split())
    return Plain(width, height, png)


def _limit_ourselves() -> None:
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def _main(max_pixels: int, max_side: int) -> None:
    _limit_ourselves()
    # Only the photo itself is read, none of the pictures that phones hide beside it.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    with Image.open(BytesIO(sys.stdin.buffer.read()), formats=["HEIF"]) as image:
        sys.stdout.buffer.write(b"%d %d\n" % image.size)
        if max_side and image.width * image.height <= max_pixels:
            _shrunk(image, max_side).save(
                sys.stdout.buffer, "PNG", compress_level=1, icc_profile=image.info.get("icc_profile")
            )


def _shrunk(image: Image.Image, max_side: int) -> Image.Image:
    scale = max_side / max(image.size)
    if scale >= 1:
        return image
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
