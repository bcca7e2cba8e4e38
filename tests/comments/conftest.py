import pytest
from flask import Flask

from contentdesk.channels import registry
from contentdesk.lib.desk import desk
from contentdesk.publishing.models import Delivery
from tests.channels.conftest import Later
from tests.comments.talking import Talking
from tests.factories import Factory
from tests.metrics.made import sent_delivery


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Talking:
    talking = Talking()
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, "ngobrol": talking})
    return talking


@pytest.fixture
def delivery(app: Flask, make: Factory, channel: Talking) -> Delivery:
    kim = make.kim()
    account = make.account(kim, "ngobrol", token_sealed=desk().box.seal("x"))
    return sent_delivery(make, kim, account=account, permalink="https://ngobrol.example/1")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)
