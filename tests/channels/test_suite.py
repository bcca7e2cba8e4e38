"""One contract for every channel, over real HTTP against the sandbox: what is approved is public exactly once.

A channel takes part by its module in `tests/channels/subjects`.
"""

from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from contentdesk.channels.abilities import MeasuresAccounts, ReadsComments
from contentdesk.channels.base import (
    DOUBT,
    Channel,
    ChannelError,
    LoginExpired,
    NotAllowed,
    NotThere,
    OutcomeUnknown,
    Photo,
    Rejected,
    Sent,
    TryLater,
    Video,
)
from contentdesk.channels.registry import KINDS
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.stage import Stage
from tests.channels.subject import Refusal, Subject, subjects
from tests.servers import MediaServer, SandboxProcess, wait_until

SUBJECTS = subjects()
POSTS = [pytest.param(one, name, id=f"{one.label}-{name}") for one in SUBJECTS for name in one.posts]
CALLS = [pytest.param(one, name, id=f"{one.label}-{name}") for one in SUBJECTS for name in one.differing]
KINDS_TRIED = [pytest.param(one, id=one.label) for one in SUBJECTS]
REFUSALS = [
    pytest.param(one, name, refusal, id=f"{one.label}-{name}-{refusal.name}")
    for one in SUBJECTS
    for name in one.differing
    for refusal in one.refusals
]
LIES = [
    pytest.param(one, name, lie, id=f"{one.label}-{name}-{lie.get('subcode', lie.get('code', lie['http']))}")
    for one in SUBJECTS
    for name in one.differing
    for lie in one.lies
]
FOUND = [one for one in POSTS if one.values[0].finds]
WORDS = [one for one in FOUND if one.values[1] in ("text", next(iter(one.values[0].posts)))]
WAYS = {LoginExpired, NotAllowed, TryLater, Rejected}
SILENT = (
    {"fault": "not_json", "after_commit": True},
    {"fault": "not_json", "after_commit": False},
    {"fault": "not_json", "after_commit": False, "http": 302},
)
WRITES = "POST|PUT|DELETE"
AT_ONCE, LATE, NEVER = ({"delay_s": 20.0, "after_commit": True}, {"delay_s": 0.3}, {"delay_s": 20.0})
LOST = ("commit_then_drop", "commit_then_5xx", "drop_before", "5xx")
AN_HOUR_S = 3600
SAID = ("Buka jam berapa, Bu? 🙏", "Harganya berapa?")


def _channel(tried: Any) -> Channel:
    return KINDS[tried.values[0].kind]


@pytest.fixture
def post(subject: Subject) -> str:
    """The first, unless a test names one."""
    return next(iter(subject.posts))


@pytest.fixture
def stage(subject: Subject, post: str, platforms: SandboxProcess, media: MediaServer, later: Later) -> Stage:
    return Stage(subject, post, platforms, media, later)


def test_every_channel_that_publishes_by_itself_is_tried() -> None:
    assert {one.kind for one in SUBJECTS} == {kind for kind, channel in KINDS.items() if not channel.by_hand}


@pytest.mark.parametrize(("subject", "post"), POSTS)
def test_each_post_type_arrives_as_it_was_approved(stage: Stage, post: str) -> None:
    delivery = stage.delivery()
    settled = delivery.settle()
    [public] = stage.public()
    outgoing, wanted = delivery.outgoing, stage.subject.texts.get(post)
    files: list[Photo | Video] = [*outgoing.photos, *([outgoing.video] if outgoing.video else [])]
    assert stage.went_well(settled)
    assert not isinstance(settled, Sent) or settled.external_id
    assert public["caption"] == (wanted(outgoing) if wanted else outgoing.text)
    assert [one["sha256"] for one in public["images"]] == [one.sha256 for one in files]
    if stage.subject.alt_texts:
        assert [one["alt_text"] for one in public["images"]] == [one.alt_text for one in files]
    assert stage.irreversible_calls() == 1


@pytest.mark.parametrize(("subject", "post"), POSTS)
@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_the_irreversible_call_never_makes_a_second_post(stage: Stage, post: str, fault: str) -> None:
    stage.fault(fault=fault)
    settled = stage.delivery().settle()
    if stage.subject.finds:
        assert isinstance(settled, stage.subject.ends)
        assert len(stage.public()) == stage.irreversible_calls() == 1
    else:
        assert stage.subject.perhaps(settled)
        assert len(stage.public()) == (1 if fault.startswith("commit") else 0)


@pytest.mark.parametrize(("subject", "post"), POSTS)
def test_a_crash_after_any_step_repeats_it_and_still_makes_one_post(stage: Stage, post: str) -> None:
    """The effect of a step happened and its checkpoint was lost, at each step of its own delivery."""
    for crash_at in range(40):
        stage.enter()
        delivery = stage.delivery()
        crashed = _prepare_with_a_crash(delivery, crash_at)
        delivery.settle()
        assert len(stage.public()) == stage.irreversible_calls() == 1
        assert not stage.subject.once or len(stage.sandbox.calls(stage.subject.once, "POST")) == 1
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
    delivery = stage.prepared()
    delivery.publish()
    found = delivery.look()
    [public] = stage.public()
    assert stage.went_well(found) if stage.subject.finds else stage.subject.perhaps(found)
    if isinstance(found, Sent) and stage.subject.same_ids:
        assert public["id"] in found.external_id
    assert stage.irreversible_calls() == 1


@pytest.mark.parametrize(("subject", "post"), POSTS)
@pytest.mark.parametrize(("fault", "method"), [("drop_before", ""), ("commit_then_drop", WRITES)])
def test_whichever_call_on_the_way_is_lost_there_is_one_post(stage: Stage, post: str, fault: str, method: str) -> None:
    """The first call, then the second and so on, until a delivery goes through untouched.

    A call that only reads is lost the same way before and after its effect.
    """
    for skipped in range(40):
        stage.enter()
        stage.sandbox.admin("faults", {"fault": fault, "method": method, "skip": skipped})
        settled = stage.delivery().settle()
        if stage.went_well(settled):
            assert len(stage.public()) == stage.irreversible_calls() == 1
        else:
            assert not stage.subject.finds
            assert stage.irreversible_calls() <= 1
        if not stage.sandbox.admin("faults")["faults"][0]["fired"]:
            return
    raise AssertionError("there was no end to the calls")


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_each_channel_is_refused_in_each_way(subject: Subject) -> None:
    assert {refusal.raises for refusal in (*subject.refusals, *subject.earlier)} >= WAYS


@pytest.mark.parametrize(("subject", "post", "refusal"), REFUSALS)
def test_a_refusal_is_told_and_nothing_is_public(stage: Stage, refusal: Refusal) -> None:
    delivery = stage.prepared()
    stage.fault(**refusal.fault)
    with pytest.raises(refusal.raises) as told:
        delivery.publish()
    assert told.value.sentence
    delivery.prepare()
    assert stage.public() == []
    assert stage.login.token not in f"{told.value} {told.value.code} {told.value.values}"


@pytest.mark.parametrize(("subject", "post"), POSTS)
@pytest.mark.parametrize("way", [LoginExpired, NotAllowed, Rejected])
def test_a_refusal_of_the_first_step_is_told_and_nothing_is_public(stage: Stage, way: type[ChannelError]) -> None:
    """Each type of post begins in its own way: with an upload, a container, a draft, or the post itself."""
    known = stage.subject.earlier or stage.subject.refusals
    refusal = next(one for one in known if one.raises is way)
    stage.sandbox.admin("faults", {**refusal.fault, "method": WRITES})
    with pytest.raises(way) as told:
        stage.delivery().settle()
    assert told.value.sentence
    assert stage.public() == []


@pytest.mark.parametrize(("subject", "post"), POSTS)
def test_a_first_step_that_is_put_off_comes_again(stage: Stage) -> None:
    known = stage.subject.earlier or stage.subject.refusals
    throttle = next(one.fault for one in known if one.raises is TryLater)
    for fault in (throttle, {"fault": "not_json"}):
        stage.enter()
        stage.sandbox.admin("faults", {**fault, "method": WRITES})
        assert stage.ended_once(stage.delivery().settle())


@pytest.mark.parametrize("subject", [one for one in KINDS_TRIED if one.values[0].earlier])
def test_what_only_the_earlier_calls_are_refused_with_is_told_too(stage: Stage) -> None:
    for refusal in stage.subject.earlier:
        stage.enter()
        stage.sandbox.admin("faults", {**refusal.fault, "method": WRITES})
        with pytest.raises(refusal.raises):
            stage.delivery().prepare_once()
        assert stage.public() == []


@pytest.mark.parametrize(("subject", "post"), CALLS)
def test_a_dead_login_is_noticed_before_anything_is_public(stage: Stage) -> None:
    delivery = stage.delivery()
    stage.sandbox.admin("tokens/revoke", {"account_id": stage.login.external_id})
    with pytest.raises(LoginExpired):
        delivery.settle()
    assert stage.public() == []


@pytest.mark.parametrize(("subject", "post"), CALLS)
@pytest.mark.parametrize("silent", SILENT, ids=("committed", "not committed", "redirect"))
def test_an_answer_that_is_no_json_proves_nothing(stage: Stage, silent: dict[str, Any]) -> None:
    stage.lose(stage.prepared(), **silent)
    assert stage.irreversible_calls() == silent["after_commit"]
    assert len(stage.public()) <= silent["after_commit"]


@pytest.mark.parametrize(("subject", "post", "lie"), LIES)
def test_an_error_that_comes_after_the_effect_makes_no_second_post(stage: Stage, lie: dict[str, Any]) -> None:
    """Nothing but `find` may follow it."""
    delivery = stage.prepared()
    stage.lose(delivery, **lie, after_commit=True)
    assert stage.ended_once(delivery.look())
    assert len(stage.public()) == 1


@pytest.mark.parametrize(("subject", "post"), FOUND)
def test_a_refusal_that_comes_after_the_effect_makes_no_second_post(stage: Stage) -> None:
    """Said to be certain, and wrong: nobody asks `find`, the delivery begins anew."""
    stage.fault(**stage.subject.passing, after_commit=True)
    assert stage.went_well(stage.delivery().settle())
    assert len(stage.public()) == 1


@pytest.mark.parametrize(("subject", "post"), [one for one in CALLS if one.values[0].doubts])
def test_what_is_in_doubt_is_not_published(stage: Stage) -> None:
    delivery = stage.prepared()
    delivery.keep(delivery.checkpoint | {DOUBT: True})
    assert delivery.prepare_once()
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    assert stage.sandbox.calls(stage.irreversible, stage.subject.method) == []


@pytest.mark.parametrize(("subject", "post"), CALLS)
@pytest.mark.parametrize("effect", [AT_ONCE, NEVER], ids=("committed", "not committed"))
def test_a_time_out_of_the_irreversible_call_makes_no_second_post(stage: Stage, effect: dict[str, Any]) -> None:
    delivery = stage.prepared()
    stage.lose(delivery, fault="slow", **{"after_commit": False} | effect)
    if effect is AT_ONCE:
        wait_until(stage.irreversible_calls)
    assert stage.ended_once(delivery.look() or delivery.settle())


@pytest.mark.parametrize(("subject", "post"), CALLS)
def test_what_takes_effect_only_after_the_time_out_is_not_taken_for_absent(stage: Stage) -> None:
    """Asked meanwhile. Only where a second call stays the same post it may be made at once."""
    delivery = stage.prepared()
    stage.lose(delivery, fault="slow", after_commit=False, **LATE)
    with suppress(TryLater):
        early = delivery.channel.find(stage.http, delivery.outgoing, delivery.checkpoint, delivery.since)
        if isinstance(early, NotThere):
            assert stage.subject.repeats
            delivery.keep(early.checkpoint)
            delivery.settle()
    wait_until(stage.arrived)
    settled = delivery.look()
    assert stage.went_well(settled) if stage.subject.finds else stage.subject.perhaps(settled)
    assert len(stage.public()) == 1


@pytest.mark.parametrize("subject", [one for one in KINDS_TRIED if one.values[0].hides])
def test_what_is_listed_only_later_is_not_taken_for_absent(stage: Stage) -> None:
    delivery = stage.prepared()
    stage.lose(delivery, fault="commit_then_drop")
    stage.sandbox.admin("settings", stage.subject.hides)
    with pytest.raises(TryLater):
        delivery.channel.find(stage.http, delivery.outgoing, delivery.checkpoint, delivery.since)
    stage.sandbox.admin("clock", {"offset_s": AN_HOUR_S / 30})
    assert stage.ended_once(delivery.look())


@pytest.mark.parametrize("subject", [one for one in KINDS_TRIED if one.values[0].meddle])
def test_what_is_public_is_what_was_approved_whoever_touched_it_before(stage: Stage) -> None:
    delivery = stage.prepared()
    stage.subject.meddle(stage.http, delivery)
    delivery.publish()
    [public] = stage.public()
    assert public["caption"] == delivery.outgoing.text


@pytest.mark.parametrize(("subject", "post"), WORDS)
def test_the_same_words_posted_by_hand_a_moment_before_are_never_ours(stage: Stage) -> None:
    """They are refused, or stand there twice; no outcome stays open."""
    delivery = stage.delivery()
    stage.post_by_hand(delivery.outgoing.text, age_s=60)
    try:
        settled = delivery.settle()
    except Rejected:
        assert stage.sandbox.calls(stage.irreversible, stage.subject.method) == []
    else:
        assert stage.ended_once(settled)


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_a_post_that_looks_alike_is_not_taken_for_ours(stage: Stage) -> None:
    """The same words from yesterday, and something newer made in the app: ours never went out."""
    delivery = stage.delivery()
    if not stage.subject.finds:
        assert stage.subject.perhaps(delivery.look())
        return
    stage.post_by_hand(delivery.outgoing.text, age_s=24 * AN_HOUR_S)
    delivery.prepare()
    stage.lose(delivery, fault="drop_before")
    stage.post_by_hand("Kirab budaya", age_s=0)
    assert delivery.look() is None
    assert stage.public() == []


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_one_unknown_post_does_not_take_the_figures_of_the_others(stage: Stage) -> None:
    ours = [stage.sent().external_id] if stage.subject.measures else []
    measured = KINDS[stage.subject.kind].measure(stage.http, stage.login, [*ours, stage.subject.unknown_id])
    assert list(measured) == ours


@pytest.mark.parametrize("subject", KINDS_TRIED)
def test_every_figure_that_is_promised_is_measured(stage: Stage) -> None:
    """Whatever stands among a channel's figures comes from the platform, and nothing else does."""
    if not stage.subject.measures:
        return
    settled = stage.sent()
    stage.sandbox.admin("clock", {"offset_s": AN_HOUR_S / 3})
    [stats] = KINDS[stage.subject.kind].measure(stage.http, stage.login, [settled.external_id]).values()
    known = {name for name, value in asdict(stats).items() if value is not None}
    assert known == KINDS[stage.subject.kind].figures


@pytest.mark.parametrize("subject", [one for one in KINDS_TRIED if isinstance(_channel(one), MeasuresAccounts)])
def test_the_account_is_measured_where_that_is_promised(stage: Stage) -> None:
    channel = KINDS[stage.subject.kind]
    assert isinstance(channel, MeasuresAccounts)
    assert channel.measure_account(stage.http, stage.login).followers is not None


@pytest.mark.parametrize(
    "subject", [one for one in KINDS_TRIED if isinstance(_channel(one), ReadsComments) and one.values[0].ends is Sent]
)
def test_what_citizens_wrote_is_read_newest_first(stage: Stage) -> None:
    channel, settled = KINDS[stage.subject.kind], stage.sent()
    assert isinstance(channel, ReadsComments)
    nothing = channel.comments(stage.http, stage.login, settled.external_id)
    assert (list(nothing.newest), nothing.whole) == ([], True)
    [public] = stage.public()
    for second, said in enumerate(SAID):
        stage.sandbox.admin("clock", {"offset_s": float(second)})
        stage.sandbox.admin(f"posts/{public['id']}/comments", {"username": "warga.sukun", "text": said})
    read = channel.comments(stage.http, stage.login, settled.external_id).newest
    assert [one.text for one in read] == list(reversed(SAID))
    assert all(one.author.startswith("warga.sukun") and not one.by_us for one in read)
    assert len({one.external_id for one in read}) == len(SAID)


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
