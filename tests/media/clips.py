"""Tiny videos, made by ffmpeg when they are first asked for."""

import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

SECONDS = 1.5
PLACE = "-7.9800+112.6300/"
_PICTURE = ("-f", "lavfi", "-i", f"testsrc2=s=180x320:r=30:d={SECONDS}")
_SOUND = ("-f", "lavfi", "-i", f"sine=440:d={SECONDS}")
_CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-metadata", f"location={PLACE}")


@cache
def _folder() -> Path:
    return Path(mkdtemp(prefix="clips"))


def _ffmpeg(name: str, *arguments: str) -> bytes:
    path = _folder() / name
    if not path.exists():
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, str(path)], check=True)
    return path.read_bytes()


def upright() -> bytes:
    """180 x 320 with sound, the index in front, and the place where it was made."""
    return _ffmpeg("upright.mov", *_PICTURE, *_SOUND, *_CODED, "-movflags", "+faststart")


def reel() -> bytes:
    """Long enough for every channel."""
    picture = ("-f", "lavfi", "-i", "testsrc2=s=180x320:r=30:d=3.4", "-f", "lavfi", "-i", "sine=440:d=3.4")
    return _ffmpeg("reel.mp4", *picture, *_CODED)


def turned() -> bytes:
    """Stored lying, 320 x 180; players turn it upright. Red at the top once it stands."""
    lying = f"color=red:s=160x180:d={SECONDS}:r=30[a];color=blue:s=160x180:d={SECONDS}:r=30[b];[a][b]hstack"
    _ffmpeg("lying.mp4", "-filter_complex", lying, *_CODED)
    source = str(_folder() / "lying.mp4")
    return _ffmpeg("turned.mov", "-i", source, "-c", "copy", "-metadata:s:v:0", "rotate=270")


def webm() -> bytes:
    """Without sound, 15 pictures a second, and a height that is odd."""
    return _ffmpeg("small.webm", "-f", "lavfi", "-i", f"testsrc2=s=320x241:r=15:d={SECONDS}", "-c:v", "libvpx")


def large() -> bytes:
    """2560 pixels long, 120 pictures a second, far too many bits."""
    noise = "color=gray:s=1280x2560:r=120:d=0.5,noise=alls=100:allf=t"
    return _ffmpeg("large.mp4", "-f", "lavfi", "-i", noise, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30")


def hdr() -> bytes:
    colours = ("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc")
    quiet = ("-x265-params", "log-level=none", "-tag:v", "hvc1")
    return _ffmpeg("hdr.mp4", *_PICTURE, "-c:v", "libx265", "-pix_fmt", "yuv420p10le", *colours, *quiet)


def sound_only() -> bytes:
    return _ffmpeg("sound.m4a", *_SOUND, "-c:a", "aac")


def song_with_cover() -> bytes:
    """Its picture is none that moves."""
    _ffmpeg("cover.jpg", "-f", "lavfi", "-i", "color=red:s=320x320", "-frames:v", "1")
    cover = ("-i", str(_folder() / "cover.jpg"), "-map", "0", "-map", "1", "-disposition:v:0", "attached_pic")
    return _ffmpeg("song.m4a", *_SOUND, *cover, "-c:a", "aac", "-c:v", "mjpeg")


def long() -> bytes:
    """Sixteen minutes of nothing."""
    return _ffmpeg("long.mp4", "-f", "lavfi", "-i", "color=red:s=180x320:r=1:d=960", "-c:v", "libx264", "-g", "900")


def huge() -> bytes:
    return _ffmpeg("huge.mp4", "-f", "lavfi", "-i", "color=red:s=4400x400:r=5:d=1", "-c:v", "libx264")


def tiny() -> bytes:
    return _ffmpeg("tiny.mp4", "-f", "lavfi", "-i", "color=red:s=64x64:r=30:d=1", "-c:v", "libx264")


def cut_in_the_index() -> bytes:
    return _ffmpeg("index_behind.mp4", *_PICTURE, *_SOUND, *_CODED)[:20_000]


def cut_in_the_pictures() -> bytes:
    """The header still promises the whole length."""
    whole = upright()
    return whole[: len(whole) // 3]


def playlist(secret: Path) -> bytes:
    """HLS: names another file, as an attacker would to see what the server can read."""
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()


def web_playlist(url: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n".encode()


def concat(secret: Path) -> bytes:
    return f"ffconcat version 1.0\nfile '{secret}'\n".encode()


BAD: dict[str, Callable[[], bytes]] = {
    "kosong": lambda: b"",
    "bukan video": lambda: b"Promo hari ini: nasi pecel Rp10.000\n" * 40,
    "hanya berisi suara": sound_only,
    "berisi suara": song_with_cover,
    "paling lama 15 menit": long,
    "paling besar 4K": huge,
    "paling kecil 144": tiny,
    "tidak utuh": cut_in_the_index,
    "mungkin terputus": cut_in_the_pictures,
}
"""By words of the sentence that it gets."""
