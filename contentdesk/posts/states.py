"""The editorial states of a post and the ways between them."""

from enum import StrEnum


class PostState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_ASKED = "changes_asked"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


_S = PostState
WAYS: dict[str, dict[PostState, PostState]] = {
    "edit": {
        _S.DRAFT: _S.DRAFT,
        _S.IN_REVIEW: _S.DRAFT,
        _S.CHANGES_ASKED: _S.DRAFT,
        _S.APPROVED: _S.DRAFT,
        _S.SCHEDULED: _S.DRAFT,
        _S.REJECTED: _S.DRAFT,
        _S.WITHDRAWN: _S.DRAFT,
    },
    "submit": {_S.DRAFT: _S.IN_REVIEW, _S.CHANGES_ASKED: _S.IN_REVIEW},
    "approve": {_S.IN_REVIEW: _S.APPROVED},
    "ask_changes": {_S.IN_REVIEW: _S.CHANGES_ASKED},
    "reject": {_S.IN_REVIEW: _S.REJECTED},
    "schedule": {_S.APPROVED: _S.SCHEDULED, _S.SCHEDULED: _S.SCHEDULED},
    "unschedule": {_S.SCHEDULED: _S.APPROVED},
    "take_back": {_S.IN_REVIEW: _S.DRAFT},
    "withdraw": {
        _S.DRAFT: _S.WITHDRAWN,
        _S.IN_REVIEW: _S.WITHDRAWN,
        _S.CHANGES_ASKED: _S.WITHDRAWN,
        _S.APPROVED: _S.WITHDRAWN,
        _S.SCHEDULED: _S.WITHDRAWN,
    },
    "archive": {_S.DRAFT: _S.ARCHIVED, _S.REJECTED: _S.ARCHIVED, _S.WITHDRAWN: _S.ARCHIVED},
}


def after(state: str, act: str) -> PostState | None:
    """The state that `act` leads to from `state`, or None when there is no such way."""
    return WAYS[act].get(PostState(state))
