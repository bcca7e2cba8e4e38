"""Videos over HTTP: who may see them, what a bad one answers, what a platform gets."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.serving import make_server

from contentdesk.access.permissions import Role
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.desk import desk
from contentdesk.media import links, videos
from contentdesk.media.models import Asset, AssetState
from tests.factories import Factory
from tests.media import clips
from workers import media

JSON = {"Accept": "application/json"}


def sent(client: FlaskClient, data: bytes, **headers: str) -> Any:
    """As the composer sends it: the body is the video."""
    return client.post("/video", data=data, content_type="video/mp4", headers=JSON | headers)


def test_a_video_is_handed_in_prepared_and_played_in_parts(make: Factory) -> None:
    client = make.signed_in(make.user())
    answer = sent(client, clips.upright())
    assert (answer.status_code, answer.json["media"], answer.json["state"]) == (201, "video", "preparing")
    asset_id = answer.json["id"]
    assert client.get(answer.json["thumb"]).data.startswith(b"\xff\xd8\xff")
    assert client.get(f"/video/{asset_id}.mp4").status_code == 404
    assert "Disiapkan" in client.get(f"/video/{asset_id}/keadaan").text
    assert desk().bell.connection.llen("rq:queue:media") == 1
    media.step(asset_id, desk(), ())
    assert "<video" in client.get(f"/video/{asset_id}/keadaan").text
    whole = client.get(f"/video/{asset_id}.mp4")
    assert (whole.status_code, whole.mimetype, whole.data[4:8]) == (200, "video/mp4", b"ftyp")
    part = client.get(f"/video/{asset_id}.mp4", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"


def test_a_form_may_carry_the_video_in_a_field(make: Factory) -> None:
    client = make.signed_in(make.user())
    answer = client.post("/video", data={"video": (BytesIO(clips.upright()), "liburan.mp4")})
    assert answer.status_code == 201
    assert "Disiapkan" in answer.text


@pytest.mark.parametrize("words", ["kosong", "bukan video", "tidak utuh"])
def test_a_bad_video_is_told_in_a_sentence(make: Factory, words: str) -> None:
    answer = sent(make.signed_in(make.user()), clips.BAD[words]())
    assert answer.status_code == 422
    assert words in answer.json["error"]
    assert db.session.scalar(select(func.count(Asset.id))) == 0


def test_a_video_that_failed_says_why(make: Factory) -> None:
    user = make.user()
    asset = make.asset(user, media="video", state=AssetState.FAILED, problem="Video ini tidak utuh.")
    page = make.signed_in(user).get(f"/video/{asset.id}/keadaan").text
    assert "Video ini tidak utuh." in page
    assert "<video" not in page


@pytest.fixture
def served(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.port
    server.shutdown()
    server.server_close()


def test_three_gigabytes_are_refused_at_once_and_nothing_is_read(make: Factory, served: int) -> None:
    client = make.signed_in(make.user())
    cookie = client.get_cookie("contentdesk")
    head = (
        "POST /video HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: video/mp4\r\n"
        f"Cookie: contentdesk={cookie.value}\r\nContent-Length: 3000000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served), timeout=5) as line:
        line.sendall(head.encode())
        answer = line.recv(65536)
        while b"500 MB" not in answer and (more := line.recv(65536)):
            answer += more
    assert answer.split()[1] == b"413"
    assert b"3.000 MB" in answer


def test_without_ffmpeg_the_answer_says_what_is_missing(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make.signed_in(make.user())
    data = clips.upright()
    monkeypatch.setenv("PATH", "/nirgendwo")
    answer = sent(client, data)
    assert (answer.status_code, "ffmpeg" in answer.json["error"]) == (503, True)


def test_only_the_own_kim_and_the_city_see_a_video(make: Factory) -> None:
    user = make.user()
    asset_id = sent(make.signed_in(user), clips.upright()).json["id"]
    media.step(asset_id, desk(), ())
    for path in (f"/video/{asset_id}.mp4", f"/video/{asset_id}/keadaan"):
        assert make.signed_in(make.user(Role.REVIEWER)).get(path).status_code == 200
        assert make.signed_in(make.user()).get(path).status_code == 404
        assert make.app.test_client().get(path).status_code == 302
    assert sent(make.signed_in(make.user(Role.REVIEWER)), clips.upright()).status_code == 403


def test_a_platform_fetches_a_shared_video_whole_or_in_parts(client: FlaskClient) -> None:
    data = clips.upright()
    stored, config = desk().files.put(data, ".mp4"), desk().config
    url = links.shared_url(config.public_url, config.secret_keys[0], stored.sha256, timedelta(hours=1), ".mp4")
    path = url.removeprefix(config.public_url)
    whole, head = client.get(path), client.head(path)
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "video/mp4", data)
    assert (head.status_code, head.content_length, head.data) == (200, len(data), b"")
    assert client.get(path, headers={"Range": "bytes=-10"}).data == data[-10:]
    assert client.get(path.replace(".mp4", ".jpg")).status_code == 404
    assert client.get(path.replace("/m/", "/m/A")).status_code == 404


@pytest.mark.parametrize("field", [False, True])
def test_one_person_fills_no_disk_with_videos(make: Factory, monkeypatch: pytest.MonkeyPatch, field: bool) -> None:
    monkeypatch.setattr(videos, "MOST_A_DAY", 2)
    kim = make.kim()
    user, another = make.user(kim=kim), make.user(kim=kim)
    make.asset(user, media="video", created_at=clock.now() - timedelta(hours=25))
    make.asset(user, media="video")
    client = make.signed_in(user)
    assert sent(client, clips.upright()).status_code == 201
    if field:
        form = {"title": "Judul", "text": "Teks", "photos": (BytesIO(clips.reel()), "liburan.mp4")}
        assert "2 video" in client.post("/unggahan/baru", data=form, follow_redirects=True).text
    else:
        answer = sent(client, clips.reel())
        assert (answer.status_code, "2 video" in answer.json["error"]) == (429, True)
    assert db.session.scalar(select(func.count(Asset.id))) == 3
    assert sent(make.signed_in(another), clips.reel()).status_code == 201


def test_a_video_never_takes_the_last_of_the_disk(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "KEPT_FREE_BYTES", 10**18)
    answer = make.signed_in(make.user()).post("/video", data=clips.upright(), content_type="video/mp4")
    assert answer.status_code == 507
    assert "Penyimpanan penuh" in answer.text
    assert list(desk().files.bench("x").parent.iterdir()) == []
