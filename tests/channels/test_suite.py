"""One contract for every channel, over real HTTP against the sandbox: what is approved is public exactly once.

A channel takes part by its module in `tests/channels/subjects`.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import pytest

from contentdesk.channels.abilities import MeasuresAccounts, ReadsComments
from contentdesk.channels.base import CannotTell, ChannelError, LoginExpired, OutcomeUnknown, Photo, Sent, Video
from contentdesk.channels.registry import KINDS
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.subject import Refusal, Subject, subjects
from tests.servers import MediaServer, SandboxProcess

SUBJECTS = subjects()
POSTS = [pytest.param(one, name, id=f"{one.kind}-{name}") for one in SUBJECTS for name in one.posts]
KINDS_TRIED = [pytest.param(one, id=one.kind) for one in SUBJECTS]
REFUSALS = [pytest.param(one, refusal, id=f"{one.kind}-{refusal.name}") for one in SUBJECTS for refusal in one.refusals]
LOST = ("commit_then_drop", "commit_then_5xx", "drop_before", "5xx")
AN_HOUR_S = 3600
QUICK = {"container_delay_s": 0.01}


@dataclass
class Stage:
    """A channel on the sandbox, with an account."""

    subject: Subject
    sandbox: SandboxProcess
    media: MediaServer
    later: Later

    def __post_init__(self) -> None:
        self.http = Http(self.sandbox.url)
        self.enter()

    def enter(self) -> None:
        """An empty platform and a new account."""
        self.later.back()
        self.sandbox.reset(**QUICK | self.subject.settings)
        self.login = self.subject.open_account(self.sandbox)

    def delivery(self, post: str = "") -> Engine:
        build = self.subject.posts[post or next(iter(self.subject.posts))]
        return Engine(self.http, self.subject.kind, build(self.media, self.login), self.later)

    def public(self) -> list[dict[str, Any]]:
        return [post for post in self.sandbox.published() if not post["by_hand"]]

    def fault(self, **rule: Any) -> None:
        self.sandbox.admin("faults", {"path_regex": self.subject.irreversible, "method": self.subject.method} | rule)

    def irreversible_calls(self) -> int:
        calls = self.sandbox.calls(self.subject.irreversible, self.subject.method)
        return sum(1 for call in calls if call["committed"])


@pytest.fixture
def stage(subject: Subject, platforms: SandboxProcess, media: MediaServer, later: Later) -> Stage:
    return Stage(subject, platforms, media, later)


def test_every_channel_that_publishes_by_itself_is_tried() -> None:
    assert {one.kind for one in SUBJECTS} == {kind for kind, channel in KINDS.items() if not channel.by_hand}


@pytest.mark.parametrize(("subject", "post"), POSTS)
def test_each_post_type_arrives_as_it_was_approved(stage: Stage, post: str) -> None:
    delivery = stage.delivery(post)
    settled = delivery.settle()
    [public] = stage.public()
    outgoing, wanted = delivery.outgoing, stage.subject.texts.get(post)
    files: list[Photo | Video] = [*outgoing.photos, *([outgoing.video] if outgoing.video else [])]
    assert isinstance(settled, Sent)
    assert settled.external_id
    assert public["caption"] == (wanted(outgoing) if wanted else outgoing.text)
    assert [one["sha256"] for one in public["images"]] == [one.sha256 for one in files]
    if stage.subject.alt_texts:
        assert [one["alt_text"] for one in public["images"]] == [one.alt_text for one in files]
    assert stage.irreversible_calls() == 1


@pytest.mark.parametrize(("subject", "post"), POSTS)
@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_the_irreversible_call_never_makes_a_second_post(stage: Stage, post: str, fault: str) -> None:
    stage.fault(fault=fault)
    settled = stage.delivery(post).settle()
    if stage.subject.finds:
        assert isinstance(settled, Sent)
        assert len(stage.public()) == stage.irreversible_calls() == 1
    else:
        assert settled == CannotTell()
        assert len(stage.public()) == (1 if fault.startswith("commit") else 0)


@pytest.mark.parametrize(("subject", "post"), POSTS)
def test_a_crash_after_any_step_repeats_it_and_still_makes_one_post(stage: Stage, post: str) -> None:
    """The effect of a step happened and its checkpoint was lost, at each step of its own delivery."""
    for crash_at in range(40):
        stage.enter()
        delivery = stage.delivery(post)
        crashed = _prepare_with_a_crash(delivery, crash_at)
        delivery.settle()
        assert len(stage.public()) == stage.irreversible_calls() == 1
        if not crashed:
            return
    raise AssertionError("there was no end to the steps")


def _prepare_with_a_crash(delivery: Engine, at: int) -> bool:
    """False when everything was ready before that many checkpoints had been made."""
    ready = False
    while not ready:
        before = delivery.checkpoint
        ready = delivery.prepare_once()
        if delivery.checkpoint != before and (at := at - 1) < 0:
            delivery.checkpoint = before
            return True
    return False


@pytest.mark.parametrize(("subject", "post"), POSTS)
def test_a_crash_after_the_irreversible_call_finds_what_is_public(stage: Stage, post: str) -> None:
    delivery = stage.delivery(post)
    delivery.prepare()
    delivery.publish()
    found = delivery.look()
    [public] = stage.public()
    assert found == CannotTell() if not stage.subject.finds else isinstance(found, Sent)
    if isinstance(found, Sent) and stage.subject.same_ids:
        assert public["id"] in found.external_id
    assert stage.irreversible_calls() == 1


@pytest.mark.parametrize(("subject", "post"), POSTS)
@pytest.mark.parametrize(("fault", "method"), [("drop_before", ""), ("commit_then_drop", "POST|PUT|DELETE")])
def test_whichever_call_on_the_way_is_lost_there_is_one_post(stage: Stage, post: str, fault: str, method: str) -> None:
    """The first call, then the second and so on, until a delivery goes through untouched.

    A call that only reads is lost the same way before and after its effect.
    """
    for skipped in range(40):
        stage.enter()
        stage.sandbox.admin("faults", {"fault": fault, "method": method, "skip": skipped})
        settled = stage.delivery(post).settle()
        if isinstance(settled, Sent):
            assert len(stage.public()) == stage.irreversible_calls() == 1
        else:
            assert not stage.subject.finds
            assert stage.irreversible_calls() <= 1
        if not stage.sandbox.admin("faults")["faults"][0]["fired"]:
            return
    raise AssertionError("there was no end to the calls")


@pytest.mark.parametrize(("subject", "refusal"), REFUSALS)
def test_a_refusal_is_told_and_nothing_is_public(stage: Stage, refusal: Refusal) -> None:
    stage.fault(**refusal.fault)
    delivery = stage.delivery()
    delivery.prepare()
    with pytest.raises(refusal.raises) as told:
        delivery.publish()
    assert told.value.sentence
    assert stage.public() == []
    assert stage.login.token not in f"{told.value} {told.value.code} {told.value.values}"


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_a_dead_login_is_noticed_before_anything_is_public(stage: Stage) -> None:
    delivery = stage.delivery()
    stage.sandbox.admin("tokens/revoke", {"account_id": stage.login.external_id})
    with pytest.raises(LoginExpired):
        delivery.settle()
    assert stage.public() == []


@pytest.mark.parametrize("subject", KINDS_TRIED)
@pytest.mark.parametrize("committed", [True, False])
def test_an_answer_that_is_no_json_proves_nothing(stage: Stage, committed: bool) -> None:
    stage.fault(fault="not_json", after_commit=committed)
    delivery = stage.delivery()
    delivery.prepare()
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    assert len(stage.public()) == committed


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_a_post_that_looks_alike_is_not_taken_for_ours(stage: Stage) -> None:
    """The same words from yesterday, and something newer made in the app: ours never went out."""
    delivery = stage.delivery()
    if not stage.subject.finds:
        assert delivery.look() == CannotTell()
        return
    ours = {"platform": stage.subject.platform or stage.subject.kind, "account_id": stage.subject.owner(stage.login)}
    stage.sandbox.admin("posts", ours | {"caption": delivery.outgoing.text, "age_s": 24 * AN_HOUR_S})
    delivery.prepare()
    stage.fault(fault="drop_before")
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    stage.sandbox.admin("posts", ours | {"caption": "Kirab budaya", "age_s": 0})
    assert delivery.look() is None
    assert stage.public() == []


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_one_unknown_post_does_not_take_the_figures_of_the_others(stage: Stage) -> None:
    channel = KINDS[stage.subject.kind]
    settled = stage.delivery().settle()
    assert isinstance(settled, Sent)
    measured = channel.measure(stage.http, stage.login, [settled.external_id, stage.subject.unknown_id])
    assert set(measured) == ({settled.external_id} if stage.subject.measures else set())


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_every_figure_that_is_promised_is_measured(stage: Stage) -> None:
    """Whatever stands among a channel's figures comes from the platform, and nothing else does."""
    if not stage.subject.measures:
        return
    settled = stage.delivery().settle()
    assert isinstance(settled, Sent)
    stage.sandbox.admin("clock", {"offset_s": AN_HOUR_S / 3})
    [stats] = KINDS[stage.subject.kind].measure(stage.http, stage.login, [settled.external_id]).values()
    known = {name for name, value in asdict(stats).items() if value is not None}
    assert known == KINDS[stage.subject.kind].figures


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_the_account_is_measured_and_comments_are_read_where_that_is_promised(stage: Stage) -> None:
    channel = KINDS[stage.subject.kind]
    settled = stage.delivery().settle()
    if isinstance(channel, MeasuresAccounts):
        assert channel.measure_account(stage.http, stage.login).followers is not None
    if isinstance(channel, ReadsComments) and isinstance(settled, Sent):
        found = channel.comments(stage.http, stage.login, settled.external_id)
        assert (list(found.newest), found.whole) == ([], True)


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_every_failure_on_the_way_is_one_a_channel_may_raise(stage: Stage) -> None:
    """Nothing but ChannelError leaves a verb, also when the platform is not there at all."""
    stage.sandbox.admin("faults", {"fault": "drop_before", "times": None})
    delivery = stage.delivery()
    channel, outgoing, since = delivery.channel, delivery.outgoing, delivery.since - timedelta(minutes=5)
    for verb in (
        lambda: channel.prepare(stage.http, outgoing, {}),
        lambda: channel.find(stage.http, outgoing, {}, since),
        lambda: channel.measure(stage.http, outgoing.login, ["1"]),
    ):
        with suppress(ChannelError):
            verb()
