"""Every endpoint times every role. Endpoints added later are walked too: closed unless they say who may call them."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import FloatConverter, IntegerConverter, Rule, UUIDConverter

from contentdesk.access.guards import PUBLIC, access_of
from contentdesk.access.permissions import Permission, Role, somewhere
from contentdesk.users.models import User
from tests.factories import Factory

KNOWN_PUBLIC = {
    "static",
    "ops.health",
    "ops.metrics",
    "users.sign_in",
    "users.forgot",
    "users.language",
    "users.accept",
    "media.shared",
    "media.shared_video",
    "rings.handshake",
    "rings.ring",
}
"""What a stranger may call. Opening one more is a decision: write it here."""
BY_CONVERTER = {IntegerConverter: 1, FloatConverter: 1.0, UUIDConverter: "0" * 32}
BY_NAME = {"kind": "instagram"}
ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


def calls(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, path) of all there is, with made-up values in the path."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & set(ASKED)):
            yield rule.endpoint, method, adapter.build(rule.endpoint, made_up(rule), method=method)


def made_up(rule: Rule) -> dict[str, Any]:
    return {name: BY_NAME.get(name) or BY_CONVERTER.get(type(rule._converters[name]), "x") for name in rule.arguments}


def test_every_endpoint_says_who_may_call_it(app: Flask) -> None:
    unsaid = {rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None}
    assert unsaid == set()


def test_only_known_endpoints_are_open_to_strangers(app: Flask) -> None:
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) == PUBLIC}
    assert opened <= KNOWN_PUBLIC


def test_strangers_are_sent_to_the_sign_in_page_from_everything_else(app: Flask) -> None:
    walked = 0
    for endpoint, method, path in calls(app):
        if access_of(app, endpoint) == PUBLIC:
            continue
        answer = app.test_client().open(path, method=method)
        walked += 1
        assert (answer.status_code, answer.headers.get("Location", "")[:6]) == (302, "/masuk"), (endpoint, method)
    assert walked > 10


@pytest.mark.own_app
def test_an_endpoint_that_says_nothing_is_closed_to_everybody(app: Flask, make: Factory) -> None:
    admin = make.signed_in(make.user(Role.ADMIN))
    app.view_functions["forgotten"] = lambda: "terbuka"
    app.url_map.add(Rule("/terlupa", endpoint="forgotten"))
    assert app.test_client().get("/terlupa").status_code == 403
    assert admin.get("/terlupa").status_code == 403


ENDS_SESSIONS = {"users.sign_out", "users.sign_out_everywhere"}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_in_where_it_may_and_403_where_not(app: Flask, make: Factory, role: Role) -> None:
    user = make.user(role)
    client = make.signed_in(user)
    wrong = []
    for endpoint, method, path in calls(app):
        access = access_of(app, endpoint)
        if access == PUBLIC or access is None:
            continue
        status = client.open(path, method=method).status_code
        permitted = somewhere(user, Permission(access))
        if (status == 403) == permitted or status >= 500:
            wrong.append((endpoint, method, status, "permitted" if permitted else "not permitted"))
        if endpoint in ENDS_SESSIONS:
            client = make.signed_in(user)
    assert wrong == []


def test_somebody_without_a_kim_has_no_kim_work(make: Factory) -> None:
    user = User(id="x", role=Role.MEMBER, kim_id=None)
    assert not somewhere(user, Permission.POST_WRITE)
    assert somewhere(user, Permission.OWN_ACCOUNT)


def things_of_a_kim(make: Factory) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(endpoint, method, values) that lead to a thing of one KIM; others add theirs here."""
    owner = make.user(Role.CHAIR)
    member = make.user(Role.MEMBER, make_kim_of(make, owner))
    yield "users.disable", "POST", {"user_id": member.id}
    yield "users.enable", "POST", {"user_id": member.id}
    yield "users.offer_new_password", "POST", {"user_id": member.id}
    business = make.business(make_kim_of(make, owner))
    yield "umkm.business", "GET", {"business_id": business.id}
    yield "umkm.edit", "GET", {"business_id": business.id}
    post = make.post(member)
    yield "home.post", "GET", {"post_id": post.id}
    yield "posts.edit", "GET", {"post_id": post.id}
    yield "reviews.submit", "POST", {"post_id": post.id}
    yield "publishing.schedule", "GET", {"post_id": post.id}
    delivery = make.delivery(post, make.account(make_kim_of(make, owner)))
    yield "publishing.delivery", "GET", {"delivery_id": delivery.id}
    yield "publishing.task", "GET", {"delivery_id": delivery.id}
    yield "publishing.cancel", "POST", {"delivery_id": delivery.id}
    hold = make.hold(make_kim_of(make, owner))
    yield "publishing.hold", "GET", {"hold_id": hold.id}
    yield "publishing.release_hold", "POST", {"hold_id": hold.id}
    yield "metrics.enter", "GET", {"delivery_id": delivery.id}


def make_kim_of(make: Factory, user: User) -> Any:
    from contentdesk.kim.models import Kim
    from contentdesk.lib.db import db

    return db.session.get(Kim, user.kim_id)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR])
def test_things_of_another_kim_do_not_exist_for_one(app: Flask, make: Factory, role: Role) -> None:
    stranger = make.user(role, make.kim())
    client = make.signed_in(stranger)
    adapter = app.url_map.bind("localhost")
    walked = 0
    for endpoint, method, values in list(things_of_a_kim(make)):
        if endpoint not in app.view_functions or not somewhere(stranger, Permission(access_of(app, endpoint))):
            continue
        (rule,) = [each for each in app.url_map.iter_rules(endpoint) if method in (each.methods or set())]
        (name,) = rule.arguments
        path = adapter.build(endpoint, {name: next(iter(values.values()))}, method=method)
        walked += 1
        assert client.open(path, method=method).status_code == 404, (endpoint, method)
    assert walked or role == Role.MEMBER
