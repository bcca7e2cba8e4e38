"""What counts as lost, doubled, unapproved and late."""

from pathlib import Path
from typing import Any

import pytest

from contentdesk.chaos.ledger import LONGEST_CALL_S, Case, Span
from contentdesk.chaos.scene import Scene, words
from contentdesk.chaos.settle import Standing
from contentdesk.chaos.verdict import Verdict
from contentdesk.chaos.warp import Warp, start_file
from contentdesk.lib import clock

KIND, SILENT = "facebook", "telegram"
DUE = 1000.0


@pytest.fixture
def warp(tmp_path: Path) -> Warp:
    return Warp(start_file(tmp_path), lambda _seconds: None)


def scene(kind: str = KIND) -> tuple[Scene, Case]:
    made = Scene("reviewer", clock.now())
    case = Case(7, "a", kind, ("f",), DUE)
    made.ledger.add(case, words(7, 1), 900.0)
    made.accounts[kind, "there"] = "a"
    return made, case


def post(text: str = words(7, 1), at: float = DUE + 2, kind: str = KIND, **other: Any) -> dict[str, Any]:
    account = {"id": "there"}
    told = {
        "platform": kind,
        "account": account,
        "caption": text,
        "at": at,
        "permalink": "x",
        "images": [{"sha256": "f"}],
    }
    return told | other


def figures(warp: Warp, made: Scene, public: list[dict[str, Any]], state: str, kind: str = KIND) -> dict[str, Any]:
    return Verdict(made, public, {(7, "a"): Standing(state, kind)}).figures(warp)


def test_one_post_that_is_known_is_all_right(warp: Warp) -> None:
    found = figures(warp, scene()[0], [post()], "sent")
    assert [found[name] for name in ("published", "lost", "duplicated", "unapproved", "unknown_left")] == [
        1,
        0,
        0,
        0,
        0,
    ]
    assert (found["lateness_p50_s"], found["found"]) == (2.0, [])


def test_a_second_one_is_a_double(warp: Warp) -> None:
    assert figures(warp, scene()[0], [post(), post(at=DUE + 9)], "sent")["duplicated"] == 1


@pytest.mark.parametrize(
    ("public", "state", "lost"),
    [
        ([], "sent", 1),
        ([], "waiting", 1),
        ([], "preparing", 1),
        ([], "failed", 0),
        ([], "expired", 0),
        ([], "unknown", 0),
        ([post()], "unknown", 0),
        ([post()], "waiting", 1),
        ([post()], "cancelled", 1),
        ([post()], "failed", 1),
    ],
)
def test_lost_is_what_nobody_sees_or_sees_wrongly(warp: Warp, public: list[Any], state: str, lost: int) -> None:
    assert figures(warp, scene()[0], public, state)["lost"] == lost


@pytest.mark.parametrize(("state", "lost"), [("waiting", 0), ("preparing", 0), ("publishing", 1)])
def test_what_waits_because_it_may_not_go_out_is_not_lost(warp: Warp, state: str, lost: int) -> None:
    made, case = scene()
    made.ledger.ended([case], (990.0, 991.0), set())
    assert figures(warp, made, [], state)["lost"] == lost


def test_unknown_counts_where_one_can_look(warp: Warp) -> None:
    assert figures(warp, scene()[0], [post()], "unknown")["unknown_left"] == 1
    silent = figures(warp, scene(SILENT)[0], [post(kind=SILENT)], "unknown", SILENT)
    assert (silent["unknown_left"], silent["unknown_for_people"]) == (0, 1)


@pytest.mark.parametrize(
    "wrong",
    [post(words(7, 2)), post("kode 0008r1"), post(images=[]), post(images=[{"sha256": "g"}]), post(at=800.0)],
    ids=["a revision nobody approved", "planned nowhere", "no photo", "another photo", "before it was approved"],
)
def test_what_nobody_approved_is_found(warp: Warp, wrong: dict[str, Any]) -> None:
    assert figures(warp, scene()[0], [wrong], "sent")["unapproved"] == 1


@pytest.mark.parametrize(
    ("begun", "at", "fine"),
    [
        (False, 989.0, True),
        (False, 992.0, False),
        (True, 992.0, True),
        (True, 991.0 + LONGEST_CALL_S + 1, False),
    ],
)
def test_after_an_edit_only_what_was_on_its_way_may_come(warp: Warp, begun: bool, at: float, fine: bool) -> None:
    made, case = scene()
    made.ledger.ended([case], (990.0, 991.0), {"a"} if begun else set())
    assert figures(warp, made, [post(at=at)], "sent")["unapproved"] == (0 if fine else 1)


def test_approved_anew_the_new_words_may_go_and_the_old_may_not(warp: Warp) -> None:
    made, case = scene()
    made.ledger.ended([case], (990.0, 991.0), set())
    made.ledger.planned(7, ["a"], words(7, 2), DUE + 50, 995.0)
    assert figures(warp, made, [post(words(7, 2), DUE + 51)], "sent")["unapproved"] == 0
    assert figures(warp, made, [post(words(7, 1), DUE + 51)], "sent")["unapproved"] == 1


def test_an_act_that_was_cut_off_allows_both_but_nothing_else(warp: Warp) -> None:
    made, case = scene()
    made.ledger.offered(7, words(7, 2), 995.0)
    made.ledger.unsure([case])
    allowed = [case.allows(words(7, number), DUE) for number in (1, 2, 3)]
    assert allowed == [True, True, False]


def test_lateness_is_counted_from_when_our_own_clock_said_it_was_due(tmp_path: Path) -> None:
    warp = Warp(start_file(tmp_path), lambda _seconds: None)
    warp._wrong = [(0.0, 0.0), (950.0, 100.0), (960.0, 0.0), (1010.0, -5.0)]
    assert warp.came_due(DUE, 955.0) == 950.0  # ahead for a moment: it was due then
    assert warp.came_due(DUE, 1005.0) == DUE  # back again: not before its time
    assert warp.came_due(DUE, 1012.0) == 1000.0
    warp._wrong = [(0.0, 0.0), (1001.0, -5.0)]
    assert warp.came_due(DUE, 1010.0) == 1005.0  # set back after it was due


def test_time_that_passes_moves_both_clocks_and_a_jump_only_ours(tmp_path: Path) -> None:
    told: list[float] = []
    warp = Warp(start_file(tmp_path), told.append)
    warp.pass_by(10.0)
    warp.jump(-3.0)
    assert (told, float((tmp_path / "clock").read_text())) == ([10.0], 7.0)


def test_a_span_says_until_when() -> None:
    assert Span("x", 1.0).allows("x", 2.0)
    assert not Span("x", 1.0).allows("y", 2.0)
