"""A video from the hand-in to the files that go out: real ffmpeg, tiny videos."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, update

from contentdesk.access.permissions import Role
from contentdesk.channels.base import VideoRule
from contentdesk.lib import clock, ids
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import NotPermitted
from contentdesk.media import encoding, fence, preparing, probing, videos
from contentdesk.media.clips import smaller_shape
from contentdesk.media.models import Asset, AssetState, Rendition
from contentdesk.media.probing import BadVideo, Probed
from tests.factories import Factory
from tests.media import clips
from tests.media.made import fresh, handed_in, prepared
from tests.servers import wait_until
from workers import media


def file_of(rendition: Rendition | None) -> tuple[Path, Probed]:
    assert rendition is not None
    desk().files.verify(rendition.sha256, ".mp4")
    path = desk().files.path_of(rendition.sha256, ".mp4")
    return path, probing.probe(path)


def on_the_bench() -> list[str]:
    return [path.name for path in desk().files.bench("x").parent.iterdir()]


def test_a_video_becomes_one_file_that_every_platform_takes(make: Factory) -> None:
    asset = handed_in(make.user(), clips.upright())
    assert (asset.state, asset.width, asset.height) == (AssetState.PREPARING, 180, 320)
    assert videos.video_for(asset, VideoRule()) is None
    media.step(asset.id, desk(), ())
    asset = fresh(asset)
    assert (asset.state, asset.fps, asset.width, asset.height) == (AssetState.READY, 30.0, 180, 320)
    assert asset.seconds == pytest.approx(clips.SECONDS, abs=0.1)
    path, found = file_of(videos.video_for(asset, VideoRule()))
    assert (found.video_codec, found.pixels, found.audio_codec, found.audio_hz) == ("h264", "yuv420p", "aac", 48_000)
    assert encoding.boxes(path)[:2] == ["ftyp", "moov"]
    assert (path.stat().st_size, videos.house_of(asset).sha256[:4]) == (asset.size, path.name[:4])


@pytest.mark.any_database
def test_no_place_and_no_edit_list_is_left_and_what_was_handed_in_is_gone(make: Factory) -> None:
    assert clips.PLACE.encode() in clips.upright()
    asset = prepared(make.user(), clips.upright())
    path, found = file_of(videos.house_of(asset))
    data = path.read_bytes()
    assert clips.PLACE.encode() not in data
    assert b"elst" not in data
    assert not [name for name in found.tags if "location" in name or "date" in name or "creation" in name]
    assert on_the_bench() == []


@pytest.mark.any_database
def test_a_video_that_players_have_to_turn_stands_upright_afterwards(make: Factory) -> None:
    user = make.user()
    asset = prepared(user, clips.turned())
    _path, found = file_of(videos.house_of(asset))
    assert (found.width, found.height, found.turned) == (180, 320, False)
    poster = Image.open(BytesIO(desk().files.read_verified(asset.preview_sha256, ".jpg"))).convert("RGB")
    assert poster.height > poster.width
    top, bottom = poster.getpixel((90, 20)), poster.getpixel((90, 300))
    assert {top.index(max(top)), bottom.index(max(bottom))} == {0, 2}


@pytest.mark.any_database
def test_odd_sizes_slow_pictures_and_silence_are_no_trouble(make: Factory) -> None:
    asset = prepared(make.user(), clips.webm())
    _path, found = file_of(videos.house_of(asset))
    assert (found.width, found.height, found.fps, found.audio_codec) == (320, 240, 30.0, None)


@pytest.mark.long
@pytest.mark.any_database
def test_what_is_too_large_is_made_smaller(make: Factory) -> None:
    asset = prepared(make.user(), clips.large())
    path, found = file_of(videos.house_of(asset))
    assert (found.width, found.height, found.fps) == (960, 1920, 60.0)
    assert path.stat().st_size * 8 / 1000 <= 8_000 * (found.seconds + 1)
    assert VideoRule().max_kbps == 8_000
    assert videos.video_for(asset, VideoRule()).key == videos.house_of(asset).key


@pytest.mark.any_database
def test_hdr_of_newer_phones_becomes_ordinary_light(make: Factory) -> None:
    asset = prepared(make.user(), clips.hdr())
    _path, found = file_of(videos.house_of(asset))
    assert (found.pixels, found.transfer) == ("yuv420p", "bt709")


def test_a_channel_with_tighter_limits_gets_a_file_of_its_own_and_the_others_share_one(make: Factory) -> None:
    tight = VideoRule(max_side=160, max_bytes=40_000, max_fps=25.0)
    asset = prepared(make.user(), clips.upright(), (tight, VideoRule()))
    small, house = videos.video_for(asset, tight), videos.video_for(asset, VideoRule())
    path, found = file_of(small)
    assert max(found.width, found.height) <= 160
    assert (path.stat().st_size <= 40_000, found.fps) == (True, 25.0)
    assert house.key != small.key
    assert db.session.scalar(select(func.count(Rendition.key))) == 2


def test_a_channel_that_comes_later_has_the_missing_file_made(make: Factory) -> None:
    asset = prepared(make.user(), clips.upright())
    tight = VideoRule(max_side=160)
    with transaction():
        assert preparing.take_up_missing(lambda _kim: [VideoRule()], clock.now()) == 0
        assert preparing.take_up_missing(lambda _kim: [tight], clock.now()) == 1
    assert videos.video_for(fresh(asset), tight) is None
    media.step(asset.id, desk(), (tight,))
    assert videos.video_for(fresh(asset), tight) is not None
    assert fresh(asset).state == AssetState.READY


def test_a_video_too_long_for_a_channel_gets_no_file_for_it(make: Factory) -> None:
    short = VideoRule(max_seconds=1.0, max_side=160)
    asset = prepared(make.user(), clips.upright(), (short,))
    assert asset.state == AssetState.READY
    assert db.session.scalar(select(func.count(Rendition.key))) == 1


def test_a_video_too_small_for_a_channel_is_never_made_larger(make: Factory) -> None:
    wide = VideoRule(min_width=182, min_height=320, max_kbps=100)
    asset = prepared(make.user(), clips.upright(), (wide,))
    assert (asset.state, asset.width, asset.height) == (AssetState.READY, 180, 320)
    assert db.session.scalar(select(func.count(Rendition.key))) == 1


def test_few_bits_never_push_a_side_below_what_a_channel_takes() -> None:
    house = Rendition(width=1080, height=1920, size=9_000_000, seconds=80.0, fps=30.0)
    lean = VideoRule(max_bytes=3_000_000)
    assert max(smaller_shape(house, lean).width, smaller_shape(house, lean).height) == 640
    shape = smaller_shape(house, replace(lean, min_width=540, min_height=960))
    assert (540 <= shape.width < 560, 960 <= shape.height < 980) == (True, True)


@pytest.mark.parametrize("words", clips.BAD)
@pytest.mark.any_database
def test_what_is_no_good_video_gets_its_sentence(app: Flask, words: str) -> None:
    data = clips.BAD[words]()
    with pytest.raises(BadVideo) as told:
        videos.receive(BytesIO(data), len(data), desk().files)
    assert words in str(told.value)
    assert on_the_bench() == []


class _Page(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listening() -> Iterator[str]:
    _Page.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/rahasia.ts"
    server.shutdown()
    server.server_close()


@pytest.mark.any_database
def test_a_playlist_reads_no_other_file_and_asks_no_address(app: Flask, tmp_path: Path, listening: str) -> None:
    secret = tmp_path / "rahasia.mp4"
    secret.write_bytes(clips.upright())
    for data in (clips.playlist(secret), clips.web_playlist(listening), clips.concat(secret)):
        with pytest.raises(BadVideo, match="bukan video"):
            videos.receive(BytesIO(data), len(data), desk().files)
    assert _Page.asked == []


def test_too_much_is_refused_before_a_byte_is_read(app: Flask) -> None:
    class Untouched:
        def read(self, size: int, /) -> bytes:
            raise AssertionError("was read")

    with pytest.raises(BadVideo, match=r"3000 MB, paling besar 500 MB"):
        videos.receive(Untouched(), 3_000_000_000, desk().files)


def test_who_announces_little_and_sends_much_is_stopped(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "MAX_BYTES", 3_000_000)
    sent = BytesIO(bytes(5_000_000))
    with pytest.raises(BadVideo, match="paling besar 3 MB"):
        videos.receive(sent, 10, desk().files)
    assert sent.tell() < 5_000_000
    assert on_the_bench() == []


def test_without_ffmpeg_a_video_is_refused_with_what_to_install(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nirgendwo")
    with pytest.raises(BadVideo, match="memasang program ffmpeg"):
        videos.receive(BytesIO(clips.BAD["bukan video"]()), None, desk().files)


def test_the_same_video_again_is_the_same_one(make: Factory) -> None:
    user = make.user()
    first = prepared(user, clips.upright())
    again = handed_in(user, clips.upright())
    assert (again.id, fresh(again).state) == (first.id, AssetState.READY)
    other = handed_in(make.user(), clips.upright())
    assert other.id != first.id
    assert on_the_bench() == [f"{other.id}.source"]


def test_a_video_that_failed_may_be_handed_in_again(make: Factory) -> None:
    user = make.user()
    asset = handed_in(user, clips.upright())
    desk().files.bench(f"{asset.id}.source").unlink()
    media.step(asset.id, desk(), ())
    assert (fresh(asset).state, "tidak ada lagi" in fresh(asset).problem) == (AssetState.FAILED, True)
    assert prepared(user, clips.upright()).state == AssetState.READY
    assert fresh(asset).problem is None


def test_a_video_whose_file_was_lost_is_made_again_from_a_new_copy(make: Factory) -> None:
    user = make.user()
    asset = prepared(user, clips.upright())
    house = videos.house_of(asset)
    desk().files.path_of(house.sha256, ".mp4").unlink()
    assert prepared(user, clips.upright()).id == asset.id
    file_of(videos.house_of(fresh(asset)))


def test_only_who_writes_posts_hands_videos_in(make: Factory) -> None:
    member, reviewer = make.user(), make.user(Role.REVIEWER)
    received = videos.receive(BytesIO(clips.upright()), None, desk().files)
    with pytest.raises(NotPermitted), transaction():
        videos.keep_video(reviewer, member.kim_id, received, desk().files)


def lease_ends(asset: Asset) -> None:
    with transaction():
        past = clock.now() - timedelta(seconds=1)
        db.session.execute(update(Asset).where(Asset.id == asset.id).values(lease_until=past))


def test_of_two_workers_one_prepares_a_video(make: Factory) -> None:
    asset = handed_in(make.user(), clips.upright())
    with transaction():
        assert preparing.claim(asset.id, "satu", clock.now()) is not None
        assert preparing.claim(asset.id, "dua", clock.now()) is None
    media.step(asset.id, desk(), ())
    assert fresh(asset).state == AssetState.PREPARING


def test_who_lost_the_lease_writes_nothing(make: Factory) -> None:
    asset = handed_in(make.user(), clips.upright())
    with transaction():
        preparing.claim(asset.id, "lama", clock.now())
    lease_ends(asset)
    with transaction():
        preparing.claim(asset.id, "baru", clock.now())
        assert not preparing.renew(asset.id, "lama", clock.now())
        assert not preparing.fail(asset.id, "lama", "gagal")
        row = Rendition(key=ids.new(), asset_id=asset.id, sha256="0" * 64, size=1, width=1, height=1)
        assert not preparing.keep(asset.id, "lama", row, clock.now())
    assert fresh(asset).state == AssetState.PREPARING


def test_what_is_no_fault_of_the_video_is_tried_three_times(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Probed:
        raise fence.Interrupted("stromlos")

    monkeypatch.setattr(encoding, "encode", interrupted)
    asset = handed_in(make.user(), clips.upright())
    for _ in range(3):
        media.step(asset.id, desk(), ())
        assert fresh(asset).state == AssetState.PREPARING
        assert preparing.due(clock.now()) == []
        lease_ends(asset)
    media.step(asset.id, desk(), ())
    assert (fresh(asset).state, fresh(asset).problem) == (AssetState.FAILED, preparing.GIVEN_UP)


def test_the_beat_rings_for_what_nobody_prepares(make: Factory) -> None:
    asset = handed_in(make.user(), clips.upright())
    media.ring_due(desk(), clock.now())
    assert desk().bell.connection.llen("rq:queue:media") == 1
    with transaction():
        preparing.claim(asset.id, "lama", clock.now())
    assert preparing.due(clock.now()) == []
    lease_ends(asset)
    assert preparing.due(clock.now()) == [asset.id]


def test_the_bench_is_cleared_of_what_killed_processes_left(make: Factory) -> None:
    asset = handed_in(make.user(), clips.upright())
    left = desk().files.bench("sisa.source")
    left.write_bytes(b"x")
    media.clear_bench(left.parent, clock.now())
    assert left.exists()
    media.clear_bench(left.parent, clock.now() + timedelta(days=2))
    assert on_the_bench() == [f"{asset.id}.source"]


WORKER = """
import sys
from contentdesk.media import encoding
from workers import media
encoding._sound = lambda shape: ["-af", "arealtime", "-vf", "realtime=speed=0.01", *["-c:a", "aac"]]
media.prepare(sys.argv[1])
"""


def encoders(path: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "ffmpeg" and path in " ".join(process.info["cmdline"] or []):
            found.append(process)
    return found


def test_a_killed_worker_takes_its_encoder_along_and_another_one_finishes(make: Factory) -> None:
    asset = handed_in(make.user(), clips.upright())
    config = desk().config
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url.replace("postgresql+psycopg", "postgresql"),
        "REDIS_URL": config.redis_url,
        "SECRET_KEYS": config.secret_keys[0],
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER, asset.id], env=env)
    wait_until(lambda: encoders(asset.id), 20)
    worker.kill()
    worker.wait()
    wait_until(lambda: not encoders(asset.id), 5)
    assert fresh(asset).state == AssetState.PREPARING
    media.step(asset.id, desk(), ())
    assert fresh(asset).state == AssetState.PREPARING, "its lease still runs"
    lease_ends(asset)
    media.step(asset.id, desk(), ())
    assert fresh(asset).state == AssetState.READY
