"""A platform that is down is probed, not hammered; another one goes on, and people hear of it once."""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from sqlalchemy import select, update

from contentdesk.access.permissions import Role
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.notices.models import Notice
from contentdesk.publishing import sweeps
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests.channels.line import login_of
from tests.channels.subjects import mastodon, telegram
from tests.publishing.conftest import Scene
from tests.servers import SandboxProcess
from workers import breakers, outages, publish
from workers.manners import manners_of

D = DeliveryState
OPEN: Mapping[str, Callable[[SandboxProcess, int], Login]] = MappingProxyType(
    {
        "instagram": lambda sandbox, number: login_of(sandbox.account(f"kim.latihan{number}")),
        "telegram": lambda sandbox, number: telegram.login_of(
            sandbox.account(f"kim_latihan{number}", platform="telegram")
        ),
        "mastodon": lambda sandbox, _number: mastodon.open_account(sandbox),
    }
)
DOWN = "graph.instagram.com"
UP = "api.telegram.org"


def account(scene: Scene, kind: str, number: int) -> Account:
    login = OPEN[kind](scene.sandbox, number)
    sealed = scene.at.box.seal(login.token)
    return scene.make.account(
        scene.kim,
        kind,
        external_id=login.external_id,
        handle=f"{kind}{number}",
        token_sealed=sealed,
        details=dict(login.details),
    )


def planned(scene: Scene, where: Account, count: int) -> list[Delivery]:
    return [scene.scheduled(account=where) for _ in range(count)]


def all_step(scene: Scene, deliveries: list[Delivery]) -> None:
    """Everybody comes at once, whatever next_at says."""
    with transaction():
        of_these = Delivery.id.in_([one.id for one in deliveries])
        db.session.execute(update(Delivery).where(of_these).values(next_at=clock.now()))
    for one in deliveries:
        publish.step(one.id, scene.at)


def states(deliveries: list[Delivery]) -> Counter[str]:
    db.session.rollback()
    rows = select(Delivery.state).where(Delivery.id.in_([one.id for one in deliveries]))
    return Counter(db.session.scalars(rows))


def told(scene: Scene) -> list[str]:
    db.session.rollback()
    rows = db.session.scalars(select(Notice).where(Notice.path == "/akun").order_by(Notice.id))
    return [notice.message % notice.values for notice in rows]


def notices() -> dict[str, int]:
    """How many each person got."""
    db.session.rollback()
    return dict(Counter(db.session.scalars(select(Notice.user_id).where(Notice.path == "/akun"))))


def the_next_try_is_due(scene: Scene) -> None:
    connection = scene.at.bell.connection
    for name in connection.scan_iter(f"{breakers.PREFIX}:down:*"):
        since, _next, tries = connection.get(name).decode().split("|")
        connection.set(name, f"{since}|0|{tries}")


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the steps of a test take, the next try comes when the test says so."""
    monkeypatch.setattr(breakers, "FIRST_S", 600.0)
    monkeypatch.setattr(breakers, "LONGEST_S", 600.0)


@pytest.fixture
def many() -> int:
    return 200


@pytest.mark.long
def test_an_outage_of_one_platform_leaves_the_other_alone(scene: Scene, many: int, slow_machine: None) -> None:
    admin = scene.make.user(Role.ADMIN)
    hosts = [account(scene, "instagram", number) for number in range(4)]
    down = [one for where in hosts for one in planned(scene, where, many // 4)]
    down = [down[place * (many // 4) + turn] for turn in range(many // 4) for place in range(4)]
    up = planned(scene, account(scene, "telegram", 1), 5)
    scene.sandbox.admin("faults", {"fault": "drop_before", "host": DOWN, "times": None})
    tries = {one.id: one.tries for one in down}

    all_step(scene, down + up)
    outages.follow(scene.at)
    all_step(scene, down[:40])
    outages.follow(scene.at)
    calls = len(scene.sandbox.calls(host=DOWN))
    assert calls == breakers.NEEDED
    assert states(up) == {D.SENT: 5}
    assert states(down) == {D.WAITING: many}
    waiting = get_delivery(down[-1].id)
    assert waiting.tries == tries[waiting.id] == 0
    assert waiting.problem
    assert (
        waiting.problem % waiting.problem_values
        == "Instagram sedang terganggu. Unggahan menunggu dan dikirim begitu pulih."
    )
    assert [one.what for one in waiting.events] == ["deferred"]
    people = {one.id for one in db.session.scalars(select(User).where(User.role.in_((Role.ADMIN, Role.REVIEWER))))}
    assert {admin.id, scene.reviewer.id} <= people
    assert notices() == dict.fromkeys(people, 1), "once each, and no author"

    the_next_try_is_due(scene)
    all_step(scene, down[:40])
    assert len(scene.sandbox.calls(host=DOWN)) == calls + 1, "one tries for all"

    scene.sandbox.admin("faults", method="DELETE")
    the_next_try_is_due(scene)
    publish.step(down[0].id, scene.at)
    all_step(scene, down[:1])
    outages.follow(scene.at)
    outages.follow(scene.at)
    assert notices() == dict.fromkeys(people, 2)
    left = [one for one in down if get_delivery(one.id).state == D.WAITING]
    late = [(get_delivery(one.id).next_at - clock.now()).total_seconds() for one in left]
    assert max(late) < 15
    assert len({round(seconds) for seconds in late}) >= 5, "spread over some seconds"
    for one in left[:8]:
        scene.change(one, next_at=clock.now())
        publish.step(one.id, scene.at)
    assert D.UNKNOWN not in states(down)


def test_a_relapse_is_told_only_when_it_lasts(scene: Scene) -> None:
    breaker, place = manners_of(scene.at.bell.connection).breakers, "platform:instagram"

    def breaks_down() -> None:
        for number in range(breakers.NEEDED):
            breaker.failed(place, f"a{number}", f"d{number}", 2)
        outages.follow(scene.at)

    breaks_down()
    breaker.well(place)
    outages.follow(scene.at)
    breaks_down()
    outages.follow(scene.at)
    assert len(told(scene)) == 2
    scene.at.bell.connection.delete(f"{breakers.PREFIX}:quiet:{place}")
    outages.follow(scene.at)
    assert len(told(scene)) == 3


def test_one_server_that_is_down_stops_no_other_of_its_kind(scene: Scene) -> None:
    breaker = manners_of(scene.at.bell.connection).breakers
    mine = account(scene, "mastodon", 1)
    for number in range(breakers.NEEDED):
        breaker.failed("platform:mastodon:lain.example", "a1", f"d{number}", 1)
    delivery = planned(scene, mine, 1)[0]
    assert scene.go(delivery).state == D.SENT


def test_what_the_platform_throttles_comes_back_when_it_said_and_asks_no_more_before(scene: Scene) -> None:
    busy, calm = account(scene, "telegram", 1), account(scene, "telegram", 2)
    burst, other = planned(scene, busy, 30), planned(scene, calm, 1)
    all_step(scene, burst + other)
    assert states(burst) == {D.SENT: 20, D.WAITING: 10}
    assert states(other) == {D.SENT: 1}
    assert all(call["status"] == 200 for call in scene.sandbox.calls(host=UP)), "the platform never had to refuse"
    asked = len(scene.sandbox.calls(host=UP))
    all_step(scene, burst[20:])
    assert len(scene.sandbox.calls(host=UP)) == asked
    assert sweeps.due(clock.now()) == []
