"""`python -m contentdesk.child COMMAND …`: becomes COMMAND, but ends when its parent ends.

A supervisor that is killed outright leaves nothing behind that holds a port or a file. What a process frees goes
back to the system: without that a web process that has shown a few pages keeps 20 MB it does not need.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
MALLOC = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""glibc's own starting values. Set, they stay; unset, one large block freed raises both for good (mallopt(3))."""


def end_with_parent(parent: int) -> None:
    """From now on this process gets SIGTERM when its parent, of this id, ends, however that ends. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


def main() -> None:
    end_with_parent(os.getppid())
    os.execvpe(sys.argv[1], sys.argv[1:], MALLOC | os.environ)  # noqa: S606 - the command line is the launcher's own


if __name__ == "__main__":
    main()
