"""The `contentdesk` command: thin, like views."""

import json
import os
import sys
from typing import IO

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy.exc import OperationalError

from contentdesk.app import create_app
from contentdesk.audit import services as audit
from contentdesk.bench import images, publish, recovery, start, tick
from contentdesk.channels import registry
from contentdesk.channels import services as logins
from contentdesk.chaos import run as chaos
from contentdesk.chaos.asked import Asked, CannotRun
from contentdesk.config import Config, WrongSetting, close_to_others, data_dir_of, from_env
from contentdesk.demo import cast, outside
from contentdesk.demo import services as demo
from contentdesk.doctor.command import doctor
from contentdesk.lib import crypto, migrate
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.publishing import checkpoints
from contentdesk.regions.queries import city
from contentdesk.regions.services import load_city
from contentdesk.users.people import create_admin

os.environ.setdefault("FLASK_SKIP_DOTENV", "1")
SANDBOX_WITHIN_S = 5.0
NO_DATABASE = "DATABASE_URL: basis data tidak menjawab. Periksa alamat, nama dan kata sandinya, lalu jalankan lagi."
NO_QUEUE = (
    "REDIS_URL: server antrean tidak menjawab. Halaman berjalan dan semua tersimpan, tetapi tidak ada yang tayang "
    "sampai server itu menjawab. Periksa alamat dan kata sandinya."
)
ONLY_HERE = (
    "PUBLIC_URL belum diisi dengan alamat yang dapat dijangkau platform: foto tidak dapat diambil dari sini, "
    "jadi akun yang tersambung belum dapat menayangkan."
)
PRACTICE_DATA = (
    "Basis data ini berisi data latihan yang kata sandinya diketahui umum; "
    "untuk bekerja sungguhan (PRACTICE=0) pakai DATA_DIR atau DATABASE_URL lain."
)


class Refused(click.ClickException):
    """In one sentence what stands in the way."""

    def show(self, file: IO[str] | None = None) -> None:
        click.echo(f"ContentDesk belum dapat dijalankan. {self.message}", file=file, err=file is None)


def _app() -> Flask:
    try:
        close_to_others(data_dir_of(os.environ))
        return create_app(from_env())
    except WrongSetting as error:
        raise Refused(str(error)) from error


@click.group(cls=FlaskGroup, create_app=_app, add_default_commands=False)
def main() -> None:
    """ContentDesk: drafts, reviews, publishes and measures the posts of a city's KIM."""


main.add_command(doctor)


@main.command("migrate")
def migrate_command() -> None:
    """Brings the tables up to date; data stays."""
    _upgrade()


def _upgrade() -> None:
    try:
        migrate.upgrade(db.engine)
    except OperationalError as error:
        raise Refused(f"{NO_DATABASE} ({str(error.orig).strip()})") from error


@main.command("prepare")
def prepare() -> None:
    """Before every start: tables, the city and, in practice mode, the demo. What is there stays."""
    config = desk().config
    _refuse_half_apps(config)
    _upgrade()
    if not config.practice and demo.was_loaded():
        raise Refused(PRACTICE_DATA)
    if city(config.city) is None:
        _load_city(config.city)
    if config.practice:
        _prepare_practice(config)
    _tell_what_is_missing(config)


def _refuse_half_apps(config: Config) -> None:
    for kind in sorted(config.half_apps & registry.KINDS.keys()):
        name = kind.upper()
        raise Refused(f"{name}_CLIENT_ID dan {name}_CLIENT_SECRET: isi keduanya, atau kosongkan keduanya.")


def _tell_what_is_missing(config: Config) -> None:
    """Not a reason to stay down: what is missing may come after the start."""
    if not demo.has_people():
        click.echo("Belum ada orang. Buat admin pertama: contentdesk admin create")
    if not (config.is_https or config.practice):
        click.echo(ONLY_HERE)
    if not config.redis_url.startswith("unix:") and not desk().bell.is_alive():
        click.echo(NO_QUEUE)


def _prepare_practice(config: Config) -> None:
    if not demo.has_people():
        answers = bool(config.platform_base_url) and outside.wait_for(config.platform_base_url, SANDBOX_WITHIN_S)
        with transaction():
            demo.load(desk(), config.platform_base_url if answers else None)
    click.echo(f"Masuk untuk latihan, kata sandi semua: {cast.PASSWORD}")
    for person in cast.PEOPLE:
        click.echo(f"  {person.name:<12}{person.login}")
    if config.platform_base_url:
        click.echo(f"Platform latihan, lihat apa yang terbit: {config.platform_base_url}/")


@main.command("new-migration", hidden=True)
@click.argument("number")
@click.argument("message")
def new_migration(number: str, message: str) -> None:
    """For developers: writes a migration from the difference between tables and models."""
    migrate.write_revision(db.engine, message, number)


@main.command("new-key")
def new_key() -> None:
    """Prints a new key for SECRET_KEYS. Put it first, keep the old ones behind it."""
    click.echo(crypto.new_key())


@main.group()
def regions() -> None:
    """Kota, kecamatan and kelurahan."""


@regions.command("load")
@click.argument("code")
def regions_load(code: str) -> None:
    """Loads the city with this Kemendagri code (such as 35.73), or brings it up to date."""
    click.echo(f"{code}: {_load_city(code)} kelurahan")


def _load_city(code: str) -> int:
    try:
        with transaction():
            return load_city(code)
    except DomainError as error:
        raise Refused(f"CITY: {error}") from error


@main.group()
def admin() -> None:
    """People who run the service."""


@admin.command("create")
@click.option("--name", prompt=True)
@click.option("--login", prompt="Phone number or e-mail")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def admin_create(name: str, login: str, password: str) -> None:
    """Makes the first admin; the others come by invitation."""
    try:
        with transaction():
            create_admin(name, login, password)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: admin")


@main.group()
def accounts() -> None:
    """Accounts on platforms."""


@accounts.command("reseal")
def accounts_reseal() -> None:
    """After a new key was put first in SECRET_KEYS: seals every secret with it, so that the old key can go."""
    with transaction():
        tokens, uploads = logins.reseal(desk().box), checkpoints.reseal(desk().box)
    done, lost = (sum(both) for both in zip(tokens, uploads, strict=True))
    click.echo(f"sealed with the newest key: {done}; opened by no key, left as they are: {lost}")


@main.command("check-log")
def check_log() -> None:
    """Whether the log of who did what is whole; exit status 1 when an entry was changed or is missing."""
    broken = audit.first_broken()
    if broken is not None:
        raise click.ClickException(f"entry {broken} does not fit the chain")
    click.echo("the log is whole")


@main.group()
def bench() -> None:
    """Measures what this machine does."""


@bench.command("images")
@click.option("--runs", default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def bench_images(runs: int, as_json: bool) -> None:
    """A 12-megapixel photo into three renditions."""
    _tell(images.run(runs), as_json)


@bench.command("start")
@click.option("--json", "as_json", is_flag=True)
def bench_start(as_json: bool) -> None:
    """From the start command to the first page, and the memory of all processes together."""
    _tell(start.run(), as_json)


@bench.command("publish")
@click.option("--deliveries", default=2000, show_default=True)
@click.option("--accounts", default=200, show_default=True)
@click.option("--prepared/--unprepared", default=True, help="Whether they were planned long enough ahead.")
@click.option("--spacing", default=0.0, help="Seconds between their moments; 0: all in the same second.")
@click.option("--database", default="", help="An empty PostgreSQL database instead of SQLite.")
@click.option("--json", "as_json", is_flag=True)
def bench_publish(deliveries: int, accounts: int, prepared: bool, spacing: float, database: str, as_json: bool) -> None:
    """How late posts leave that are due together, how many in a second, beside one forked job for each."""
    _tell(publish.run(deliveries, accounts, prepared=prepared, spacing_s=spacing, database=database), as_json)


@bench.command("recovery")
@click.option("--deliveries", default=400, show_default=True)
@click.option("--accounts", default=100, show_default=True)
@click.option("--database", default="", help="An empty PostgreSQL database instead of SQLite.")
@click.option("--json", "as_json", is_flag=True)
def bench_recovery(deliveries: int, accounts: int, database: str, as_json: bool) -> None:
    """How soon others go on with what killed publishers had in hand."""
    _tell(recovery.run(deliveries, accounts, database), as_json)


@bench.command("tick")
@click.option("--database", default="", help="Address of an empty PostgreSQL database. Default: a SQLite file.")
@click.option("--waiting", default=",".join(str(size) for size in tick.SIZES), show_default=True)
@click.option("--rounds", default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def bench_tick(database: str, waiting: str, rounds: int, as_json: bool) -> None:
    """A round of the beat with ten thousand, twenty thousand and a million deliveries that wait in the future."""
    try:
        _tell(tick.run(database, sorted(int(size) for size in waiting.split(",")), rounds), as_json)
    except tick.NotEmpty as error:
        raise click.ClickException("that database has tables already; give the address of an empty one") from error


@main.command("chaos", with_appcontext=False)
@click.option("--deliveries", default=1000, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--kills", default=50, show_default=True, type=click.IntRange(0, 1000))
@click.option("--seed", default=1, show_default=True)
@click.option("--database", default="", help="An empty PostgreSQL database of its own; without it SQLite.")
@click.option("--keep", is_flag=True, help="Leave the folder with database, logs and platforms.")
@click.option("--json", "as_json", is_flag=True)
def chaos_command(deliveries: int, kills: int, seed: int, database: str, keep: bool, as_json: bool) -> None:
    """Disturbs a service of its own in every way; exit status 1 when anything is lost, doubled or unapproved."""
    try:
        figures = chaos.run(Asked(deliveries, kills, seed, quiet=as_json), database, keep=keep)
    except CannotRun as error:
        raise click.ClickException(str(error)) from error
    _tell(figures, as_json)
    if figures["lost"] or figures["duplicated"] or figures["unapproved"]:
        sys.exit(1)


def _tell(figures: dict[str, object], as_json: bool) -> None:
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{k}: {v}" for k, v in figures.items()))
