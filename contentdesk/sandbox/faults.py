"""Faults that the admin switches on: the same seed gives the same faults at the same calls."""

import json
import random
import re
import sqlite3
from dataclasses import asdict, dataclass, fields
from typing import Any

from contentdesk.sandbox.store import Store

KINDS = ("drop_before", "commit_then_drop", "commit_then_5xx", "5xx", "slow", "error", "not_json")


class WrongFault(ValueError):
    """Says what is wrong with the rule."""


@dataclass(frozen=True)
class Fault:
    """Which calls go wrong, how, and how often. `skip` lets the first matching calls pass."""

    fault: str
    host: str = ""
    method: str = ""
    path_regex: str = ""
    code: int | str = 2
    subcode: int | None = None
    http: int | None = None
    times: int | None = 1
    skip: int = 0
    seed: int = 1
    probability: float = 1.0
    delay_s: float = 0.0
    after_commit: bool | None = None

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out."""
        if self.fault in ("error", "not_json"):
            return bool(self.after_commit)
        return self.fault in ("commit_then_drop", "commit_then_5xx", "slow")

    @property
    def drops(self) -> bool:
        return self.fault in ("drop_before", "commit_then_drop")

    @property
    def waits_first(self) -> bool:
        """A slow call normally takes effect at once and answers late. With after_commit=false the effect
        itself comes late, perhaps long after the caller gave up."""
        return self.fault == "slow" and self.after_commit is False

    @property
    def status(self) -> int:
        return self.http or {"error": 400, "not_json": 200}.get(self.fault, 500)

    def matches(self, host: str, method: str, *paths: str) -> bool:
        if self.host and self.host != host:
            return False
        if self.method and not re.fullmatch(self.method, method, re.IGNORECASE):
            return False
        return any(re.search(self.path_regex, path) for path in paths)


def parse(rule: dict[str, Any]) -> Fault:
    known = {field.name for field in fields(Fault)}
    if unknown := sorted(set(rule) - known):
        raise WrongFault(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    if rule.get("fault") not in KINDS:
        raise WrongFault(f"fault must be one of {', '.join(KINDS)}")
    for name, value in rule.items():
        if not _fits(value, Fault.__annotations__[name]):
            raise WrongFault(f"{name} wants {Fault.__annotations__[name]}, got {value!r}")
    fault = Fault(**rule)
    for name in ("path_regex", "method"):
        try:
            re.compile(getattr(fault, name))
        except re.error as error:
            raise WrongFault(f"{name}: {error}") from error
    return fault


def _fits(value: object, wanted: Any) -> bool:
    """A whole number also fits where a fraction may stand; true and false fit only themselves."""
    if isinstance(value, bool):
        return wanted in (bool, bool | None)
    return isinstance(value, (int, float) if wanted is float else wanted)


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, fault: Fault) -> int:
        with self._store.transaction():
            self._store.run("INSERT INTO faults (rule) VALUES (?)", json.dumps(asdict(fault)))
            return self._store.number("SELECT max(id) FROM faults")

    def clear(self) -> int:
        with self._store.transaction():
            return self._store.run("DELETE FROM faults")

    def all(self) -> list[dict[str, Any]]:
        rows = self._store.rows("SELECT * FROM faults ORDER BY id")
        return [json.loads(r["rule"]) | {"id": r["id"], "seen": r["seen"], "fired": r["fired"]} for r in rows]

    def pick(self, host: str, method: str, *paths: str) -> Fault | None:
        """The first rule that strikes this call, by one of its names; counts what it saw, across restarts."""
        with self._store.transaction():
            for row in self._store.rows("SELECT * FROM faults ORDER BY id"):
                fault = Fault(**json.loads(row["rule"]))
                if fault.matches(host, method, *paths) and self._strikes(fault, row):
                    return fault
        return None

    def _strikes(self, fault: Fault, row: sqlite3.Row) -> bool:
        self._store.run("UPDATE faults SET seen = seen + 1 WHERE id = ?", row["id"])
        if row["seen"] < fault.skip or (fault.times is not None and row["fired"] >= fault.times):
            return False
        dice = random.Random(f"{fault.seed}:{row['seen']}")  # noqa: S311 - repeatable, not secret
        if dice.random() >= fault.probability:
            return False
        self._store.run("UPDATE faults SET fired = fired + 1 WHERE id = ?", row["id"])
        return True
