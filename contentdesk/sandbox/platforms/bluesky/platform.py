"""Which name leads where."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from contentdesk.sandbox import keeping
from contentdesk.sandbox.platforms.bluesky import errors, feed, records, sessions
from contentdesk.sandbox.routes import page_of
from contentdesk.sandbox.wire import Call, Failure, Reply, World


def describe(call: Call) -> Reply:
    return Reply({"did": f"did:web:{call.host}", "availableUserDomains": [".latihan.test"], "inviteCodeRequired": True})


NAMES: Mapping[tuple[str, str], Callable[[Call], Reply]] = MappingProxyType(
    {
        ("GET", "com.atproto.server.describeServer"): describe,
        ("POST", "com.atproto.server.createSession"): sessions.create,
        ("POST", "com.atproto.server.refreshSession"): sessions.refresh,
        ("GET", "com.atproto.server.getSession"): sessions.show,
        ("GET", "com.atproto.identity.resolveHandle"): sessions.resolve,
        ("POST", "com.atproto.repo.uploadBlob"): records.upload,
        ("POST", "com.atproto.repo.putRecord"): records.put,
        ("POST", "com.atproto.repo.createRecord"): records.create,
        ("GET", "com.atproto.repo.getRecord"): records.read,
        ("GET", "app.bsky.feed.getPosts"): feed.posts,
        ("GET", "app.bsky.feed.getPostThread"): feed.thread,
        ("GET", "app.bsky.actor.getProfile"): feed.profile,
    }
)


LIMIT_S = 300.0


def _used(call: Call) -> int:
    """Calls to this server in the last five minutes, without this one: here all come from one address."""
    sql = "SELECT count(*) FROM calls WHERE at > ? AND host = ?"
    return call.store.number(sql, call.now - LIMIT_S, call.host)


class Bluesky:
    name = "bluesky"
    title = "Bluesky"
    hosts = frozenset({"bsky.social", "pds.latihan.test", "bsky.app"})
    schema = records.SCHEMA
    keys = MappingProxyType({"Nama akun": "{username}", "Kata sandi aplikasi": "{password}"})

    def answer(self, call: Call) -> Reply:
        if call.host == "bsky.app":
            return self._page(call)
        if _used(call) >= call.knobs.bluesky_calls:
            raise errors.refuse("RateLimitExceeded", 429)
        found = re.fullmatch(r"/xrpc/([\w.]+)", call.path)
        handler = NAMES.get((call.method, found[1])) if found else None
        if handler is None:
            raise errors.refuse("MethodNotImplemented", 501)
        return handler(call)

    def _page(self, call: Call) -> Reply:
        link = f"https://{call.host}{call.path}"
        return page_of(call, lambda post: post["permalink"] == link)

    def failure(self, call: Call, failure: Failure) -> Reply:
        return errors.ordered(failure)

    def usage(self, call: Call) -> dict[str, str]:
        if call.host == "bsky.app":
            return {}
        limit = call.knobs.bluesky_calls
        left = max(0, limit - _used(call) - 1)
        end = int((call.now // LIMIT_S + 1) * LIMIT_S)
        policy = f"{limit};w={LIMIT_S:.0f}"
        told = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(left), "RateLimit-Reset": str(end)}
        return told | {"RateLimit-Policy": policy}

    def resume(self, world: World) -> None:
        """Nothing here goes on after the reply."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return sessions.open_with_password(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return records.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        known = keeping.figures_of(world, post_id)
        return {name: known[name] for name in ("likes", "comments", "saved", "shares")}


PLATFORM = Bluesky()
