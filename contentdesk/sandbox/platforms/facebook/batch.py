"""Several calls in one: each with an answer of its own, and `null` for those that took too long."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.wire import Call, Refused, Reply

MOST = 50
Answer = Callable[[Call, str], Reply]


def perform(call: Call, answer: Answer) -> Reply:
    """`answer` leads one call, whose path has no version; that of the batch counts for all."""
    try:
        wanted = json.loads(call.args["batch"])
    except ValueError as error:
        raise refuse(call, 100, message="Param batch must be an array.") from error
    if not isinstance(wanted, list) or not 0 < len(wanted) <= MOST:
        raise refuse(call, 100, message="Too many requests in batch message. Maximum batch size is 50")
    return Reply([_one(call, row, answer, place) for place, row in enumerate(wanted, start=1)])


def _one(call: Call, row: dict[str, Any], answer: Answer, place: int) -> dict[str, object] | None:
    every = call.knobs.batch_null_every
    if every and place % every == 0:
        return None
    version = call.path.split("/")[1]
    parts = urlsplit(str(row.get("relative_url", "")))
    path = parts.path.strip("/").removeprefix(f"{version}/")
    token = {"access_token": call.args["access_token"]} if "access_token" in call.args else {}
    inner = replace(
        call,
        method=str(row.get("method", "GET")).upper(),
        path=f"/{version}/{path}",
        query=dict(parse_qsl(parts.query)) | token,
        form=dict(parse_qsl(str(row.get("body", "")))),
    )
    try:
        reply = answer(inner, f"/{path}")
    except Refused as refused:
        reply = refused.reply
    return {"code": reply.status, "body": json.dumps(reply.body)}
