"""What the answers of platforms say of what is used up, and that no header breaks us."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentdesk.channels import registry
from contentdesk.channels.quotas import Counts, Scope, Usage
from contentdesk.lib import clock
from contentdesk.lib.http import Http, Reply
from tests.channels.subjects import mastodon
from tests.servers import SandboxProcess

A, P = Scope.ACCOUNT, Scope.APP
MINUTES = timedelta(minutes=1)


def reply(status: int = 200, body: object = None, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode())


def said(kind: str, *args: object, **headers: str) -> list[tuple[Scope, float, timedelta | None, Counts]]:
    found = registry.usage(kind, reply(*args, **headers))  # type: ignore[arg-type]
    return [(one.scope, round(one.used, 2), one.free_in, one.counts) for one in found]


@pytest.mark.parametrize("kind", ["instagram", "facebook", "threads"])
def test_graph_tells_how_much_app_and_account_have_used(kind: str) -> None:
    app = json.dumps({"call_count": 28, "total_time": 91, "total_cputime": 25})
    use = {"type": "pages", "call_count": 100, "total_cputime": 5, "total_time": 5}
    account = json.dumps({"1": [use | {"estimated_time_to_regain_access": 19}]})
    assert said(kind, 200, {}, X_App_Usage=app, X_Business_Use_Case_Usage=account) == [
        (P, 0.91, 5 * MINUTES, Counts.CALLS),
        (A, 1.0, 19 * MINUTES, Counts.CALLS),
    ]
    assert said(kind, 200, {}, X_Page_Usage=app) == [(A, 0.91, 5 * MINUTES, Counts.CALLS)]


@pytest.mark.parametrize(
    ("code", "subcode", "scope", "counts"),
    [
        (4, None, P, Counts.CALLS),
        (17, None, A, Counts.CALLS),
        (32, None, A, Counts.CALLS),
        (9, 2207042, A, Counts.POSTS),
    ],
)
def test_graph_refuses_with_a_code_and_no_429(code: int, subcode: int | None, scope: Scope, counts: Counts) -> None:
    [found] = said("instagram", 400, {"error": {"code": code, "error_subcode": subcode}})
    assert (found[0], found[1], found[3]) == (scope, 1.0, counts)


def test_a_block_that_may_be_a_lie_is_no_limit() -> None:
    assert said("instagram", 403, {"error": {"code": 4, "error_subcode": 2207051}}) == []


def test_the_posts_of_a_day_are_what_the_platform_says() -> None:
    body = {"data": [{"quota_usage": 50, "config": {"quota_total": 50, "quota_duration": 86400}}]}
    assert said("instagram", 200, body) == [(A, 1.0, timedelta(hours=1), Counts.POSTS)]


def test_what_is_left_is_read_from_headers() -> None:
    end = (clock.now() + 5 * MINUTES).isoformat().replace("+00:00", "Z")
    left = {"X_RateLimit_Limit": "300", "X_RateLimit_Remaining": "75", "X_RateLimit_Reset": end}
    [found] = said("mastodon", 200, {}, **left)
    assert found[:2] == (A, 0.75)
    assert found[2] is not None
    assert 4 * MINUTES < found[2] <= 5 * MINUTES
    assert said("mastodon", 200, {}, **left | {"X_RateLimit_Limit": "30", "X_RateLimit_Remaining": "0"}) == []
    told = {"RateLimit_Limit": "3000", "RateLimit_Remaining": "0", "RateLimit_Reset": "90"}
    assert said("bluesky", 200, {}, **told) == [(A, 1.0, 90 * timedelta(seconds=1), Counts.CALLS)]


def test_others_say_it_in_their_bodies() -> None:
    assert said("telegram", 429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}})[0][2] == timedelta(
        seconds=7
    )
    assert said("tiktok", 200, {"error": {"code": "rate_limit_exceeded"}})[0][:2] == (A, 1.0)
    assert said("tiktok", 403, {"error": {"code": "spam_risk_too_many_posts"}})[0][3] == Counts.POSTS
    over = {"error": {"errors": [{"reason": "quotaExceeded"}]}}
    assert [(one[0], one[1] >= 1, one[3]) for one in said("youtube", 403, over)] == [
        (P, True, Counts.POSTS),
        (P, False, Counts.CALLS),
    ]
    assert said("wordpress", 429, {}, Retry_After="60") == [(A, 1.0, MINUTES, Counts.CALLS)]


NAMES = ["X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage", "Retry-After"]
NAMES += [f"{prefix}-{name}" for prefix in ("X-RateLimit", "RateLimit") for name in ("Limit", "Remaining", "Reset")]
ODD = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["1", "call_count", "data"]), inner)
        ),
        max_leaves=6,
    ).map(json.dumps),
)


@given(st.dictionaries(st.sampled_from(NAMES), ODD), ODD, st.sampled_from([200, 400, 403, 429, 503]))
def test_no_header_and_no_body_breaks_us(headers: dict[str, str], body: str, status: int) -> None:
    for kind in registry.KINDS:
        for found in registry.usage(kind, Reply(status, headers, b"rate_limit_exceeded quota_usage " + body.encode())):
            assert isinstance(found, Usage)
        for found in registry.usage(kind, Reply(status, headers, body.encode())):
            assert found.used >= 0


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_number_says_where_it_is_from(kind: str) -> None:
    assert all(quota.source.startswith("https://") and quota.amount > 0 for quota in registry.quotas(kind))


def test_the_sandbox_counts_down_and_then_refuses(platforms: SandboxProcess) -> None:
    sandbox = platforms.reset(mastodon_calls=4)
    login, heard = mastodon.open_account(sandbox), []
    http = Http(sandbox.url).observed(heard.append)
    channel = registry.checkable("mastodon")
    assert channel is not None
    for _ in range(4):
        channel.check(http, login)
    with pytest.raises(Exception, match="429"):
        channel.check(http, login)
    left = [one.reply.headers["X-RateLimit-Remaining"] for one in heard if one.reply]
    assert left == ["3", "2", "1", "0", "0"]
    assert registry.usage("mastodon", heard[-1].reply)[0].used == 1
