"""How much of the rolling hour an app and an account of a Graph host have used up: told with replies, and a limit."""

import json
from collections.abc import Callable

from contentdesk.sandbox import calls
from contentdesk.sandbox.platforms.instagram import auth
from contentdesk.sandbox.wire import Call, Refused

ALL = 100


def check(call: Call, refuse: Callable[[Call, int], Refused], of_account: int) -> None:
    """`of_account`: the code for an account that has had enough, in the words of `refuse`."""
    row = call.store.row("SELECT account_id FROM tokens WHERE token = ?", auth.token_of(call))
    call.account_id = row["account_id"] if row else None
    app, account = _used(call)
    if app >= ALL:
        raise refuse(call, 4)
    if account >= ALL:
        raise refuse(call, of_account)


def headers(call: Call, what: str) -> dict[str, str]:
    """`what`: the use case, as the platform names it."""
    app, account = _used(call)
    told = {"X-App-Usage": json.dumps({"call_count": app, "total_time": app, "total_cputime": app})}
    if call.account_id:
        use = {"type": what, "call_count": account, "total_cputime": account, "total_time": account}
        use |= {"estimated_time_to_regain_access": 60 if account >= ALL else 0}
        told["X-Business-Use-Case-Usage"] = json.dumps({call.account_id: [use]})
    return told


def _used(call: Call) -> tuple[int, int]:
    """Per cent of both, never more than all of it: then the limit is kept."""
    since, knobs = call.now - auth.HOUR, call.knobs
    app = 100 * calls.count_since(call.store, since) // max(1, knobs.app_calls_per_hour)
    used = calls.count_since(call.store, since, call.account_id) if call.account_id else 0
    account = 100 * used // max(1, knobs.account_calls_per_hour)
    return min(ALL, max(app, knobs.usage_percent)), min(ALL, max(account, knobs.usage_percent))
