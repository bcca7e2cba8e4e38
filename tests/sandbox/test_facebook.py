"""Facebook's pages as the sandbox plays them: what the documents and the field say of them."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.channels.videos import mp4_bytes
from tests.sandbox.conftest import code_of, jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until

DAY = 86_400
BACK = "http://127.0.0.1:9/akun/kembali"
ASKED = {
    "client_id": "4711",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "pages_show_list,pages_manage_posts,read_insights",
    "state": "s-1",
}
APP = {"client_id": "4711", "client_secret": "x"}


class Page:
    """A caller with the token of one page."""

    def __init__(self, sandbox: SandboxProcess, username: str = "kim.latihan", **wishes: object) -> None:
        self.sandbox = sandbox
        self.account = sandbox.account(username, platform="facebook", followers=2400, **wishes)
        self.id, self.token = self.account["id"], self.account["access_token"]

    def ask(self, method: str, path: str, host: str = "graph", version: str = "v25.0", **args: Any) -> Any:
        url = f"{self.sandbox.url}/{host}.facebook.com/{version}/{path}"
        headers = {"Authorization": f"Bearer {args.pop('token', self.token)}"}
        files = args.pop("files", None)
        body = {"params": args} if method == "GET" else {"data": args}
        return requests.request(method, url, headers=headers, timeout=10, files=files, **body)  # type: ignore[arg-type]  # one of two

    def get(self, path: str, **args: Any) -> Any:
        return self.ask("GET", path, **args).json()

    def post(self, path: str, **args: Any) -> Any:
        return self.ask("POST", path, **args).json()

    def photo(self, url: str, **args: str) -> str:
        return str(self.post(f"{self.id}/photos", url=url, published="false", **args)["id"])

    def album(self, *photos: str, **args: str) -> Any:
        attached = {f"attached_media[{n}]": json.dumps({"media_fbid": one}) for n, one in enumerate(photos)}
        return self.post(f"{self.id}/feed", **attached, **args)

    def reel(self, body: bytes) -> tuple[str, Callable[..., requests.Response]]:
        """The id of a new reel, and how to send bytes of it."""
        begun = self.post(f"{self.id}/video_reels", upload_phase="start")
        url = begun["upload_url"].replace("https://", f"{self.sandbox.url}/")

        def send(offset: int, piece: bytes) -> requests.Response:
            headers = {"Authorization": f"OAuth {self.token}", "offset": str(offset), "file_size": str(len(body))}
            return requests.post(url, data=piece, headers=headers, timeout=10)

        return begun["video_id"], send

    def finish(self, video_id: str, **args: str) -> Any:
        asked = {"upload_phase": "finish", "video_id": video_id, "video_state": "PUBLISHED"} | args
        return self.post(f"{self.id}/video_reels", **asked)

    def status(self, video_id: str) -> Any:
        return self.get(video_id, fields="status")["status"]


@pytest.fixture
def page(sandbox: SandboxProcess) -> Page:
    return Page(sandbox)


def allow(sandbox: SandboxProcess, **choice: str) -> dict[str, list[str]]:
    url = f"{sandbox.url}/www.facebook.com/v25.0/dialog/oauth"
    reply = requests.post(url, data=ASKED | choice, allow_redirects=False, timeout=5)
    assert reply.status_code == 302, reply.text
    assert reply.headers["Location"].endswith("#_=_")
    return parse_qs(urlsplit(reply.headers["Location"]).query)


def graph(sandbox: SandboxProcess, path: str, **args: str) -> Any:
    return requests.get(f"{sandbox.url}/graph.facebook.com/v25.0/{path}", params=args, timeout=5).json()


def long_token(sandbox: SandboxProcess, **choice: str) -> str:
    code = allow(sandbox, **choice)["code"][0]
    short = graph(sandbox, "oauth/access_token", code=code, redirect_uri=BACK, **APP)
    asked = {"grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
    long = graph(sandbox, "oauth/access_token", **asked, **APP)
    assert (short["expires_in"], long["expires_in"]) == (7200, 60 * DAY)
    return str(long["access_token"])


def test_the_whole_way_from_the_dialog_to_the_token_of_a_page(sandbox: SandboxProcess) -> None:
    known = sandbox.account("kim.dinoyo", platform="facebook", user="Pengelola 1", instagram="kim.dinoyo.ig")
    dialog = requests.get(f"{sandbox.url}/www.facebook.com/v25.0/dialog/oauth", params=ASKED, timeout=5).text
    assert known["user_id"] in dialog
    token = long_token(
        sandbox, user_id=known["user_id"], scope=ASKED["scope"] + ",instagram_basic,pages_read_engagement"
    )
    fields = "id,name,access_token,tasks,instagram_business_account{id,username}"
    [row] = graph(sandbox, "me/accounts", fields=fields, access_token=token)["data"]
    assert (row["id"], "CREATE_CONTENT" in row["tasks"]) == (known["id"], True)
    assert row["instagram_business_account"] == {"id": known["instagram_id"], "username": "kim.dinoyo.ig"}
    sandbox.admin("clock", {"offset_s": 61 * DAY})
    assert code_of(graph(sandbox, "me", access_token=token)) == (190, 463)
    assert graph(sandbox, "me", access_token=row["access_token"])["id"] == known["id"]


def test_a_page_made_in_the_dialog_brings_its_instagram_account(sandbox: SandboxProcess) -> None:
    token = long_token(sandbox, username="kim.baru", instagram="kim.baru.ig", scope=ASKED["scope"] + ",instagram_basic")
    fields = "name,instagram_business_account{username}"
    [row] = graph(sandbox, "me/accounts", fields=fields, access_token=token)["data"]
    assert row["instagram_business_account"]["username"] == "kim.baru.ig"
    url = f"{sandbox.url}/www.facebook.com/v25.0/dialog/oauth"
    wrong = requests.post(url, data=ASKED | {"username": "kim.lain", "instagram": "kim lain"}, timeout=5)
    assert wrong.status_code == 400


def test_what_was_unticked_is_declined_and_a_refusal_comes_back(sandbox: SandboxProcess) -> None:
    token = long_token(sandbox, username="kim.baru", no_read_insights="1")
    told = graph(sandbox, "me/permissions", access_token=token)["data"]
    assert {row["permission"]: row["status"] for row in told} == {
        "pages_show_list": "granted",
        "pages_manage_posts": "granted",
        "read_insights": "declined",
    }
    assert allow(sandbox, deny="1")["error"] == ["access_denied"]


def test_pages_come_page_by_page(sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"accounts_per_page": 2})
    made = [sandbox.account(f"kim.{n}", platform="facebook", user="Pengelola 1") for n in range(5)]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        body = graph(sandbox, "me/accounts", fields="id", access_token=made[0]["user_token"], **after)
        found += [row["id"] for row in body["data"]]
        if "next" not in body["paging"]:
            break
        after = {"after": body["paging"]["cursors"]["after"]}
    assert found == [one["id"] for one in made]


def test_a_token_of_instagrams_own_sign_in_cannot_be_looked_into(sandbox: SandboxProcess, page: Page) -> None:
    token = sandbox.account("kim.sendiri")["access_token"]
    assert code_of(graph(sandbox, "debug_token", input_token=token, access_token="4711|x")) == (2, None)


def test_debug_token_says_when_reading_ends(sandbox: SandboxProcess, page: Page) -> None:
    told = graph(sandbox, "debug_token", input_token=page.token, access_token="4711|x")["data"]
    assert (told["type"], told["is_valid"], told["expires_at"]) == ("PAGE", True, 0)
    assert 0 < told["data_access_expires_at"] - sandbox.admin("clock")["now"] <= 90 * DAY
    sandbox.admin("tokens/revoke", {"account_id": page.account["user_id"]})
    assert code_of(page.get("me")) == (190, 460)


def test_a_scope_and_a_task_are_needed(sandbox: SandboxProcess, page: Page) -> None:
    reader = Page(sandbox, username="hanya.baca", scopes=["pages_read_engagement"])
    assert code_of(reader.post(f"{reader.id}/feed", message="Halo")) == (200, None)
    analyst = Page(sandbox, username="hanya.lihat", user="Analis 1", tasks=["ANALYZE"])
    assert code_of(analyst.post(f"{analyst.id}/feed", message="Halo")) == (200, None)
    assert code_of(page.post(f"{page.id}/feed", message="Halo", token=page.account["user_token"])) == (210, None)
    assert sandbox.published() == []


def test_photos_are_taken_over_unpublished_and_used_once(page: Page, media: MediaServer) -> None:
    first = page.photo(media.add("1.jpg", jpeg()), alt_text_custom="Pasar")
    second = page.photo(media.add("2.jpg", jpeg(colour="#aa0000")))
    assert page.sandbox.published() == []
    made = page.album(first, second, message="Dua foto")
    [post] = page.sandbox.published()
    assert (post["id"], [one["alt_text"] for one in post["images"]]) == (made["id"], ["Pasar", ""])
    assert code_of(page.album(first, message="Sekali lagi")) == (100, 1366051)
    hung = page.get(made["id"], fields="attachments")["attachments"]["data"][0]["subattachments"]["data"]
    assert [one["target"]["id"] for one in hung] == [first, second]


def test_a_photo_is_refused_when_too_big_or_none_or_not_there(page: Page, media: MediaServer) -> None:
    big = media.add("big.jpg", jpeg() + b"\0" * 4_300_000)
    for url, code in (
        (big, (100, 1366046)),
        (media.add("x.jpg", b"teks"), (324, None)),
        (media.url + "/tidak-ada.jpg", (389, None)),
    ):
        assert code_of(page.post(f"{page.id}/photos", url=url, published="false")) == code


def test_the_same_words_twice_in_a_row_are_a_duplicate(page: Page) -> None:
    assert "id" in page.post(f"{page.id}/feed", message="Pasar buka")
    assert code_of(page.post(f"{page.id}/feed", message="Pasar buka")) == (506, 1455006)
    assert "id" in page.post(f"{page.id}/feed", message="Pasar tutup")
    assert "id" in page.post(f"{page.id}/feed", message="Pasar buka")


def test_a_scheduled_post_becomes_public_in_its_time(page: Page) -> None:
    now = page.sandbox.admin("clock")["now"]
    args = {"message": "Nanti", "published": "false"}
    assert code_of(page.post(f"{page.id}/feed", scheduled_publish_time=int(now + 60), **args))[0] == 100
    draft = page.post(f"{page.id}/feed", scheduled_publish_time=int(now + 1200), **args)["id"]
    assert page.get(draft, fields="is_published")["is_published"] is False
    assert len(page.get(f"{page.id}/scheduled_posts")["data"]) == 1
    page.sandbox.admin("clock", {"offset_s": 1300})
    assert [row["message"] for row in page.get(f"{page.id}/published_posts")["data"]] == ["Nanti"]


def test_a_video_comes_in_pieces_and_says_where_it_stands(page: Page) -> None:
    body = mp4_bytes()
    page.sandbox.admin("settings", {"video_chunk_bytes": 2500})
    video: dict[str, Any] = {"host": "graph-video"}
    begun = page.post(f"{page.id}/videos", upload_phase="start", file_size=len(body), **video)
    assert (begun["start_offset"], begun["end_offset"]) == ("0", "2500")
    session = {"upload_session_id": begun["upload_session_id"]}

    def send(start: int, end: int) -> Any:
        part = {"video_file_chunk": ("v", body[start:end], "application/octet-stream")}
        path = f"{page.id}/videos"
        return page.post(path, upload_phase="transfer", start_offset=start, files=part, **session, **video)

    assert send(0, 2500) == {"start_offset": "2500", "end_offset": "5000"}
    again = send(0, 2500)
    assert code_of(again) == (6000, 1363037)
    assert again["error"]["error_data"] == {"start_offset": 2500, "end_offset": 5000}
    assert code_of(page.post(f"{page.id}/videos", upload_phase="finish", **session, **video))[0] == 6000
    send(2500, 5000)
    assert send(5000, 6000) == {"start_offset": "6000", "end_offset": "6000"}
    assert page.post(f"{page.id}/videos", upload_phase="finish", description="Film", **session, **video)["success"]
    wait_until(lambda: page.status(begun["video_id"])["video_status"] == "ready")
    [post] = page.sandbox.published()
    assert (post["id"], post["caption"]) == (f"{page.id}_{begun['video_id']}", "Film")


def test_a_reel_goes_through_its_phases_in_both_spellings(page: Page) -> None:
    body = mp4_bytes()
    words = set()
    for _ in range(2):
        video_id, send = page.reel(body)
        assert send(5, body[5:]).json()["debug_info"]["type"] == "OffsetInvalidError"
        assert send(0, body[:4000]).json()["debug_info"]["type"] == "PartialRequestError"
        assert page.status(video_id)["uploading_phase"]["bytes_transfered"] == 4000
        assert send(4000, body[4000:]).json() == {"success": True}
        assert page.status(video_id)["publishing_phase"] == {"status": "not_started"}
        assert page.finish(video_id, description="Reel")["post_id"] == video_id
        status = wait_until(lambda video=video_id: page.status(video)["video_status"] == "ready" and page.status(video))
        assert status["publishing_phase"]["publish_status"] == "published"
        words.add(status["publishing_phase"]["status"])
    assert words == {"complete", "completed"}
    assert page.get(f"{page.id}/published_posts")["data"] == []
    assert len(page.get(f"{page.id}/video_reels")["data"]) == 2


def test_a_file_that_is_no_video_fails_in_processing(page: Page) -> None:
    video_id, send = page.reel(b"bukan video")
    send(0, b"bukan video")
    page.finish(video_id)
    status = wait_until(lambda: page.status(video_id)["video_status"] == "error" and page.status(video_id))
    assert status["processing_phase"]["error"]["message"]
    assert page.sandbox.published() == []


@pytest.mark.parametrize(
    ("seconds", "width", "height", "word"),
    [
        (5, 538, 960, "error"),
        (5, 540, 958, "error"),
        (2, 540, 960, "error"),
        (91, 540, 960, "error"),
        (3, 540, 960, "ready"),
    ],
)
def test_a_reel_has_its_least_size_and_its_length(
    page: Page, seconds: float, width: int, height: int, word: str
) -> None:
    body = mp4_bytes(seconds, width, height)
    video_id, send = page.reel(body)
    send(0, body)
    page.finish(video_id)
    wait_until(lambda: page.status(video_id)["video_status"] == word)


def test_reels_of_a_day_are_counted(page: Page) -> None:
    page.sandbox.admin("settings", {"reels_per_day": 1})
    body = mp4_bytes()
    for expected in (True, False):
        video_id, send = page.reel(body)
        send(0, body)
        assert ("success" in page.finish(video_id)) is expected
    page.sandbox.admin("clock", {"offset_s": DAY + 60})
    assert "success" in page.finish(video_id)


def test_shares_are_left_out_while_there_are_none(page: Page) -> None:
    post_id = page.post(f"{page.id}/feed", message="Halo")["id"]
    page.sandbox.admin(f"posts/{post_id}/figures", {"shares": 0, "likes": 7})
    fields = "shares,reactions.limit(0).summary(total_count)"
    assert page.get(post_id, fields=fields) == {
        "id": post_id,
        "reactions": {"data": [], "summary": {"total_count": 7}},
    }
    page.sandbox.admin(f"posts/{post_id}/figures", {"shares": 2})
    assert page.get(post_id, fields=fields)["shares"] == {"count": 2}


def test_one_unknown_metric_fails_the_whole_call_and_so_does_an_old_version(page: Page) -> None:
    post_id = page.post(f"{page.id}/feed", message="Halo")["id"]
    page.sandbox.admin(f"posts/{post_id}/figures", {"views": 100})
    path = f"{post_id}/insights"
    assert code_of(page.get(path, metric="post_media_view,post_impressions")) == (100, None)
    assert page.get(path, metric="post_media_view")["data"][0]["values"] == [{"value": 100}]
    assert code_of(page.ask("GET", path, version="v22.0", metric="post_media_view").json()) == (100, None)
    page.sandbox.admin("settings", {"views_broken_down": True})
    parts = page.get(path, metric="post_media_view")["data"][0]["values"][0]["value"]
    assert sum(parts.values()) == 100


def test_a_batch_answers_each_part_and_leaves_some_out(page: Page) -> None:
    post_id = page.post(f"{page.id}/feed", message="Halo")["id"]
    rows = json.dumps([{"method": "GET", "relative_url": one} for one in (f"{post_id}?fields=message", "1", "me")])
    good, bad, _me = page.post("", batch=rows)
    assert (good["code"], json.loads(good["body"])["message"]) == (200, "Halo")
    assert (bad["code"], code_of(json.loads(bad["body"]))) == (400, (100, 33))
    page.sandbox.admin("settings", {"batch_null_every": 2})
    assert [one is None for one in page.post("", batch=rows)] == [False, True, False]
    too_many = json.dumps([{"method": "GET", "relative_url": "me"}] * 51)
    assert code_of(page.post("", batch=too_many))[0] == 100


def test_comments_are_written_and_read_newest_first(page: Page) -> None:
    post_id = page.post(f"{page.id}/feed", message="Halo")["id"]
    made = page.post(f"{post_id}/comments", message="Info lengkap di bio")["id"]
    rows = page.get(f"{post_id}/comments", order="reverse_chronological")["data"]
    ours = [row for row in rows if row["from"]["id"] == page.id]
    assert [row["id"] for row in ours] == [made]


def test_nodes_of_instagram_are_answered_for_the_linked_account(sandbox: SandboxProcess, media: MediaServer) -> None:
    page = Page(sandbox, username="kim.tertaut", instagram="kim.ig")
    linked = page.account["instagram_id"]
    assert page.get(linked, fields="username")["username"] == "kim.ig"
    container = page.post(f"{linked}/media", image_url=media.add("1.jpg", jpeg()), caption="Lewat halaman")["id"]
    wait_until(lambda: page.get(container, fields="status_code")["status_code"] == "FINISHED")
    page.post(f"{linked}/media_publish", creation_id=container)
    [post] = sandbox.published()
    assert (post["platform"], post["account"]["username"]) == ("instagram", "kim.ig")
    stranger = Page(sandbox, username="kim.lain")
    assert "error" in stranger.get(linked, fields="username")


def test_limits_versions_and_languages(page: Page) -> None:
    page.sandbox.admin("settings", {"usage_percent": 80})
    headers = page.ask("GET", "me").headers
    assert json.loads(headers["X-Business-Use-Case-Usage"])[page.id][0]["type"] == "pages"
    page.sandbox.admin("settings", {"usage_percent": 0, "account_calls_per_hour": 1})
    assert code_of(page.get("me")) == (32, None)
    page.sandbox.admin("settings", {"account_calls_per_hour": 40_000})
    assert code_of(page.ask("GET", "me", version="v20.0").json()) == (2635, None)
    texts = {page.get("1", locale=locale)["error"]["message"] for locale in ("id_ID", "en_US")}
    assert len(texts) == 2


def test_a_fault_can_name_the_phase_of_an_upload(page: Page) -> None:
    page.sandbox.admin("faults", {"fault": "error", "code": 368, "path_regex": "video_reels#finish$"})
    video_id, send = page.reel(mp4_bytes())
    send(0, mp4_bytes())
    assert code_of(page.finish(video_id)) == (368, None)
    assert "success" in page.finish(video_id)
    assert len(page.sandbox.calls("video_reels#finish$")) == 2
    assert len(page.sandbox.calls("video_reels$")) == 3


def test_posts_and_the_dialog_are_pages_for_people(page: Page) -> None:
    post_id = page.post(f"{page.id}/feed", message="Halo warga")["id"]
    link = page.get(post_id, fields="permalink_url")["permalink_url"]
    shown = requests.get(link.replace("https://", f"{page.sandbox.url}/"), timeout=5)
    assert "Halo warga" in shown.text
    assert link.removeprefix("https://") in requests.get(page.sandbox.url, timeout=5).text
