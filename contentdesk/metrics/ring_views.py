"""Where platforms ring: public, without cookie or form, signed by the platform over the raw bytes."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request

from contentdesk.access.guards import public
from contentdesk.channels import registry, ringing, sign_in
from contentdesk.channels.abilities import ConfirmsRings, Rings
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.metrics import rings

blueprint = Blueprint("rings", __name__)
QUEUE, JOB = "metrics", "workers.metrics.poll"
MOST_BYTES = 1_000_000


@blueprint.get(f"{ringing.BELL}<kind>")
@public
def handshake(kind: str) -> Response:
    """The platform asks whether the address is ours."""
    channel, secret = _channel(kind)
    answer = channel.handshake(secret, request.args)
    if answer is None:
        abort(403)
    _confirm(kind, channel, request.args)
    return Response(answer, mimetype="text/plain")


@blueprint.post(f"{ringing.BELL}<kind>")
@public
def ring(kind: str) -> Any:
    """Answers at once: a platform that waits rings again. So it does when the work failed: that is answered by 500."""
    channel, secret = _channel(kind)
    request.max_content_length = MOST_BYTES
    raw = request.get_data(cache=False)
    events = channel.events(secret, dict(request.headers), raw, clock.now())
    if events is None:
        abort(403)
    with transaction():
        accounts = rings.hear(kind, raw, events, clock.now())
    for account_id in accounts:
        desk().bell.ring(QUEUE, JOB, account_id)
    return "", 200


def _confirm(kind: str, channel: Rings, query: Mapping[str, str]) -> None:
    """The question says for whom the platform rings from now on, and how long."""
    found = channel.confirmed(query) if isinstance(channel, ConfirmsRings) else None
    if found is not None:
        with transaction():
            ringing.confirmed(kind, *found, clock.now())


def _channel(kind: str) -> tuple[Rings, str]:
    """404 for a channel that has no webhooks, or whose app the city has not registered: there is no secret then."""
    channel, app = registry.get(kind), sign_in.registered(desk().config, kind)
    if not isinstance(channel, Rings) or app is None:
        abort(404)
    return channel, app.client_secret
