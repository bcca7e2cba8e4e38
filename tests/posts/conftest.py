"""A KIM and a member of it at a browser."""

import pytest
from flask.testing import FlaskClient

from contentdesk.kim.models import Kim
from contentdesk.users.models import User
from tests.factories import Factory


@pytest.fixture
def kim(make: Factory) -> Kim:
    return make.kim()


@pytest.fixture
def author(make: Factory, kim: Kim) -> User:
    return make.user(kim=kim)


@pytest.fixture
def browser(make: Factory, author: User) -> FlaskClient:
    return make.signed_in(author)
