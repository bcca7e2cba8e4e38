"""The states of a delivery: one post on one account."""

from enum import StrEnum


class DeliveryState(StrEnum):
    WAITING = "waiting"
    PREPARING = "preparing"
    PUBLISHING = "publishing"
    ACCEPTED = "accepted"
    SENT = "sent"
    UNKNOWN = "unknown"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    EXPIRED = "expired"
    HELD = "held"
    """For people, kept in no row: an active hold covers what is still to come (`publishing/holds.py`)."""
    CANCELLED = "cancelled"


_D = DeliveryState
ENDED = (_D.SENT, _D.FAILED, _D.EXPIRED, _D.CANCELLED)
"""Nothing happens any more unless a person acts."""
GIVEN_UP = (_D.FAILED, _D.EXPIRED, _D.CANCELLED)
"""Not public; the post may be scheduled on the same account again."""
MOVABLE = (_D.WAITING, _D.PREPARING, _D.HELD, _D.HANDED_OVER)
"""Nothing public has happened, so it can be moved or cancelled."""
NOT_OUT = (_D.WAITING, _D.PREPARING, _D.PUBLISHING, _D.HANDED_OVER, _D.HELD)
"""Still to go out."""
MAY_BE_OUT = (_D.ACCEPTED, _D.SENT, _D.UNKNOWN, *GIVEN_UP)
"""The others, in the order in which the index of what is to go out leaves them out."""


HOLDABLE = (_D.WAITING, _D.PREPARING, _D.HANDED_OVER)
"""What the stop button reaches: not public yet, and still to come."""
BEYOND = (_D.PUBLISHING, _D.ACCEPTED, _D.UNKNOWN)
"""What it no longer reaches: the platform has it, or may have it."""


class HoldScope(StrEnum):
    """What a hold covers."""

    CITY = "city"
    KECAMATAN = "kecamatan"
    KIM = "kim"
    CAMPAIGN = "campaign"


class HoldReason(StrEnum):
    DISASTER = "disaster"
    MOURNING = "mourning"
    QUIET_DAYS = "quiet_days"
    """Masa tenang, before an election."""
    OTHER = "other"


class Removal(StrEnum):
    """What stands in a state's place where consent is gone: for people, kept nowhere."""

    DUE = "take_down"
    """Public, and has to be taken down."""
    DONE = "taken_down"
    STOPPED = "no_consent"
    """Approved, and cannot be planned."""


class CommentState(StrEnum):
    """Of the first comment under a post that is out. No row: none was asked for."""

    DUE = "due"
    INTENDED = "intended"
    """It may be there: the platform is looked at before anything is written."""
    DONE = "done"
    FAILED = "failed"
