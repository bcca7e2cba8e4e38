"""Reads how long and how large a film is, from the boxes of an MP4 or MOV (ISO/IEC 14496-12). No program needed."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HOLDERS = {b"moov", b"trak", b"mdia"}
MOST_BOXES = 2000


@dataclass(frozen=True)
class Film:
    """Seconds and pixels; `moov_first`: it can be played before all of it is there."""

    seconds: float
    width: int
    height: int
    moov_first: bool


def watch(path: Path) -> Film | None:
    """None when it is no film, or only a part of one."""
    try:
        with path.open("rb") as file:
            boxes = list(_boxes(file, 0, path.stat().st_size))
            return _film(file, boxes)
    except (struct.error, ValueError, ZeroDivisionError):
        return None


Box = tuple[bytes, int, int]


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[Box]:
    """Name, where the body begins, where it ends; those inside follow the one that holds them."""
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        body = at + 8
        if size == 1:
            size, body = struct.unpack(">Q", file.read(8))[0], at + 16
        size = size or end - at
        if size < 8 or at + size > end:
            raise ValueError("a box that is cut off")
        yield name, body, at + size
        if name in HOLDERS:
            yield from _boxes(file, body, at + size)
        at += size


def _film(file: BinaryIO, boxes: list[Box]) -> Film | None:
    names = [name for name, _, _ in boxes]
    if names[:1] != [b"ftyp"] or not {b"moov", b"mdat", b"mvhd", b"tkhd"} <= set(names):
        return None
    seconds = _seconds(_read(file, next(box for box in boxes if box[0] == b"mvhd")))
    sizes = [_size(_read(file, box)) for box in boxes if box[0] == b"tkhd"]
    width, height = max(sizes)
    return Film(seconds, width, height, names.index(b"moov") < names.index(b"mdat")) if width and height else None


def _read(file: BinaryIO, box: Box) -> bytes:
    _, start, end = box
    file.seek(start)
    return file.read(min(end - start, 256))


def _seconds(mvhd: bytes) -> float:
    """Version 1 has wider numbers."""
    scale, length = struct.unpack(">IQ", mvhd[20:32]) if mvhd[0] else struct.unpack(">II", mvhd[12:20])
    return float(length / scale)


def _size(tkhd: bytes) -> tuple[int, int]:
    """The last two numbers, in 65536ths; a track of sound has none."""
    at = 88 if tkhd[0] else 76
    width, height = struct.unpack(">II", tkhd[at : at + 8])
    return width >> 16, height >> 16
