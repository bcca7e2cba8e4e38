"""`python -m contentdesk.child COMMAND …`: becomes COMMAND, but ends when its parent ends.

A supervisor that is killed outright leaves nothing behind that holds a port or a file.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """From now on this process gets SIGTERM when its parent, of this id, ends, however that ends. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


def main() -> None:
    end_with_parent(os.getppid())
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command line is the launcher's own


if __name__ == "__main__":
    main()
