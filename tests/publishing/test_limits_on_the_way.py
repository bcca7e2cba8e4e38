"""Limits of single accounts: asked for, kept, and read by composer, review, scheduler and sender alike."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select, update

from contentdesk.channels import own_limits, queries, registry, services
from contentdesk.channels.base import Login, Rules, VideoRule
from contentdesk.channels.kinds.mastodon import Mastodon
from contentdesk.channels.limits import of_accounts
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import DomainError
from contentdesk.lib.sentences import of_error
from contentdesk.media.models import AssetState
from contentdesk.notices.models import Notice
from contentdesk.posts import checks
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.posts.states import PostState
from contentdesk.publishing import services as publishing
from contentdesk.publishing.states import DeliveryState
from contentdesk.reviews.models import Verdict
from tests.media import clips
from tests.media.made import fresh, handed_in
from tests.publishing.conftest import Scene
from workers import accounts, media

WORDS = "a" * 550


@pytest.fixture
def server(scene: Scene) -> Account:
    """A connected account on a server whose limits can be turned."""
    opened = scene.sandbox.account("kim_latihan", platform="mastodon")
    return scene.make.account(
        scene.kim,
        "mastodon",
        external_id=opened["id"],
        handle="kim_latihan@mastodon.latihan.test",
        token_sealed=scene.at.box.seal(opened["access_token"]),
        details={"server": opened["server"], "account": opened["account"]},
    )


def turned(scene: Scene, **knobs: Any) -> None:
    scene.sandbox.admin("settings", {f"mastodon_{name}": value for name, value in knobs.items()})


def ask_all(scene: Scene) -> None:
    accounts.look_after(scene.at)
    db.session.rollback()


def limits_of(account: Account) -> dict[str, int]:
    db.session.rollback()
    return queries.get_account(account.id).limits


def known(account: Account, **limits: int) -> None:
    with transaction():
        values = {"limits": limits, "limits_at": clock.now()}
        db.session.execute(update(Account).where(Account.id == account.id).values(**values))


def test_limits_are_asked_for_once_a_day_and_a_silent_server_changes_nothing(scene: Scene, server: Account) -> None:
    turned(scene, chars=600, media=6, video_bytes=7_000_000)
    ask_all(scene)
    asked = limits_of(server)
    assert (asked["chars"], asked["media"], asked["video_bytes"]) == (600, 6, 7_000_000)
    turned(scene, chars=400)
    ask_all(scene)
    assert limits_of(server)["chars"] == 600
    with transaction():
        own_limits.keep(server.id, {})
    for order, chars in (({"fault": "error", "http": 503, "path_regex": "v2/instance", "times": 1}, 600), (None, 400)):
        with transaction():
            queries.get_account(server.id).limits_at = clock.now() - timedelta(hours=25)
        if order:
            scene.sandbox.admin("faults", order)
        ask_all(scene)
        assert limits_of(server)["chars"] == chars


def test_a_sign_in_brings_the_limits_and_replaces_old_ones(scene: Scene, server: Account) -> None:
    known(server, chars=9000)
    login = services.login_of(server, scene.at.box)
    limits = Mastodon().limits(scene.at.http, login)
    with transaction():
        services.connect(scene.chair, "mastodon", scene.kim.id, _with(login, limits), scene.at.box)
    assert limits_of(server)["chars"] == 500
    with transaction():
        services.connect(scene.chair, "mastodon", scene.kim.id, _with(login, {}), scene.at.box)
    assert limits_of(server) == {}
    assert own_limits.due(clock.now()) == [server.id]


def _with(login: Login, limits: Mapping[str, int]) -> Login:
    return replace(login, limits=limits)


def test_the_checks_go_by_this_account_and_not_by_its_platform(scene: Scene, server: Account) -> None:
    post = scene.make.post(scene.member, text=WORDS, accounts=(server,))
    for limits, blocked in (({}, True), ({"chars": 600}, False), ({"chars": 510}, True)):
        known(server, **limits)
        found = checks.of_revision(get_post(post.id), newest_revision(get_post(post.id)))
        assert ("text_too_long" in {one.code for one in found}) is blocked


def test_a_limit_lowered_after_the_approval_stops_the_plan_and_not_the_verdict(scene: Scene, server: Account) -> None:
    known(server, chars=600)
    post = scene.make.post(scene.member, state=PostState.APPROVED, text=WORDS, accounts=(server,))
    known(server, chars=500)
    with pytest.raises(DomainError, match="Mastodon: Teks 550 huruf, batasnya 500") as told, transaction():
        publishing.schedule(scene.member, get_post(post.id), clock.now() + timedelta(days=1))
    assert "persetujuannya tetap ada" in str(told.value)
    with scene.app.test_request_context(), force_locale("en"):
        assert "huruf" not in of_error(told.value)
    waiting = scene.make.post(scene.member, state=PostState.IN_REVIEW, text=WORDS, accounts=(server,))
    with transaction():
        post = get_post(waiting.id)
        post.proposed_at = clock.now() + timedelta(days=1)
        marks = {f"C{number:02}": "ok" for number in range(1, 13)}
        revision = newest_revision(post)
        grace = timedelta(hours=3)
        _, planned = publishing.decide_and_plan(scene.reviewer, post, revision.id, Verdict.APPROVE, marks, "", grace)
    assert (planned, get_post(waiting.id).state) == ([], PostState.APPROVED)
    notice = db.session.scalars(
        select(Notice).where(Notice.user_id == scene.member.id, Notice.path == f"/unggahan/{waiting.id}")
    ).all()[-1]
    assert "Ubah isinya, lalu kirim lagi untuk ditinjau." in notice.message
    assert "batasnya 500" in str(notice.values["points"])
    page = scene.make.signed_in(scene.member).get(f"/unggahan/{waiting.id}").text
    assert "Mastodon: Teks 550 huruf, batasnya 500" in page
    assert f"/unggahan/{waiting.id}/jadwal" not in page


def test_the_limit_of_an_account_that_was_closed_keeps_no_other_from_its_plan(scene: Scene, server: Account) -> None:
    post = scene.make.post(scene.member, state=PostState.APPROVED, text=WORDS, accounts=(server, scene.account))
    with transaction():
        queries.get_account(server.id).state = AccountState.CLOSED
    with transaction():
        planned = publishing.schedule(scene.member, get_post(post.id), clock.now() + timedelta(days=1))
    assert [one.account_id for one in planned] == [scene.account.id]


def test_the_sender_asks_no_platform_to_take_what_it_would_refuse(scene: Scene, server: Account) -> None:
    known(server, chars=500)
    delivery = scene.go(scene.scheduled(WORDS, server))
    assert (delivery.state, delivery.problem_values["limit"]) == (DeliveryState.FAILED, 500)
    assert scene.sandbox.calls(path="api/v") == []
    known(server, chars=600)
    turned(scene, chars=600)
    assert scene.go(scene.scheduled(WORDS, server)).state == DeliveryState.SENT


def test_what_is_begun_is_not_stopped_by_a_limit(scene: Scene, server: Account) -> None:
    """It may be public already; then only looking tells."""
    turned(scene, chars=600)
    known(server, chars=500)
    delivery = scene.scheduled(WORDS, server, checkpoint={"limits": {"chars": 600}})
    assert scene.go(delivery).state == DeliveryState.SENT


def test_a_video_is_made_for_each_limit_that_the_accounts_have_which_its_kim_may_choose(
    scene: Scene, server: Account
) -> None:
    known(server, video_bytes=7_000_000)
    scene.make.account(scene.make.kim(), "mastodon", external_id="9", limits={"video_bytes": 3_000_000})
    usual, own = Mastodon().formats[0].rules.video, own_limits.video_rules(scene.kim.id)
    assert isinstance(usual, VideoRule)
    assert [rule.max_bytes for rule in own] == [7_000_000]
    assert {usual, *own} <= set(media.rules(scene.kim.id))
    assert {rule.max_bytes for rule in own_limits.video_rules(None)} == {3_000_000, 7_000_000}
    scene.make.account(None, "mastodon", external_id="10", limits={"video_bytes": 5_000_000})
    assert {rule.max_bytes for rule in own_limits.video_rules(scene.kim.id)} == {5_000_000, 7_000_000}
    with transaction():
        services.close(scene.chair, db.session.scalars(select(Account).where(Account.id == server.id)).one())
    assert [rule.max_bytes for rule in own_limits.video_rules(scene.kim.id)] == [5_000_000]


class TwoWays(Mastodon):
    """A channel whose accounts differ in two things."""

    def rules_of(self, rules: Rules, limits: Mapping[str, int]) -> Rules:
        assert rules.video
        return replace(rules, video=replace(rules.video, max_bytes=limits["bytes"], max_seconds=limits["seconds"]))


def test_there_is_a_file_for_what_two_accounts_of_a_kind_take_together(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One set of files goes to both, also where one of them is looked after by members."""
    channel = TwoWays()
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, "mastodon": channel})
    limits_of = ({"bytes": 8_000_000, "seconds": 20}, {"bytes": 9_000_000, "seconds": 10})
    for number, own in enumerate(limits_of):
        scene.make.account(scene.kim, "mastodon", external_id=str(number), limits=own, by_hand=number == 0)
    together = of_accounts(channel, channel.formats[0].rules, limits_of).video
    assert together
    assert (together.max_bytes, together.max_seconds) == (8_000_000, 10)
    assert together in media.rules(scene.kim.id)


def test_slow_servers_keep_nobody_from_a_warning(
    scene: Scene, server: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has to sign in hears of it first; who was not asked for limits is asked at the next round."""
    done: list[str] = []
    monkeypatch.setattr(accounts.warnings, "warn", lambda _now: done.append("warned"))
    monkeypatch.setattr(accounts, "ask_limits", lambda account_id, _at: done.append(account_id))
    accounts.look_after(scene.at)
    assert done == ["warned", server.id]
    monkeypatch.setattr(accounts, "NO_MORE_AFTER", timedelta(seconds=-1))
    accounts.look_after(scene.at)
    assert done == ["warned", server.id, "warned"]


def test_a_server_that_takes_hardly_any_video_spoils_nobody_elses(scene: Scene, server: Account) -> None:
    """Anybody may run a server and say what it takes."""
    known(server, video_bytes=1000)
    asset = handed_in(scene.chair, clips.upright())
    media.step(asset.id, scene.at)
    assert fresh(asset).state == AssetState.READY
