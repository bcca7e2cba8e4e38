"""What a 12-megapixel photo costs: our way beside the obvious one, each run in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from PIL import Image, ImageOps

from contentdesk.media.images import Spec, render_all, take_in

SIZE = (4000, 3000)
RENDITIONS = ((1080, 1350), (1080, 1080), (240, 240))
TURNED_RIGHT = 6


def run(runs: int = 5) -> dict[str, object]:
    """Medians of `runs` runs each, taken in turn so that both ways see the same machine."""
    with TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        _in_a_process("sample", photo)
        pairs = [(_in_a_process("ours", photo), _in_a_process("baseline", photo)) for _ in range(runs)]
        size = photo.stat().st_size
    ours, baseline = zip(*pairs, strict=True)
    cpu_ms, baseline_cpu_ms = _middle(ours, "cpu_ms"), _middle(baseline, "cpu_ms")
    return {
        "cpu_ms": cpu_ms,
        "peak_rss_mb": _middle(ours, "peak_rss_mb"),
        "baseline_cpu_ms": baseline_cpu_ms,
        "baseline_rss_mb": _middle(baseline, "peak_rss_mb"),
        "ratio": round(baseline_cpu_ms / cpu_ms, 2),
        "photo_bytes": size,
        "runs": runs,
    }


def _middle(figures: tuple[dict[str, float], ...], name: str) -> float:
    return round(median(figure[name] for figure in figures), 1)


def _in_a_process(what: str, photo: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "contentdesk.bench.images", what, str(photo)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def _sample(photo: Path) -> None:
    """Seeded: coarse colours under fine grain come to about 5 MB, as a phone's photo does."""
    random = Random(12)  # noqa: S311 - a picture, no secret
    colours = _noise(random, (80, 60), Image.Resampling.BICUBIC)
    texture = _noise(random, (1000, 750), Image.Resampling.BICUBIC)
    grain = _noise(random, (2000, 1500), Image.Resampling.NEAREST)
    picture = Image.blend(Image.blend(colours, texture, 0.25), grain, 0.15)
    exif = Image.Exif()
    exif[0x0112] = TURNED_RIGHT
    picture.save(photo, "JPEG", quality=90, exif=exif)


def _noise(random: Random, size: tuple[int, int], resample: Image.Resampling) -> Image.Image:
    width, height = size
    return Image.frombytes("RGB", size, random.randbytes(width * height * 3)).resize(SIZE, resample)


def _ours(data: bytes) -> None:
    specs = [Spec(f"{w}x{h}", w / h, w / h, max_width=w, max_height=h) for w, h in RENDITIONS]
    render_all(take_in(data).data, specs)


def _baseline(data: bytes) -> None:
    """Opens the photo again for each size, as the first answer to a search would."""
    for size in RENDITIONS:
        with Image.open(BytesIO(data)) as image:
            upright = ImageOps.exif_transpose(image)
            fitted = ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
            fitted.save(BytesIO(), "JPEG", quality=85)


def _measured(way: Callable[[bytes], None], data: bytes) -> dict[str, float]:
    start = process_time()
    way(data)
    return {"cpu_ms": (process_time() - start) * 1000, "peak_rss_mb": _peak_rss_mb()}


def _peak_rss_mb() -> float:
    """Linux's ru_maxrss also counts the parent's memory before exec; VmHWM is this program's alone."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _main(what: str, photo: Path) -> None:
    figures: dict[str, float] = {}
    if what == "sample":
        _sample(photo)
    else:
        figures = _measured({"ours": _ours, "baseline": _baseline}[what], photo.read_bytes())
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
