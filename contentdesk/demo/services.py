"""Loads what a practice needs: a city with its KIM, people to sign in as, a past and work on the desk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from contentdesk.audit import services as audit
from contentdesk.audit.models import AuditEntry
from contentdesk.demo import cast, crew, outside, past, present, scenes, story
from contentdesk.demo.props import Props
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.desk import Desk
from contentdesk.regions import queries as regions
from contentdesk.regions.services import load_city
from contentdesk.users.models import User

LOADED = "demo.load"
"""In the log, for good: this database was loaded for practice."""


def has_people() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None


def was_loaded() -> bool:
    """Whether this database holds the people whose password everybody can read."""
    return db.session.scalar(select(AuditEntry.number).where(AuditEntry.action == LOADED).limit(1)) is not None


def load(at: Desk, sandbox_url: str | None) -> None:
    """Does nothing once there are people, so every start keeps what was there.

    Speaks with the practice platforms within the open transaction: this runs before anything is served, so
    nobody waits for it. If they do not answer, accounts have to be connected later and all else is there.
    """
    if has_people():
        return
    city = at.config.city
    if regions.city(city) is None:
        load_city(city)
    groups = crew.groups_of(city)
    history = story.history(groups, clock.now()) if city == cast.CITY else []
    with ThreadPoolExecutor(1) as aside:
        told = aside.submit(_stage, sandbox_url, groups, history)
        props = Props(scenes.store_all(at.files), at.files)
        stage = told.result()
    everybody = crew.gather(groups, stage, at.box)
    past.write(history, stage, everybody, props)
    if city == cast.CITY:
        present.write(everybody, props, at.files, timedelta(hours=at.config.grace_hours))
    audit.record(None, LOADED, "city", city, kim=len(groups), published=len(history))


def _stage(url: str | None, groups: list[story.Group], history: list[story.Past]) -> outside.Stage:
    return outside.set_up(url, crew.AUTOMATIC, groups, history) if url else outside.Stage()
