"""What many posts of one account cost in calls, by the platforms' own book: whole batches, by job, keeper and all."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from contentdesk.channels import registry
from contentdesk.channels.abilities import MeasuresInBatches
from contentdesk.channels.base import Login
from contentdesk.channels.kinds.instagram_login import FACEBOOK_HOST, THROUGH_FACEBOOK
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.desk import desk
from contentdesk.metrics import queries
from contentdesk.metrics.models import LatestFigures
from tests.channels import line
from tests.channels.subjects import bluesky, facebook, mastodon, tiktok, youtube
from tests.factories import Factory
from tests.metrics.made import sent_delivery
from tests.servers import SandboxProcess
from workers import metrics


@dataclass(frozen=True)
class Trial:
    kind: str
    open_account: Callable[[SandboxProcess], Login]
    call: str
    """The path that brings the figures of many posts."""
    method: str
    batch: int
    """What the platform documents as the most."""
    id_of: Callable[[Login, str], str] = lambda _login, post: post


def through_facebook(sandbox: SandboxProcess) -> Login:
    return replace(line.login_of(sandbox.account("kim.halaman", login="facebook")), details=THROUGH_FACEBOOK)


def uri(login: Login, post: str) -> str:
    return f"at://{login.external_id}/app.bsky.feed.post/{post}"


TRIALS = (
    Trial("facebook", facebook.open_account, r"^/v25\.0/$", "POST", 25),
    Trial("instagram", through_facebook, r"^/v25\.0/$", "POST", 50),
    Trial("tiktok", tiktok.open_account, "video/query/$", "POST", 20),
    Trial("youtube", youtube.open_account, "/youtube/v3/videos$", "GET", 50),
    Trial("bluesky", bluesky.open_account, "getPosts$", "GET", 25, uri),
    Trial("mastodon", mastodon.open_account, "v1/statuses$", "GET", 20),
)


@pytest.fixture
def settings(sandbox: SandboxProcess) -> dict[str, object]:
    return {"platform_base_url": sandbox.url}


def follow_many(make: Factory, sandbox: SandboxProcess, trial: Trial, count: int) -> str:
    """So many posts of one account, due; the account's id."""
    login, kim = trial.open_account(sandbox), make.kim()
    account = make.account(
        kim,
        trial.kind,
        external_id=login.external_id,
        handle=login.handle,
        token_sealed=desk().box.seal(login.token),
        details=dict(login.details),
        scopes=list(login.scopes),
    )
    for _ in range(count):
        made = sandbox.admin("posts", {"platform": trial.kind, "account_id": login.external_id, "caption": "x"})
        sent_delivery(make, kim, account=account, external_id=trial.id_of(login, made["id"]))
    metrics.sweep.soon_again()
    metrics.ring_due(desk(), clock.now())
    return account.id


def run_dry(account_id: str) -> int:
    """Jobs until nothing is due, as the bell brings them."""
    jobs = 0
    while queries.has_due(account_id, clock.now()):
        db.session.rollback()
        metrics.step(account_id, desk())
        jobs += 1
    return jobs


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.kind)
def test_many_posts_cost_whole_batches(app: Flask, make: Factory, sandbox: SandboxProcess, trial: Trial) -> None:
    account_id = follow_many(make, sandbox, trial, trial.batch + 1)
    run_dry(account_id)
    assert len(sandbox.calls(trial.call, trial.method)) == 2
    rows = db.session.query(LatestFigures).all()
    assert [row.failures for row in rows] == [0] * (trial.batch + 1)
    assert None not in {row.likes for row in rows}


def test_every_channel_that_says_it_has_batches_is_tried_here() -> None:
    saying = {kind for kind, channel in registry.KINDS.items() if isinstance(channel, MeasuresInBatches)}
    assert saying == {trial.kind for trial in TRIALS}
    assert {trial.kind: registry.posts_per_call(trial.kind) for trial in TRIALS} == {
        trial.kind: trial.batch for trial in TRIALS
    }


def test_a_job_never_takes_a_call_and_a_bit(app: Flask, make: Factory, sandbox: SandboxProcess) -> None:
    """Three full batches, each job taking what it may: no call is made for the rest of one."""
    [trial] = [one for one in TRIALS if one.kind == "tiktok"]
    account_id = follow_many(make, sandbox, trial, 3 * trial.batch)
    assert run_dry(account_id) == 3
    assert len(sandbox.calls(trial.call, trial.method)) == 3


def test_one_post_that_is_gone_costs_a_linked_account_one_more_call(
    app: Flask, make: Factory, sandbox: SandboxProcess
) -> None:
    [trial] = [one for one in TRIALS if one.kind == "instagram"]
    account_id = follow_many(make, sandbox, trial, 6)
    gone = sandbox.published()[0]["id"]
    sandbox.admin(f"posts/{gone}", method="DELETE")
    metrics.step(account_id, desk())
    assert len(sandbox.calls(host=FACEBOOK_HOST)) == 1 + 2 + len(sandbox.calls(r"/\d+/(comments|insights)$"))
    assert sorted(row.failures for row in db.session.query(LatestFigures)) == [0] * 5 + [1]
