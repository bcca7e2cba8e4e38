"""What people see when something fails, and what never gets into a message."""

import pytest
from sqlalchemy.exc import IntegrityError

from contentdesk.access.permissions import Role
from contentdesk.lib.db import transaction
from contentdesk.users.models import User
from tests.factories import Factory


def test_a_refused_row_says_nothing_of_what_was_in_it(make: Factory) -> None:
    known = make.user(login="rahasia@contoh.test")
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.add(User(name="Lain", login=known.login, role=Role.ADMIN, password_hash="segel-rahasia"))
    said = f"{refused.value} {refused.value.orig}"
    assert "unique" in said.lower()
    assert "rahasia" not in said
