"""Being told to end (SIGTERM, Ctrl-C) without a handler: one that sets an event may strike inside the wait for that
very event, which holds a lock, and then nothing ever ends.
"""

import signal

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def hold_back() -> None:
    """From now on they wait until `told` asks for them. Threads and children that begin later have it so too."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def let_through() -> None:
    """As a process has it that was just started."""
    for name in SIGNALS:
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def told(within_s: float) -> bool:
    """Waits so long for the word to end. One that came before is not lost."""
    return signal.sigtimedwait(SIGNALS, within_s) is not None
