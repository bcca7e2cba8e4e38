"""Data that an earlier release wrote goes up with its tables and is still what it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, text

from contentdesk.lib import ids, migrate
from contentdesk.lib.db import prepare_engine
from tests.databases import run, sibling

NOW = "2026-11-20 01:02:03+00:00"


@pytest.fixture
def empty(postgres: str | None, tmp_path: Path) -> Iterator[Engine]:
    """A database without a single table."""
    if not postgres:
        yield from _engine(f"sqlite:///{tmp_path / 'old.db'}")
        return
    name = f"old{ids.new()}"
    run(postgres, f"CREATE DATABASE {name}")
    yield from _engine(sibling(postgres, name).replace("postgresql://", "postgresql+psycopg://"))
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def insert(engine: Engine, table: str, **values: Any) -> None:
    """Fills the columns that must not be empty with something of their type."""
    for column in inspect(engine).get_columns(table):
        if not column["nullable"] and column["default"] is None and column["name"] not in values:
            values[column["name"]] = _plausible(column)
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def _plausible(column: Any) -> object:
    kind = column["type"].python_type.__name__
    return {"str": f"kata {column['name']}", "int": 1, "float": 0.5, "bool": False, "dict": "{}", "list": "[]"}.get(
        kind, NOW
    )


def row(engine: Engine, table: str) -> Any:
    with engine.begin() as connection:
        return connection.execute(text(f"SELECT * FROM {table}")).mappings().one()


def city_with_a_post(engine: Engine) -> None:
    """One row in each of the tables that a photo of a post stands in."""
    insert(engine, "cities", code="35.73")
    insert(engine, "kecamatan", code="35.73.01", city_code="35.73")
    insert(engine, "kelurahan", code="35.73.01.1007", kecamatan_code="35.73.01", aliases="[]")
    insert(engine, "kim", id="k1", kelurahan_code="35.73.01.1007")
    insert(engine, "users", id="u1", kim_id="k1", role="anggota")
    insert(engine, "assets", id="a1", kim_id="k1", uploaded_by="u1", sha256="b" * 64)
    insert(engine, "posts", id="p1", kim_id="k1", author_id="u1", state="approved")
    insert(engine, "revisions", id="r1", post_id="p1", author_id="u1", options="{}", texts="{}")
    insert(engine, "revision_photos", revision_id="r1", position=0, asset_id="a1")
    insert(engine, "revision_files", revision_id="r1", kind="instagram", position=0, sha256="c" * 64)
    insert(engine, "renditions", key="d" * 64, asset_id="a1", sha256="c" * 64)


def test_photos_of_the_first_release_are_ready_photos_afterwards(empty: Engine) -> None:
    migrate.upgrade(empty, "0001")
    city_with_a_post(empty)
    migrate.upgrade(empty)
    asset, file, rendition = row(empty, "assets"), row(empty, "revision_files"), row(empty, "renditions")
    assert (asset["media"], asset["state"], asset["tries"]) == ("photo", "ready", 0)
    assert (asset["sha256"], asset["seconds"], asset["lease"]) == ("b" * 64, None, None)
    assert (file["media"], file["sha256"], file["seconds"]) == ("photo", "c" * 64, None)
    assert (rendition["sha256"], rendition["fps"]) == ("c" * 64, None)
    assert migrate.is_current(empty)


def test_who_connected_an_account_holds_it_afterwards(empty: Engine) -> None:
    migrate.upgrade(empty, "0001")
    insert(empty, "users", id="u1", role="admin", login="a")
    insert(empty, "users", id="u2", role="admin", login="b")
    ours = {"state": "connected", "token_sealed": "terkunci", "problem": "Sambungkan lagi."}
    insert(empty, "accounts", id="a1", connected_by="u1", external_id="1", **ours)
    insert(empty, "accounts", id="a2", external_id="2", state="connected")
    insert(empty, "accounts", id="a3", connected_by="u2", external_id="3", state="closed")
    migrate.upgrade(empty)
    assert dict(row(empty, "account_holders")) == {"account_id": "a1", "user_id": "u1"}
    with empty.begin() as connection:
        account = connection.execute(text("SELECT * FROM accounts WHERE id = 'a1'")).mappings().one()
    assert (account["token_sealed"], account["problem"]) == ("terkunci", "Sambungkan lagi.")
    assert (account["refresh_sealed"], account["via"], account["renewing_until"]) == (None, None, None)
    assert [str(account[name]) for name in ("scopes", "details", "problem_values")] == ["[]", "{}", "{}"]


def test_warnings_and_the_end_of_reading_are_kept_where_they_are_read(empty: Engine) -> None:
    migrate.upgrade(empty, "0005")
    city_with_a_post(empty)
    plain = {"scopes": "[]", "problem_values": "{}"}
    details = '{"page": "KIM", "data_access_expires_at": "2026-12-01T07:00:00+07:00"}'
    insert(
        empty,
        "accounts",
        id="c1",
        external_id="1",
        state="connected",
        details=details,
        warned_at="2026-11-20 03:00:00+00:00",
        **plain,
    )
    insert(empty, "accounts", id="c2", external_id="2", state="connected", details="{}", **plain)
    for n, (account, planned) in enumerate((("c1", "02"), ("c1", "04"), ("c2", "02"))):
        made = {"checkpoint": "{}", "problem_values": "{}", "created_at": f"2026-11-20 {planned}:00:00+00:00"}
        made |= {"id": f"d{n}", "post_id": "p1", "revision_id": "r1", "account_id": account, "state": "failed"}
        insert(empty, "deliveries", **made)
    migrate.upgrade(empty)
    with empty.begin() as connection:
        warned = connection.execute(text("SELECT warned_at FROM deliveries ORDER BY id")).scalars().all()
        ends = connection.execute(text("SELECT access_ends_at FROM accounts ORDER BY id")).scalars().all()
    assert [str(one)[:13] for one in warned] == ["2026-11-20 03", "None", "None"]
    assert [str(one)[:13] for one in ends] == ["2026-12-01 00", "None"]
    assert migrate.is_current(empty)


def a_delivery_of_before(engine: Engine, number: str, **values: str) -> None:
    """Tables up to `number`, and one post on one account."""
    migrate.upgrade(engine, number)
    city_with_a_post(engine)
    plain = {"problem_values": "{}"}
    later = {} if number == "0001" else plain | {"scopes": "[]", "details": "{}"}
    insert(engine, "accounts", id="c1", external_id="1", state="connected", **later)
    planned = {"post_id": "p1", "revision_id": "r1", "account_id": "c1", "checkpoint": "{}"}
    insert(engine, "deliveries", id="d1", **planned, **plain, **values)


def test_what_was_out_before_is_to_have_no_first_comment(empty: Engine) -> None:
    a_delivery_of_before(empty, "0001", state="sent", external_id="9")
    migrate.upgrade(empty)
    delivery = row(empty, "deliveries")
    assert (delivery["state"], delivery["external_id"]) == ("sent", "9")
    with empty.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM first_comments")).scalar() == 0
    assert migrate.is_current(empty)


def test_comments_of_before_are_read_once_more_and_are_all_there(empty: Engine) -> None:
    a_delivery_of_before(empty, "0005")
    for number in ("1", "2"):
        insert(empty, "citizen_comments", id=number, delivery_id="d1", external_id=number, text="Di mana?")
    migrate.upgrade(empty)
    reading = row(empty, "comment_readings")
    assert (reading["delivery_id"], reading["counted"], reading["failures"]) == ("d1", None, 0)
    with empty.begin() as connection:
        kept = connection.execute(text("SELECT text, gone_at FROM citizen_comments")).all()
    assert [tuple(one) for one in kept] == [("Di mana?", None)] * 2
    assert migrate.is_current(empty)


def test_what_was_out_before_is_taken_to_be_there_still(empty: Engine) -> None:
    a_delivery_of_before(empty, "0007", state="sent", external_id="9")
    insert(empty, "first_comments", delivery_id="d1", problem_values="{}")
    migrate.upgrade(empty)
    delivery = row(empty, "deliveries")
    assert (delivery["external_id"], delivery["gone_at"], delivery["gone_by"], delivery["missing_since"]) == (
        "9",
        None,
        None,
        None,
    )
    assert row(empty, "first_comments")["delivery_id"] == "d1"
    assert migrate.is_current(empty)


def test_what_was_planned_before_is_held_by_nobody(empty: Engine) -> None:
    a_delivery_of_before(empty, "0011", state="waiting")
    before = everything(empty)
    migrate.upgrade(empty)
    after = everything(empty)
    assert after["holds"] == after["hold_parts"] == []
    assert as_far_as(before, after) == before
    assert migrate.is_current(empty)
    down(empty, "0011")
    assert everything(empty) == before


def test_no_post_of_before_is_in_a_campaign_and_the_way_back_loses_nothing(empty: Engine) -> None:
    a_delivery_of_before(empty, "0014", state="waiting")
    insert(empty, "holds", id="h1", placed_by="u1", kim_id="k1", scope="kim", reason="other")
    insert(empty, "hold_parts", id="t1", hold_id="h1", released_by="u1", kim_id="k1")
    before = everything(empty)
    migrate.upgrade(empty)
    assert [row(empty, table)["campaign_id"] for table in ("posts", "holds", "hold_parts")] == [None] * 3
    assert migrate.is_current(empty)
    down(empty, "0014")
    assert everything(empty) == before


def test_an_account_that_had_stopped_knows_since_when_and_the_way_back_loses_nothing(empty: Engine) -> None:
    """Down and up with rows that refer to each other, which SQLite takes amiss when a table is made anew."""
    a_delivery_of_before(empty, "0008", state="waiting")
    for n, state in enumerate(("expired", "not_allowed"), 2):
        made = {"limits": '{"max_chars": 500}', "problem_values": "{}", "scopes": "[]", "details": "{}"}
        insert(empty, "accounts", id=f"c{n}", external_id=str(n), state=state, **made)
        for hour in ("03", "05"):
            entry = {"subject_type": "account", "subject_id": f"c{n}", "action": f"account.{state}", "detail": "{}"}
            at = f"2026-11-20 {hour}:00:00+00:00"
            insert(empty, "audit_entries", number=n * 10 + int(hour), at=at, hash=f"{n}{hour}", **entry)
    before = everything(empty)
    migrate.upgrade(empty)
    with empty.begin() as connection:
        since = connection.execute(text("SELECT stopped_at FROM accounts ORDER BY id")).scalars().all()
    assert [str(one)[:13] for one in since] == ["None", "2026-11-20 05", "2026-11-20 05"]
    down(empty, "0008")
    assert everything(empty) == before


def test_each_step_back_and_up_again_keeps_every_row(empty: Engine) -> None:
    """Rows that refer to each other are what SQLite stumbles over when a table is made anew."""
    a_delivery_of_before(empty, "0008", state="sent")
    insert(empty, "account_holders", account_id="c1", user_id="u1")
    insert(empty, "citizen_comments", id="w1", delivery_id="d1", external_id="1", text="Di mana?")
    before = {table: len(rows) for table, rows in everything(empty).items()}
    for number in ("0007", "0006", "0005", "0004", "0003"):
        down(empty, number)
        there = {table: len(rows) for table, rows in everything(empty).items()}
        assert there == {table: before[table] for table in there}
    migrate.upgrade(empty)
    assert migrate.is_current(empty)


def test_what_the_engine_is_seen_by_comes_and_goes_without_a_row(empty: Engine) -> None:
    a_delivery_of_before(empty, "0011", state="sent", sent_at=NOW, external_id="9")
    insert(empty, "delivery_events", number=1, delivery_id="d1", what="failed", detail="{}", at=NOW)
    before = everything(empty)
    migrate.upgrade(empty)
    names = {index["name"] for index in inspect(empty).get_indexes("deliveries")}
    assert {"ix_deliveries_not_out", "ix_deliveries_sent"} <= names
    assert as_far_as(before, everything(empty)) == before
    down(empty, "0011")
    assert everything(empty) == before


def down(engine: Engine, to: str) -> None:
    settings = migrate._settings()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, to)


Rows = dict[str, list[dict[str, object]]]


def as_far_as(before: Rows, after: Rows) -> Rows:
    """Without tables and columns that came since."""
    there = {table: set().union(*rows) for table, rows in before.items()}
    return {
        table: [{name: value for name, value in one.items() if name in there[table]} for one in after[table]]
        for table in before
    }


def everything(engine: Engine) -> Rows:
    """All rows of all tables but Alembic's own."""
    tables = sorted(set(inspect(engine).get_table_names()) - {"alembic_version"})
    with engine.begin() as connection:
        found = {table: connection.execute(text(f"SELECT * FROM {table}")).mappings().all() for table in tables}
    return {table: sorted((dict(one) for one in rows), key=str) for table, rows in found.items()}
