"""A tiny MP4 that every player and prober takes: grey pictures in H.264 (baseline), no sound, no program needed.

Boxes after ISO/IEC 14496-12 and -15, pictures after ITU-T H.264: one key picture of one byte for each block of
16 x 16, then pictures that repeat it. A minute of 720 x 1280 has about 25 KB.
"""

import struct
from functools import cache

FPS = 25
_SCALE = 1000
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@cache
def mp4_bytes(seconds: float = 5, width: int = 720, height: int = 1280) -> bytes:
    """An MP4 of this running time; the sides are even numbers of pixels. The same call gives the same bytes."""
    assert width % 2 == height % 2 == 0, "4:2:0 has even sides only"
    samples = _samples(round(seconds * FPS), width, height)
    head = _box(b"ftyp", b"isom", _u32(0x200), b"isomiso2avc1mp41")
    # The place of the samples stands in the header, whose length does not depend on it.
    place = len(head) + len(_moov(samples, width, height, 0)) + 8
    return head + _moov(samples, width, height, place) + _box(b"mdat", *samples)


def _u32(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _u32(8 + len(body)) + name + body


def _full(name: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(name, _u32(flags), *parts)


def _moov(samples: list[bytes], width: int, height: int, place: int) -> bytes:
    ticks = len(samples) * _SCALE // FPS
    mvhd = _u32(0, 0, _SCALE, ticks, 0x10000) + b"\x01\x00" + bytes(10) + _UNITY + bytes(24) + _u32(2)
    return _box(b"moov", _full(b"mvhd", 0, mvhd), _trak(samples, width, height, place, ticks))


def _trak(samples: list[bytes], width: int, height: int, place: int, ticks: int) -> bytes:
    tkhd = _u32(0, 0, 1, 0, ticks) + bytes(16) + _UNITY + _u32(width << 16, height << 16)
    hdlr = _u32(0) + b"vide" + bytes(12) + b"video\x00"
    mdia = _box(
        b"mdia",
        _full(b"mdhd", 0, _u32(0, 0, _SCALE, ticks), struct.pack(">HH", 0x55C4, 0)),
        _full(b"hdlr", 0, hdlr),
        _minf(samples, width, height, place),
    )
    return _box(b"trak", _full(b"tkhd", 7, tkhd), mdia)


def _minf(samples: list[bytes], width: int, height: int, place: int) -> bytes:
    dref = _full(b"dref", 0, _u32(1), _full(b"url ", 1))
    sizes = [len(sample) for sample in samples]
    stbl = _box(
        b"stbl",
        _full(b"stsd", 0, _u32(1), _avc1(width, height)),
        _full(b"stts", 0, _u32(1, len(samples), _SCALE // FPS)),
        _full(b"stss", 0, _u32(1, 1)),
        _full(b"stsc", 0, _u32(1, 1, len(samples), 1)),
        _full(b"stsz", 0, _u32(0, len(sizes), *sizes)),
        _full(b"stco", 0, _u32(1, place)),
    )
    return _box(b"minf", _full(b"vmhd", 1, bytes(8)), _box(b"dinf", dref), stbl)


def _avc1(width: int, height: int) -> bytes:
    sps, pps = _sps(width, height), _nal(0x68, _ue(0) + _ue(0) + "00" + _ue(0) * 3 + "000" + _ue(0) * 3 + "000")
    avcc = b"\x01" + sps[1:4] + b"\xff\xe1" + struct.pack(">H", len(sps)) + sps
    avcc += b"\x01" + struct.pack(">H", len(pps)) + pps
    head = bytes(6) + struct.pack(">H", 1) + bytes(16) + struct.pack(">HH", width, height)
    head += _u32(0x480000, 0x480000, 0) + struct.pack(">H", 1) + bytes(32) + struct.pack(">Hh", 24, -1)
    return _box(b"avc1", head, _box(b"avcC", avcc))


def _blocks(length: int) -> int:
    return -(-length // 16)


def _ue(value: int) -> str:
    """Exp-Golomb code (H.264, 9.1)."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _nal(kind: int, bits: str) -> bytes:
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    raw, escaped = int(bits, 2).to_bytes(len(bits) // 8), bytearray()
    for byte in raw:
        if byte <= 3 and escaped[-2:] == b"\x00\x00":
            escaped.append(3)
        escaped.append(byte)
    return bytes([kind]) + bytes(escaped)


def _sps(width: int, height: int) -> bytes:
    columns, rows = _blocks(width), _blocks(height)
    bits = f"{66:08b}{0b11000000:08b}{40:08b}"
    # id, frame_num of 4 bits, order of output = order of decoding, one reference picture
    bits += _ue(0) + _ue(0) + _ue(2) + _ue(1) + "0" + _ue(columns - 1) + _ue(rows - 1) + "11"
    right, bottom = (columns * 16 - width) // 2, (rows * 16 - height) // 2
    bits += "1" + _ue(0) + _ue(right) + _ue(0) + _ue(bottom) if right or bottom else "0"
    return _nal(0x67, bits + "0")


def _samples(count: int, width: int, height: int) -> list[bytes]:
    blocks = _blocks(width) * _blocks(height)
    # A block: predicted from its neighbours, chroma too, no change of quality, no difference left.
    first = _nal(0x65, _ue(0) + _ue(7) + _ue(0) + "0000" + _ue(0) + "00" + _ue(0) + (_ue(3) + "111") * blocks)
    rest = [
        _nal(0x41, _ue(0) + _ue(5) + _ue(0) + f"{number % 16:04b}" + "000" + _ue(0) + _ue(blocks))
        for number in range(1, max(1, count))
    ]
    return [_u32(len(nal)) + nal for nal in [first, *rest]]
