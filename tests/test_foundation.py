"""The house rules that hold everywhere."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from contentdesk.audit import services as audit
from contentdesk.kim.models import Kim
from contentdesk.lib import migrate
from contentdesk.lib.db import db, prepare_engine, transaction
from tests.factories import Factory

FULL = 2
"""As SQLite tells it."""


def test_migrations_lead_to_the_very_tables_of_the_models(app: object) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from contentdesk.models import metadata

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    assert migrate.is_current(db.engine)
    assert "posts" in inspect(db.engine).get_table_names()


@pytest.mark.usefixtures("as_shipped")
def test_what_was_kept_outlives_a_power_cut(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    prepare_engine(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == FULL
    engine.dispose()


def test_writing_outside_a_transaction_is_refused(make: Factory) -> None:
    kim = make.kim()
    db.session.add(Kim(name="Diam-diam", kelurahan_code=kim.kelurahan_code))
    try:
        db.session.flush()
    except RuntimeError:
        db.session.rollback()
    else:
        raise AssertionError("the flush went through")


def test_a_failed_transaction_keeps_nothing(make: Factory) -> None:
    kim = make.kim(name="Sebelum")
    try:
        with transaction():
            kim.name = "Sesudah"
            db.session.flush()
            raise ValueError
    except ValueError:
        pass
    assert db.session.get(Kim, kim.id).name == "Sebelum"


def test_a_changed_audit_entry_is_noticed(make: Factory) -> None:
    user = make.user()
    with transaction():
        for number in range(3):
            audit.record(user, "post.submit", "post", str(number))
    assert audit.first_broken() is None
    with transaction():
        db.session.execute(text("UPDATE audit_entries SET action = 'lain' WHERE number = 2"))
    assert audit.first_broken() == 2


def test_the_command_tells_a_broken_log(make: Factory) -> None:
    from contentdesk.cli import check_log

    user = make.user()
    with transaction():
        audit.record(user, "post.submit", "post", "1")
        audit.record(user, "post.submit", "post", "2")
    runner = make.app.test_cli_runner()
    assert runner.invoke(check_log).exit_code == 0
    with transaction():
        db.session.execute(text("DELETE FROM audit_entries WHERE number = 1"))
    result = runner.invoke(check_log)
    assert (result.exit_code, "entry 1" in result.output) == (1, True)
