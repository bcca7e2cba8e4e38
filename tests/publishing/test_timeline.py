"""The timeline of a delivery: every step has words, no secret gets in, repeated tries stand there once."""

import ast
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from contentdesk.channels import registry
from contentdesk.channels.base import OutcomeUnknown, Rejected
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts.states import PostState
from contentdesk.publishing import journey, timeline
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.wording import EVENTS, duration
from contentdesk.users.models import User
from tests.factories import Factory
from tests.publishing.conftest import Scene

ROOT = Path(__file__).resolve().parents[2]
DUE = datetime.fromisoformat("2026-11-20T05:00:00+00:00")
TOKEN = "EAAGm0PX4ZCpsBAKZCxZBdEoXyZB3abcdefgh"


@pytest.fixture
def post_on(make: Factory, member: User, kim: Kim) -> tuple[Any, Account]:
    account = make.account(kim)
    return make.post(member, state=PostState.SCHEDULED, accounts=(account,)), account


@pytest.fixture
def delivery(make: Factory, post_on: tuple[Any, Account]) -> Delivery:
    post, account = post_on
    return make.delivery(post, account, due_at=DUE)


def happened(make: Factory, delivery: Delivery, *steps: tuple[float, str], **detail: Any) -> None:
    """(seconds after its time, what)"""
    for seconds, what in steps:
        make._keep(
            DeliveryEvent(delivery_id=delivery.id, what=what, at=DUE + timedelta(seconds=seconds), detail=detail)
        )


def is_out(delivery: Delivery, seconds: float) -> None:
    moment = DUE + timedelta(seconds=seconds)
    with transaction():
        values = {"state": DeliveryState.SENT, "intent_at": moment, "sent_at": moment}
        db.session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))


def page(browser: FlaskClient, delivery: Delivery) -> str:
    return " ".join(unescape(browser.get(f"/terbitan/{delivery.id}").text).split())


def noted_in_code() -> set[str]:
    """The words that `timeline.note(…, "word")` is called with, and those handed on as `what`."""
    found = set()
    for path in [*(ROOT / "contentdesk/publishing").glob("*.py"), *(ROOT / "workers").glob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in {"note", "note_all", "_later", "_back_to_waiting"}:
                found |= {
                    one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
            found |= {
                key.value.value
                for key in call.keywords
                if key.arg == "what" and isinstance(key.value, ast.Constant) and isinstance(key.value.value, str)
            }
    return found


def test_every_step_that_the_engine_notes_has_words() -> None:
    noted = noted_in_code()
    assert {"intent", "worker_lost", "try_later", "comment_later", "taken_down"} <= noted
    assert noted - set(EVENTS) == set()


def test_every_step_is_said_in_english_too(make: Factory, delivery: Delivery, member: User) -> None:
    browser = make.signed_in(member)
    with transaction():
        db.session.execute(update(User).where(User.id == member.id).values(locale="en"))
    happened(make, delivery, *((n, what) for n, what in enumerate(EVENTS)))
    shown = page(browser, delivery)
    assert [what for what, (_icon, said) in EVENTS.items() if f"<b>{said}</b>" in shown] == []
    assert shown.count("<b>") >= len(EVENTS)


def test_each_line_says_when_to_the_second_and_who(make: Factory, browser: FlaskClient, delivery: Delivery) -> None:
    happened(make, delivery, (7, "intent"))
    assert "20 Nov 2026, 12.00.07\u00a0WIB, sistem" in unescape(browser.get(f"/terbitan/{delivery.id}").text)


def test_a_token_in_a_platforms_answer_does_not_get_in(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise Rejected("Platform menolak %(reason)s.", code=f"190 {TOKEN}", reason=f"access_token={TOKEN}")

    planned = scene.scheduled()
    monkeypatch.setattr(_instagram(), "prepare", refuse)
    assert scene.go(planned).state == DeliveryState.FAILED
    kept = [event.detail for event in db.session.scalars(select(DeliveryEvent)) if event.what == "failed"]
    assert kept
    assert TOKEN not in str(kept)
    assert kept[0]["code"] == "190 ***"


def test_nor_where_the_outcome_is_not_known(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(*_: Any) -> Any:
        raise OutcomeUnknown("Tidak sampai.", code=f"https://graph.contoh.test/?access_token={TOKEN}")

    planned = scene.scheduled()
    monkeypatch.setattr(_instagram(), "publish", vanish)
    assert scene.go(planned).state == DeliveryState.UNKNOWN
    assert TOKEN not in str([event.detail for event in db.session.scalars(select(DeliveryEvent))])


def _instagram() -> type:
    return type(registry.get("instagram"))


def test_a_link_is_kept_without_what_opens_something(app: Any, delivery: Delivery) -> None:
    with transaction():
        timeline.note(delivery.id, "sent", external_id="1" * 30, permalink=f"https://contoh.test/p?id=1&sig={TOKEN}")
    kept = db.session.scalars(select(DeliveryEvent)).one().detail
    assert kept == {"external_id": "1" * 30, "permalink": "https://contoh.test/p?id=1"}


def test_repeated_tries_stand_there_once_with_first_last_and_how_often(
    make: Factory, browser: FlaskClient, delivery: Delivery
) -> None:
    happened(make, delivery, *((60 * n, "try_later") for n in range(100)), code="http_429")
    happened(make, delivery, (6000, "intent"))
    shown = page(browser, delivery)
    assert shown.count("Platform sibuk") == 1
    assert "100 kali, pertama 20 Nov 2026, 12.00.00" in shown
    assert "20 Nov 2026, 13.39.00" in shown


def test_steps_that_come_again_together_are_folded_together(delivery: Delivery, app: Any) -> None:
    cycle = ("intent", "unknown", "not_there")
    events = [
        DeliveryEvent(number=n, delivery_id=delivery.id, what=what, at=DUE + timedelta(seconds=n), detail={})
        for n, what in enumerate([*cycle * 5, "intent", "sent"])
    ]
    with app.test_request_context():
        told = [(line.text, line.times) for line in reversed(journey.lines(delivery, events, {}))]
    assert [times for _text, times in told] == [5, 5, 5, 1, 1]
    assert told[-1][0] == "Terbit"


def test_the_same_step_for_another_reason_is_another_line(delivery: Delivery, app: Any) -> None:
    events = [
        DeliveryEvent(number=n, delivery_id=delivery.id, what="try_later", at=DUE, detail={"code": code})
        for n, code in enumerate(["http_429", "http_503", "http_503"])
    ]
    with app.test_request_context():
        assert [line.times for line in journey.lines(delivery, events, {})] == [2, 1]


def test_what_is_out_in_time_says_so(make: Factory, browser: FlaskClient, delivery: Delivery) -> None:
    is_out(delivery, 0.2)
    assert "Tepat waktu, 0,2 detik" in page(browser, delivery)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([(2, "account_stopped")], "Terlambat 3 menit karena akun terputus"),
        ([(2, "account_stopped"), (60, "try_later")], "Terlambat 3 menit karena platform belum bisa menerima"),
        ([(-9, "try_later")], "Terlambat 3 menit. Tidak ada hambatan yang tercatat di luar mesin."),
        ([(400, "try_later")], "Terlambat 3 menit. Tidak ada hambatan yang tercatat di luar mesin."),
    ],
)
def test_what_is_out_late_says_how_late_and_why(
    make: Factory, browser: FlaskClient, delivery: Delivery, steps: list[tuple[float, str]], said: str
) -> None:
    happened(make, delivery, *steps)
    is_out(delivery, 180)
    assert said in page(browser, delivery)


def test_what_is_not_out_promises_nothing(make: Factory, browser: FlaskClient, delivery: Delivery) -> None:
    assert "Ketepatan" not in page(browser, delivery)


def test_why_it_may_not_go_out_is_told_once_for_each_reason(scene: Scene) -> None:
    planned = scene.scheduled()
    _account(scene, AccountState.EXPIRED)
    for _ in range(5):
        scene.look(planned)
    _account(scene, AccountState.NOT_ALLOWED)
    scene.look(planned)
    lines = db.session.scalars(select(DeliveryEvent).order_by(DeliveryEvent.number))
    told = [event.detail["said"] for event in lines if event.what == "held_back"]
    assert len(told) == 2
    assert "akunnya terputus" in told[0]
    assert "izin akunnya kurang" in told[1]


def _account(scene: Scene, state: str) -> None:
    with transaction():
        db.session.execute(update(Account).where(Account.id == scene.account.id).values(state=state))


def test_a_post_that_waited_for_its_account_says_so_once_it_is_out(scene: Scene) -> None:
    planned = scene.scheduled(due_at=clock.now() - timedelta(minutes=30))
    _account(scene, AccountState.EXPIRED)
    scene.look(planned)
    _account(scene, AccountState.CONNECTED)
    assert scene.go(planned).state == DeliveryState.SENT
    shown = page(scene.make.signed_in(scene.member), planned)
    assert "Terlambat 30 menit karena akun terputus" in shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 detik"), (0.24, "0,2 detik"), (59, "59 detik"), (200, "3 menit"), (7200, "2 jam"), (200_000, "2 hari")],
)
def test_lengths_of_time_are_as_exact_as_it_matters(app: Any, seconds: float, said: str) -> None:
    with app.test_request_context():
        assert duration(seconds) == said
