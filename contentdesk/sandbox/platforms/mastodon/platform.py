"""Which path leads where."""

from datetime import UTC, datetime
from typing import Any

from contentdesk.sandbox import figures, keeping
from contentdesk.sandbox.platforms.mastodon import auth, errors, statuses
from contentdesk.sandbox.routes import lead, page_of, routes
from contentdesk.sandbox.wire import Call, Failure, Reply, World


def instance(call: Call) -> Reply:
    posts = {
        "max_characters": call.knobs.mastodon_chars,
        "max_media_attachments": call.knobs.mastodon_media,
        "characters_reserved_per_url": statuses.LINK_CHARS,
    }
    files = {
        "description_limit": statuses.DESCRIPTION,
        "image_size_limit": call.knobs.mastodon_image_bytes,
        "video_size_limit": call.knobs.mastodon_video_bytes,
    }
    said = {"statuses": posts, "media_attachments": files}
    return Reply({"domain": call.host, "version": "4.6.4", "configuration": said})


def me(call: Call) -> Reply:
    account = auth.caller(call, "read:accounts")
    count = call.store.number("SELECT count(*) FROM posts WHERE account_id = ?", account["id"])
    name = account["username"].partition("@")[0]
    return Reply(
        {
            "id": auth.number_of(account["id"]),
            "username": name,
            "acct": name,
            "followers_count": figures.followers_now(call.knobs, account, call.now),
            "statuses_count": count,
        }
    )


def page(call: Call, name: str, status_id: str) -> Reply:
    return page_of(call, lambda post: (post["id"], post["platform"]) == (status_id, "mastodon"))


ROUTES = routes(
    ("GET", r"/api/v2/instance", instance),
    ("POST", r"/api/v1/apps", auth.make_app),
    ("GET", r"/oauth/authorize", auth.page),
    ("POST", r"/oauth/authorize", auth.decide),
    ("POST", r"/oauth/token", auth.token),
    ("GET", r"/api/v1/accounts/verify_credentials", me),
    ("GET", r"/api/v1/accounts/(\d+)/statuses", statuses.of_account),
    ("POST", r"/api/v2/media", statuses.upload),
    ("GET", r"/api/v1/media/(\d+)", statuses.media),
    ("POST", r"/api/v1/statuses", statuses.post),
    ("GET", r"/api/v1/statuses", statuses.many),
    ("GET", r"/api/v1/statuses/(\d+)", statuses.one),
    ("GET", r"/api/v1/statuses/(\d+)/context", statuses.context),
    ("GET", r"/@(\w+)/(\d+)", page),
)


class Mastodon:
    name = "mastodon"
    title = "Mastodon"
    hosts = frozenset(auth.HOSTS)
    schema = auth.SCHEMA + statuses.SCHEMA

    def answer(self, call: Call) -> Reply:
        reply = lead(call, ROUTES, call.path)
        if reply is None:
            raise errors.refuse(call, 404)
        return reply

    def failure(self, call: Call, failure: Failure) -> Reply:
        return errors.ordered(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        """As the real one: five minutes that begin with the clock, though it is counted over the last five here."""
        if not call.path.startswith("/api/"):
            return {}
        end = (call.now // auth.LIMIT_S + 1) * auth.LIMIT_S
        reset = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        limit = call.knobs.mastodon_calls
        left = str(max(0, limit - auth.used(call) - 1))
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}

    def resume(self, world: World) -> None:
        """Nothing here goes on after the reply."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return auth.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return statuses.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        known = keeping.figures_of(world, post_id)
        return {name: known[name] for name in ("likes", "comments", "shares")}


PLATFORM = Mastodon()
