"""`python -m contentdesk.chaos ASKED`: the run itself, in the environment that `run` made. Prints the figures."""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from flask import Flask
from sqlalchemy import inspect

from contentdesk.app import create_app
from contentdesk.chaos import processes
from contentdesk.chaos.asked import Asked, CannotRun
from contentdesk.chaos.director import Director
from contentdesk.chaos.outside import Outside
from contentdesk.chaos.people import People
from contentdesk.chaos.places import NO_LIMITS
from contentdesk.chaos.scene import Builder, Scene
from contentdesk.chaos.settle import settle, share_done, standings
from contentdesk.chaos.verdict import Verdict
from contentdesk.chaos.warp import VARIABLE, Warp
from contentdesk.child import end_with_parent
from contentdesk.config import Config, close_to_others, from_env
from contentdesk.lib import migrate
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.http import Http, NoAnswer
from contentdesk.users.models import User

Tell = Callable[[str], None]
PAGES_WITHIN_S = 180
NOT_OURS = "the database has people in it: give an empty one, everything in it is invented and disturbed"


def main(asked: Asked) -> dict[str, object]:
    begun = monotonic()
    tell = _teller(asked, begun)
    processes.adopt_orphans()
    end_with_parent(os.getppid())
    signal.signal(signal.SIGTERM, _leave)
    config = from_env()
    close_to_others(config.data_dir)
    app, stage = create_app(config), processes.Stage(config)
    with app.app_context():
        _refuse_foreign()
        migrate.upgrade(db.engine)
        try:
            figures = _run(app, config, stage, asked, tell)
        finally:
            stage.end()
    return figures | {"seed": asked.seed, "database": db_name(config), "seconds": round(monotonic() - begun, 1)}


def _leave(*_: object) -> None:
    """Told to end: whatever was started ends first."""
    raise CannotRun("ended before its time")


def _run(app: Flask, config: Config, stage: processes.Stage, asked: Asked, tell: Tell) -> dict[str, object]:
    outside = Outside(config.platform_base_url)
    warp = Warp(Path(os.environ[VARIABLE]), outside.pass_by)
    stage.start_outside()
    outside.wait()
    outside.tell("reset", dict(NO_LIMITS))
    stage.keep_up()
    _wait_for_pages(config.public_url)
    scene = _build(outside, asked)
    tell(f"{len(scene.ledger.cases)} deliveries of {len(scene.posts)} posts, due within {asked.window_s:.0f} s")
    director, people = Director(config, stage, outside, warp, asked), People(app, scene, warp, asked.seed)
    director.disturb_platforms()
    people.start()
    director.play(scene.begins.timestamp(), share_done, tell)
    people.stop()
    director.calm()
    settle(scene, warp, stage.keep_up, tell)
    verdict = Verdict(scene, outside.public(), standings(scene))
    return verdict.figures(warp) | {
        "kills": director.kills,
        "faults": dict(director.done),
        "people": dict(people.done),
    }


def _build(outside: Outside, asked: Asked) -> Scene:
    with transaction():
        scene = Builder(desk(), outside, asked).build()
    db.session.remove()
    return scene


def _refuse_foreign() -> None:
    if inspect(db.engine).has_table(User.__tablename__) and db.session.query(User.id).first():
        raise CannotRun(NOT_OURS)
    db.session.rollback()


def _wait_for_pages(url: str) -> None:
    http = Http(may_be_private=True)
    for _ in range(PAGES_WITHIN_S * 10):
        try:
            http.call("GET", f"{url}/sehat", timeout_s=(2, 2))
        except NoAnswer:
            processes.PAUSE.wait(0.1)
        else:
            return
    raise CannotRun("the pages did not come; see log/crew.log in the data folder (--keep)")


def _teller(asked: Asked, begun: float) -> Tell:
    def tell(what: str) -> None:
        if not asked.quiet:
            sys.stderr.write(f"[{monotonic() - begun:6.1f}] {what}\n")

    return tell


def db_name(config: Config) -> str:
    return "sqlite" if config.database_url.startswith("sqlite") else "postgresql"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    try:
        sys.stdout.write(json.dumps(main(Asked(**json.loads(sys.argv[1])))))
    except CannotRun as error:
        sys.stdout.write(str(error))
        sys.exit(2)
