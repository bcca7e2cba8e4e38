"""TikTok as it is played: the envelope, pieces of a video, limits, statuses, the inbox, the list."""

import hashlib
from typing import Any

import pytest
import requests

from tests.channels.videos import mp4_bytes
from tests.sandbox.conftest import jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until

MIB = 1024 * 1024
QUICK = {"tiktok_processing_s": 0.0, "tiktok_moderation_s": 0.0}
INFO = {"title": "Keripik tempe", "privacy_level": "PUBLIC_TO_EVERYONE", "disable_comment": True}


class Api:
    """A caller with the token of one account."""

    def __init__(self, sandbox: SandboxProcess, **wishes: object) -> None:
        self.sandbox = sandbox
        self.account = sandbox.account("kim.latihan", platform="tiktok", **wishes)
        self.id = self.account["id"]
        self.token = self.account["access_token"]

    def ask(self, path: str, body: Any = None, method: str = "POST", **params: str) -> requests.Response:
        url = f"{self.sandbox.url}/open.tiktokapis.com/v2/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, url, json=body or {}, params=params, headers=headers, timeout=10)

    def good(self, path: str, body: Any = None, method: str = "POST", **params: str) -> dict[str, Any]:
        answer = self.ask(path, body, method, **params).json()
        assert answer["error"]["code"] == "ok", answer
        return dict(answer["data"])

    def word(self, path: str, body: Any = None) -> str:
        return str(self.ask(path, body).json()["error"]["code"])

    def begin(self, size: int, chunk: int = 0, count: int = 1, path: str = "video") -> dict[str, Any]:
        source = {"video_size": size, "chunk_size": chunk or size, "total_chunk_count": count}
        body: dict[str, Any] = {"source_info": {"source": "FILE_UPLOAD"} | source}
        return self.good(f"post/publish/{path}/init/", body if "inbox" in path else body | {"post_info": INFO})

    def put(self, url: str, piece: bytes, first: int, total: int, **headers: str) -> requests.Response:
        told = {"Content-Type": "video/mp4", "Content-Range": f"bytes {first}-{first + len(piece) - 1}/{total}"}
        address = f"{self.sandbox.url}/{url.removeprefix('https://')}"
        return requests.put(address, data=piece, headers=told | headers, timeout=10)

    def upload(self, body: bytes, path: str = "video") -> str:
        made = self.begin(len(body), path=path)
        assert self.put(made["upload_url"], body, 0, len(body)).status_code == 201
        return str(made["publish_id"])

    def status(self, publish_id: str) -> dict[str, Any]:
        return self.good("post/publish/status/fetch/", {"publish_id": publish_id})


@pytest.fixture
def api(sandbox: SandboxProcess) -> Api:
    sandbox.admin("settings", QUICK)
    return Api(sandbox)


def test_pieces_are_put_together_and_only_the_next_one_is_taken(api: Api) -> None:
    body = bytes(range(256)) * 48 * 1024  # 12 MiB, no film
    chunk = 5 * MIB
    made = api.begin(len(body), chunk, 2)
    url, rest = made["upload_url"], body[chunk:]
    assert api.put(url, rest, chunk, len(body)).status_code == 416
    first = api.put(url, body[:chunk], 0, len(body))
    assert (first.status_code, first.headers["Content-Range"]) == (206, f"bytes 0-{chunk - 1}/{len(body)}")
    again = api.put(url, body[:chunk], 0, len(body))
    assert (again.status_code, again.headers["Content-Range"]) == (416, f"bytes 0-{chunk - 1}/{len(body)}")
    assert api.put(url, rest[:-1], chunk, len(body)).status_code == 416
    assert api.status(made["publish_id"])["uploaded_bytes"] == chunk
    assert api.put(url, rest, chunk, len(body)).status_code == 201
    digest = hashlib.sha256(body).hexdigest()
    stored = requests.get(f"{api.sandbox.url}/_media/{digest}.mp4", timeout=10)
    assert hashlib.sha256(stored.content).hexdigest() == digest
    failed = api.status(made["publish_id"])
    assert (failed["status"], failed["fail_reason"]) == ("FAILED", "file_format_check_failed")
    assert api.sandbox.published() == []


def test_wrong_pieces_are_refused_and_the_address_ends_after_an_hour(api: Api) -> None:
    body = mp4_bytes()
    url = api.begin(len(body))["upload_url"]
    assert api.put(url, body, 0, len(body), **{"Content-Range": "bytes 0-9"}).status_code == 400
    assert api.put(url, body, 0, len(body), **{"Content-Type": "text/plain"}).status_code == 400
    assert api.put(url, body, 0, len(body) + 1).status_code == 400
    assert api.put(url.replace("upload_token=", "upload_token=x"), body, 0, len(body)).status_code == 404
    api.sandbox.admin("clock", {"offset_s": 3601})
    assert api.put(url, body, 0, len(body)).status_code == 403
    assert api.sandbox.published() == []


@pytest.mark.parametrize(
    ("size", "chunk", "count", "taken"),
    [
        (50_000_123, 10_000_000, 5, True),
        (50_000_123, 10_000_000, 6, False),
        (4_000_000, 4_000_000, 1, True),
        (9_000_000, 4_000_000, 2, False),
        (70 * MIB, 70 * MIB, 1, False),
        (130 * MIB, 64 * MIB, 2, True),
        (150 * MIB, 65 * MIB, 2, False),
        (0, 0, 1, False),
    ],
)
def test_pieces_have_their_sizes(api: Api, size: int, chunk: int, count: int, taken: bool) -> None:
    source = {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count}
    word = api.word("post/publish/video/init/", {"post_info": INFO, "source_info": source})
    assert word == ("ok" if taken else "invalid_params")


def test_a_video_gets_its_id_only_after_it_was_looked_at(api: Api) -> None:
    api.sandbox.admin("settings", {"tiktok_processing_s": 60.0, "tiktok_moderation_s": 600.0, "tiktok_token_s": 1e6})
    api = Api(api.sandbox)
    publish_id = api.upload(mp4_bytes())
    assert len(publish_id) <= 64
    assert api.status(publish_id)["status"] == "PROCESSING_UPLOAD"
    api.sandbox.admin("clock", {"offset_s": 61})
    done = api.status(publish_id)
    assert (done["status"], done["publicaly_available_post_id"]) == ("PUBLISH_COMPLETE", [])
    assert api.good("video/list/", {}, fields="id")["videos"] == []
    api.sandbox.admin("clock", {"offset_s": 700})
    [post_id] = api.status(publish_id)["publicaly_available_post_id"]
    [public] = api.sandbox.published()
    assert isinstance(post_id, int)
    assert post_id > 2**53
    assert str(post_id) == public["id"]
    assert [row["id"] for row in api.good("video/list/", {}, fields="id")["videos"]] == [public["id"]]


def test_a_film_that_is_too_long_for_the_account_fails(api: Api) -> None:
    api.sandbox.admin("platforms/tiktok/creator", {"account_id": api.id, "max_seconds": 3})
    assert api.status(api.upload(mp4_bytes(5)))["fail_reason"] == "duration_check_failed"


def test_a_film_with_a_side_below_360_pixels_fails(api: Api) -> None:
    assert api.status(api.upload(mp4_bytes(5, 358, 640)))["fail_reason"] == "picture_size_check_failed"
    assert api.sandbox.published() == []
    assert api.status(api.upload(mp4_bytes(5, 360, 640)))["fail_reason"] == ""


def test_words_and_statuses_of_refusals(api: Api) -> None:
    private = INFO | {"privacy_level": "FOLLOWER_OF_CREATOR"}
    source = {"source": "FILE_UPLOAD", "video_size": 10, "chunk_size": 10, "total_chunk_count": 1}
    path = "post/publish/video/init/"
    refused = api.ask(path, {"post_info": private, "source_info": source})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "privacy_level_option_mismatch")
    api.sandbox.admin("settings", {"tiktok_errors_as_200": True})
    assert api.ask(path, {"post_info": private, "source_info": source}).status_code == 200
    long = INFO | {"title": "🎉" * 1101}
    assert api.word(path, {"post_info": long, "source_info": source}) == "invalid_params"
    api.sandbox.admin("settings", {"tiktok_audited": False})
    wanted = "unaudited_client_can_only_post_to_private_accounts"
    assert api.word(path, {"post_info": INFO, "source_info": source}) == wanted
    api.token = "act.mati"
    assert api.word(path) == "access_token_invalid"


def test_limits_of_a_minute_and_of_a_day(api: Api) -> None:
    words = [api.word("post/publish/inbox/video/init/") for _ in range(7)]
    assert words == ["invalid_params"] * 6 + ["rate_limit_exceeded"]
    assert [api.word("post/publish/creator_info/query/") for _ in range(21)][-2:] == ["ok", "rate_limit_exceeded"]
    assert [api.word("post/publish/status/fetch/") for _ in range(31)][-1] == "rate_limit_exceeded"
    api.sandbox.admin("clock", {"offset_s": 61})
    assert api.word("post/publish/creator_info/query/") == "ok"
    api.sandbox.admin("settings", {"tiktok_posts_per_day": 1})
    api.upload(mp4_bytes())
    assert api.word("post/publish/creator_info/query/") == "spam_risk_too_many_posts"


def test_the_inbox_waits_for_the_person_and_takes_five(api: Api) -> None:
    body = mp4_bytes()
    first = api.upload(body, "inbox/video")
    assert api.status(first)["status"] == "SEND_TO_USER_INBOX"
    assert api.sandbox.published() == []
    for _ in range(4):
        api.begin(len(body), path="inbox/video")
    source = {"source": "FILE_UPLOAD", "video_size": 10, "chunk_size": 10, "total_chunk_count": 1}
    assert api.word("post/publish/inbox/video/init/", {"source_info": source}) == "spam_risk_too_many_pending_share"
    posted = api.sandbox.admin("platforms/tiktok/finish_in_app", {"publish_id": first, "caption": "Dari ponsel"})
    done = api.status(first)
    assert done["publicaly_available_post_id"] == [int(posted["post_id"])]
    [public] = api.sandbox.published()
    assert (public["caption"], public["images"][0]["sha256"]) == ("Dari ponsel", hashlib.sha256(body).hexdigest())
    page = requests.get(f"{api.sandbox.url}/{posted['permalink'].removeprefix('https://')}", timeout=5)
    assert "Dari ponsel" in page.text


def content(urls: list[str], mode: str = "DIRECT_POST") -> dict[str, Any]:
    info = {"title": "Judul", "description": "Teks", "privacy_level": "PUBLIC_TO_EVERYONE"}
    source = {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": 0}
    return {"media_type": "PHOTO", "post_mode": mode, "post_info": info, "source_info": source}


def settled(api: Api, publish_id: str) -> dict[str, Any]:
    def ask() -> dict[str, Any] | None:
        status = api.status(publish_id)
        return None if status["status"].startswith("PROCESSING") else status

    return dict(wait_until(ask, every_s=0.2))


def test_photos_are_really_fetched(api: Api, media: MediaServer) -> None:
    photo = jpeg((1080, 1350))
    made = api.good("post/publish/content/init/", content([media.add("1.jpg", photo)]))
    assert settled(api, made["publish_id"])["status"] == "PUBLISH_COMPLETE"
    [public] = api.sandbox.published()
    assert (public["caption"], public["images"][0]["sha256"]) == ("Teks", hashlib.sha256(photo).hexdigest())


@pytest.mark.parametrize(
    ("name", "how", "reason"),
    [
        ("1.png", {"content_type": "image/png"}, "file_format_check_failed"),
        ("1.jpg", {"status": 404}, "photo_pull_failed"),
        ("1.jpg", {"status": 301}, "photo_pull_failed"),
        ("large.jpg", {}, "picture_size_check_failed"),
    ],
)
def test_photos_that_do_not_fit_fail_and_nothing_stays_public(
    api: Api, media: MediaServer, name: str, how: dict[str, Any], reason: str
) -> None:
    photo = jpeg((1440, 1800) if name.startswith("large") else (1080, 1350))
    made = api.good("post/publish/content/init/", content([media.add(name, photo, **how)]))
    assert settled(api, made["publish_id"])["fail_reason"] == reason
    assert api.sandbox.published() == []


def test_addresses_must_be_verified_where_that_is_asked_for(api: Api) -> None:
    api.sandbox.admin("settings", {"tiktok_verified_prefix": "https://desk.example/"})
    words = [
        api.word("post/publish/content/init/", content([url]))
        for url in ("https://lain.example/1.jpg", "https://desk.example/1.jpg")
    ]
    assert words == ["url_ownership_unverified", "ok"]


def test_the_list_has_pages_and_posts_by_hand(api: Api) -> None:
    for age in (30, 20, 10):
        api.sandbox.admin("posts", {"platform": "tiktok", "account_id": api.id, "caption": str(age), "age_s": age})
    first = api.good("video/list/", {"max_count": 2}, fields="id,video_description,create_time")
    assert ([row["video_description"] for row in first["videos"]], first["has_more"]) == (["10", "20"], True)
    rest = api.good("video/list/", {"max_count": 2, "cursor": first["cursor"]}, fields="video_description")
    assert ([row["video_description"] for row in rest["videos"]], rest["has_more"]) == (["30"], False)


def test_figures_of_unknown_videos_are_left_out(api: Api) -> None:
    made = api.sandbox.admin("posts", {"platform": "tiktok", "account_id": api.id, "caption": "a", "age_s": 9})
    body = {"filters": {"video_ids": [made["id"], "7599999999999999999"]}}
    [row] = api.good("video/query/", body, fields="id,view_count,share_count")["videos"]
    assert row["id"] == made["id"]
    too_many = {"filters": {"video_ids": [str(number) for number in range(21)]}}
    assert api.ask("video/query/", too_many, fields="id").json()["error"]["code"] == "invalid_params"


def test_another_account_does_not_see_an_upload(api: Api) -> None:
    publish_id = api.upload(mp4_bytes())
    other = api.sandbox.account("kim.lain", platform="tiktok")
    api.token = other["access_token"]
    wanted = "token_not_authorized_for_specified_publish_id"
    assert api.word("post/publish/status/fetch/", {"publish_id": publish_id}) == wanted
    assert api.word("post/publish/status/fetch/", {"publish_id": "v_pub_file~1"}) == "invalid_publish_id"


def test_scopes_are_asked_for(sandbox: SandboxProcess) -> None:
    api = Api(sandbox, scopes=["user.info.basic", "video.upload"])
    assert api.word("post/publish/creator_info/query/") == "scope_not_authorized"
    assert api.good("user/info/", method="GET", fields="open_id")["user"] == {"open_id": api.id}
    answer = api.ask("user/info/", method="GET", fields="follower_count").json()
    assert answer["error"]["code"] == "scope_not_authorized"


def test_an_upload_can_be_cancelled_until_it_is_whole(api: Api) -> None:
    body = mp4_bytes()
    made = api.begin(len(body))
    api.good("post/publish/cancel/", {"publish_id": made["publish_id"]})
    assert api.status(made["publish_id"])["fail_reason"] == "publish_cancelled"
    assert api.put(made["upload_url"], body, 0, len(body)).status_code == 404
    whole = api.upload(body)
    assert api.word("post/publish/cancel/", {"publish_id": whole}) == "publish_not_cancellable"


def test_pieces_survive_the_end_of_the_process(own_process: SandboxProcess) -> None:
    api = Api(own_process)
    body = mp4_bytes() + bytes(12 * MIB)
    chunk = 5 * MIB
    url = api.begin(len(body), chunk, 2)["upload_url"]
    assert api.put(url, body[:chunk], 0, len(body)).status_code == 206
    own_process.kill()
    own_process.start()
    assert api.put(url, body[chunk:], chunk, len(body)).status_code == 201
    stored = requests.get(f"{own_process.url}/_media/{hashlib.sha256(body).hexdigest()}.mp4", timeout=10)
    assert stored.content == body


def test_the_first_page_shows_what_is_public(api: Api) -> None:
    api.upload(mp4_bytes())
    page = requests.get(f"{api.sandbox.url}/", timeout=5).text
    assert "Keripik tempe" in page
    assert "/www.tiktok.com/@kim.latihan/video/" in page
