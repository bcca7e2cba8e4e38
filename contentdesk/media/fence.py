"""Runs ffmpeg and ffprobe on foreign files behind a fence, as programs of their own.

A damaged or evil file may crash them, let them eat memory or run for ever; here that is one video that could
not be read. They see one local file and nothing else: no network, no other files, no playlists.

This file is both sides: imported by us, and run as a script that fences itself in and becomes the program.
It therefore knows nothing of the rest of the package.
"""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

PROGRAMS = ("ffmpeg", "ffprobe")
FORMATS = "mov,matroska,avi,mpegts,mpeg"
"""Containers of phones and cameras. Playlists (HLS, DASH, concat) are none of them: they name other files."""
INPUT = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)
MEMORY_BYTES = 4 * 1024**3
LARGEST_OUTPUT_BYTES = 2 * 1000**3
PR_SET_PDEATHSIG = 1
LOOK_EVERY_S = 10.0
MOST_TOLD_BYTES = 16_000_000
"""A picture, or what stands in a file. An evil file may have far more in it to tell than fits into our memory."""
SURROUNDINGS = ("PATH", "LD_LIBRARY_PATH")
"""All that the program gets of our environment, in which our secrets stand."""


class Interrupted(Exception):
    """The program was stopped from outside or took too long: it says nothing about the file."""


@dataclass(frozen=True)
class Ended:
    """`ok`: it did what it was asked to. `said` is for the log."""

    ok: bool
    out: bytes
    said: str


def missing() -> list[str]:
    """Which of the programs are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def run(
    command: Sequence[str], seconds: float, go_on: Callable[[], bool] = lambda: True, look_every: float = LOOK_EVERY_S
) -> Ended:
    """Waits for the program at most `seconds`; asks `go_on` now and then, and ends it when told so.

    Raises Interrupted. Whatever happens, the program does not outlive this call, nor this process.
    """
    fenced = [sys.executable, "-I", __file__, str(int(seconds) * 4), *command]
    env = {name: os.environ[name] for name in SURROUNDINGS if name in os.environ}
    with subprocess.Popen(
        fenced, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        told = [_Told(pipe) for pipe in (program.stdout, program.stderr)]
        try:
            _wait(program, seconds, go_on, look_every)
        finally:
            program.kill()
            out, said = (one.whole() for one in told)
    if program.returncode < 0 or program.returncode == 255:  # ffmpeg's answer to a signal
        raise Interrupted(f"ended by a signal ({program.returncode})")
    return Ended(program.returncode == 0, out, said.decode(errors="replace")[-2000:])


class _Told(Thread):
    """Reads a pipe to its end, so that the program never waits for us, and keeps the beginning alone."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        assert pipe is not None
        self._pipe, self._kept = pipe, bytearray()
        self.start()

    def run(self) -> None:
        while piece := os.read(self._pipe.fileno(), 65_536):
            self._kept += piece[: MOST_TOLD_BYTES - len(self._kept)]

    def whole(self) -> bytes:
        self.join()
        return bytes(self._kept)


def _wait(program: "subprocess.Popen[bytes]", seconds: float, go_on: Callable[[], bool], look_every: float) -> None:
    waited = 0.0
    while True:
        turn = min(look_every, seconds - waited)
        try:
            program.wait(timeout=turn)
            return
        except subprocess.TimeoutExpired:
            waited += turn
        if waited >= seconds:
            raise Interrupted("took too long")
        if not go_on():
            raise Interrupted("told to stop")


def source(path: Path) -> list[str]:
    """Arguments that name the file to read. `file:` so that no name is taken for an address."""
    return [*INPUT, "-i", f"file:{path}"]


def _fence_ourselves_in(cpu_seconds: int) -> None:
    """Ends with its parent, gives way to others, and has limits."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(10)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


if __name__ == "__main__":
    _fence_ourselves_in(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command line is ours
