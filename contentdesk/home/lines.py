"""Posts as lists show them: where each is, in a word and in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from contentdesk.home import saying, sentences
from contentdesk.lib import clock
from contentdesk.posts.models import Post
from contentdesk.publishing import holds, take_downs
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.queries import of_posts
from contentdesk.publishing.take_downs import Stop
from contentdesk.reviews.queries import usual_wait_minutes
from contentdesk.reviews.wording import usual_wait


@dataclass(frozen=True)
class Line:
    post: Post
    state: str
    sentence: str


def of(posts: Sequence[Post]) -> list[Line]:
    deliveries = of_posts([post.id for post in posts])
    stops = take_downs.stops([post.id for post in posts])
    held = holds.over([post.id for post in posts])
    wait = usual_wait(usual_wait_minutes())
    return [one(post, deliveries[post.id], stops[post.id], wait, held.get(post.id)) for post in posts]


def one(post: Post, deliveries: list[Delivery], stop: Stop, wait: str, hold: Hold | None) -> Line:
    state = sentences.path_state(post, deliveries, clock.now(), stop, hold)
    return Line(post, state, saying.state_of(post, deliveries, stop, wait, hold))
