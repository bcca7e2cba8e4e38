"""The way of every platform call: fault, effect, book, wait, reply. The order is the point of it."""

import json
from dataclasses import replace

from contentdesk.sandbox import calls
from contentdesk.sandbox.faults import Fault, Faults
from contentdesk.sandbox.store import Outdated
from contentdesk.sandbox.wire import Call, Failure, Platform, Refused, Reply

MAINTENANCE = "<!doctype html><title>Sedang dipelihara</title>"


class Dropped(Exception):
    """Close the connection without a reply."""


def perform(platform: Platform, call: Call) -> Reply:
    """A call that a reset overtakes (a slow one) has no effect, is in no book and gets no reply."""
    try:
        with call.store.until_reset():
            return _perform(platform, call)
    except Outdated:
        raise Dropped from None


def _perform(platform: Platform, call: Call) -> Reply:
    """The call is in the book before the reply leaves, so whoever got the reply (or none) finds it there."""
    fault = Faults(call.store).pick(call.host, call.method, call.path, call.step)
    if fault and fault.waits_first:
        call.world.stopping.wait(fault.delay_s)
        call.now = call.world.clock.now()
    reply, committed = _effect(platform, call) if fault is None or fault.takes_effect else (None, False)
    reply = _final(platform, call, fault, reply)
    calls.record(call, reply.status if reply else 0, committed, fault.fault if fault else None)
    for job in call.later:
        call.world.background.put(job)
    if fault and not fault.waits_first:
        call.world.stopping.wait(fault.delay_s)
    if reply is None:
        raise Dropped
    return reply


def _effect(platform: Platform, call: Call) -> tuple[Reply, bool]:
    """One transaction: a refusal takes everything back."""
    try:
        with call.store.transaction():
            before = call.store.changes()
            reply = platform.answer(call)
            changed = call.store.changes() > before
    except Refused as refused:
        call.later.clear()
        return refused.reply, False
    return reply, changed


def _final(platform: Platform, call: Call, fault: Fault | None, reply: Reply | None) -> Reply | None:
    if fault and fault.drops:
        return None
    if fault and fault.fault == "not_json":
        return Reply(MAINTENANCE, fault.status)
    if fault and (reply is None or fault.fault in ("error", "commit_then_5xx")):
        reply = platform.failure(call, Failure(fault.status, fault.code, fault.subcode))
    assert reply is not None
    return replace(reply, headers=platform.usage(call) | reply.headers)


def as_text(reply: Reply) -> tuple[str, str]:
    """Body and content type."""
    if isinstance(reply.body, str):
        return reply.body, "text/html; charset=utf-8"
    return json.dumps(reply.body, ensure_ascii=False), "application/json; charset=utf-8"
