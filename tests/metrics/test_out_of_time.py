"""A job whose time is up ends, also where one account's or one post's trouble stops no other."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from contentdesk.lib.desk import desk
from contentdesk.lib.jobs import OutOfTime
from tests.comments.talking import Talking, poll, say
from tests.factories import Factory
from tests.metrics.made import sent_delivery
from workers import account_figures, accounts


def stopped(*_asked: Any) -> Any:
    raise OutOfTime


@pytest.mark.parametrize(
    ("module", "asked", "looked", "step"),
    [
        (account_figures, "account_figures.without_sample", "_look", account_figures.step),
        (accounts, "renewing.due", "renew_one", accounts.look_after),
    ],
    ids=("figures", "logins"),
)
def test_a_round_over_the_accounts_ends(
    app: Flask, monkeypatch: pytest.MonkeyPatch, module: Any, asked: str, looked: str, step: Callable[[Any], None]
) -> None:
    monkeypatch.setattr(f"{module.__name__}.{asked}", lambda _when: ["satu", "dua"])
    monkeypatch.setattr(module, looked, stopped)
    with pytest.raises(OutOfTime):
        step(desk())


def test_reading_comments_ends_and_what_was_measured_is_kept(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking = Talking()
    monkeypatch.setattr("contentdesk.channels.registry.KINDS", {"ngobrol": talking})
    kim = make.kim()
    delivery = sent_delivery(make, kim, account=make.account(kim, "ngobrol", token_sealed=desk().box.seal("x")))
    say(talking, "Halo?")
    monkeypatch.setattr(talking, "comments", stopped)
    with pytest.raises(OutOfTime):
        poll(delivery)
    row = account_figures.queries.latest(delivery.id)
    assert row is not None
    assert (row.comments, row.failures) == (1, 0)
