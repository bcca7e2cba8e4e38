"""Sentences in the reader's language."""

from collections.abc import Iterable

from flask_babel import get_locale

from contentdesk.home import sentences
from contentdesk.home.sentences import At, Said
from contentdesk.lib import clock
from contentdesk.lib.sentences import sentence
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.take_downs import Stop


def locale() -> str:
    return str(get_locale() or "id")


def at() -> At:
    return At(clock.now(), locale())


def say(said: Iterable[Said]) -> str:
    return " ".join(sentence(one.message, one.values) for one in said)


def state_of(post: Post, deliveries: list[Delivery], stop: Stop, wait: str = "", hold: Hold | None = None) -> str:
    """Where the post is. `wait` says how long a review usually takes."""
    said = say(sentences.about(post, deliveries, at(), stop, hold))
    return f"{said} {wait}".rstrip() if post.state == PostState.IN_REVIEW else said
