"""YouTube as it is played: Google's sign-in, resumable sessions, the day's quota, the list of uploads."""

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.channels.videos import mp4_bytes
from tests.servers import SandboxProcess

PIECE = 256 * 1024
API = "www.googleapis.com"


class Studio:
    """A caller with the token of one channel."""

    def __init__(self, sandbox: SandboxProcess, **wishes: object) -> None:
        self.sandbox = sandbox
        self.account = sandbox.account("kim.latihan", platform="youtube", **wishes)
        self.headers = {"Authorization": f"Bearer {self.account['access_token']}"}

    def get(self, path: str, **params: str) -> requests.Response:
        url = f"{self.sandbox.url}/{API}/youtube/v3/{path}"
        return requests.get(url, params=params, headers=self.headers, timeout=10)

    def begin(self, total: int, **snippet: object) -> requests.Response:
        status = {"privacyStatus": snippet.pop("privacy", "public"), "selfDeclaredMadeForKids": False}
        return requests.post(
            f"{self.sandbox.url}/{API}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status",
            json={"snippet": {"title": "Judul", "description": "Isi"} | snippet, "status": status},
            headers=self.headers | {"X-Upload-Content-Length": str(total)},
            timeout=10,
        )

    def session(self, total: int, **snippet: object) -> str:
        made = self.begin(total, **snippet)
        assert made.status_code == 200, made.text
        return made.headers["Location"].replace("https://", f"{self.sandbox.url}/")

    def put(self, session: str, content_range: str, body: bytes = b"") -> requests.Response:
        headers = self.headers | {"Content-Range": content_range}
        return requests.put(session, data=body, headers=headers, timeout=10, allow_redirects=False)

    def uploaded(self, body: bytes, **snippet: object) -> dict[str, Any]:
        session = self.session(len(body), **snippet)
        return dict(self.put(session, f"bytes 0-{len(body) - 1}/{len(body)}", body).json())


@pytest.fixture
def studio(sandbox: SandboxProcess) -> Studio:
    return Studio(sandbox)


def reason(reply: requests.Response) -> str:
    return str(reply.json()["error"]["errors"][0]["reason"])


def test_a_video_in_pieces_is_a_video_with_the_last_one(sandbox: SandboxProcess, studio: Studio) -> None:
    body = mp4_bytes(1).ljust(PIECE + 100, b"\0")
    session = studio.session(len(body))
    empty = studio.put(session, f"bytes */{len(body)}")
    assert (empty.status_code, "Range" in empty.headers) == (308, False)
    part = studio.put(session, f"bytes 0-{PIECE - 1}/{len(body)}", body[:PIECE])
    assert (part.status_code, part.headers["Range"]) == (308, f"bytes=0-{PIECE - 1}")
    assert sandbox.published() == []
    done = studio.put(session, f"bytes {PIECE}-{len(body) - 1}/{len(body)}", body[PIECE:])
    assert done.status_code == 200
    [public] = sandbox.published()
    assert public["id"] == done.json()["id"]
    assert public["images"][0]["sha256"] == hashlib.sha256(body).hexdigest()
    again = studio.put(session, f"bytes */{len(body)}")
    assert (again.status_code, again.json()["id"]) == (201, public["id"])
    assert len(sandbox.published()) == 1
    page = requests.get(f"{sandbox.url}/www.youtube.com/shorts/{public['id']}", timeout=5)
    assert "Isi" in page.text


def test_a_piece_must_be_whole_and_leave_no_hole(studio: Studio) -> None:
    total = 3 * PIECE
    session = studio.session(total)
    assert studio.put(session, f"bytes 0-99/{total}", b"a" * 100).status_code == 400
    assert studio.put(session, f"bytes {PIECE}-{2 * PIECE - 1}/{total}", b"a" * PIECE).status_code == 400
    assert studio.put(session, f"bytes 0-{PIECE - 1}/{total + 1}", b"a" * PIECE).status_code == 400


def test_less_may_be_kept_than_was_sent(sandbox: SandboxProcess, studio: Studio) -> None:
    sandbox.admin("settings", {"youtube_kept_bytes": PIECE})
    total = 3 * PIECE
    part = studio.put(studio.session(total), f"bytes 0-{2 * PIECE - 1}/{total}", b"a" * 2 * PIECE)
    assert part.headers["Range"] == f"bytes=0-{PIECE - 1}"


def test_a_lost_last_answer_is_told_again(sandbox: SandboxProcess, studio: Studio) -> None:
    body = mp4_bytes(1)
    session = studio.session(len(body))
    sandbox.admin("faults", {"fault": "commit_then_drop", "method": "PUT"})
    with pytest.raises(requests.ConnectionError):
        studio.put(session, f"bytes 0-{len(body) - 1}/{len(body)}", body)
    assert studio.put(session, f"bytes */{len(body)}").json()["id"] == sandbox.published()[0]["id"]


def test_a_session_ends(sandbox: SandboxProcess, studio: Studio) -> None:
    session = studio.session(10)
    sandbox.admin("clock", {"offset_s": 604_900})
    fresh = Studio(sandbox)
    assert fresh.put(session, "bytes */10").status_code == 404


@pytest.mark.parametrize(
    ("snippet", "word"),
    [
        ({"title": ""}, "invalidTitle"),
        ({"title": "a" * 101}, "invalidTitle"),
        ({"title": "<b>"}, "invalidTitle"),
        ({"description": "ä" * 2501}, "invalidDescription"),
        ({"description": "1 < 2"}, "invalidDescription"),
        ({"tags": ["a" * 300, "b" * 300]}, "invalidTags"),
        ({"privacy": "secret"}, "invalidVideoMetadata"),
    ],
)
def test_what_is_not_taken(studio: Studio, snippet: dict[str, object], word: str) -> None:
    assert reason(studio.begin(10, **snippet)) == word


def test_the_quota_of_the_day_ends_at_midnight_in_california(sandbox: SandboxProcess, studio: Studio) -> None:
    sandbox.admin("settings", {"youtube_uploads_per_day": 1, "youtube_units_per_day": 1})
    studio.session(10)
    refused = studio.begin(10)
    assert (refused.status_code, reason(refused)) == (403, "quotaExceeded")
    assert studio.get("channels", mine="true", part="id").ok
    assert reason(studio.get("channels", mine="true", part="id")) == "quotaExceeded"
    sandbox.admin("clock", {"offset_s": 86_400})
    assert Studio(sandbox).begin(10).ok


def test_a_channel_may_upload_so_many_a_day(sandbox: SandboxProcess, studio: Studio) -> None:
    sandbox.admin("settings", {"youtube_channel_uploads_per_day": 1})
    studio.uploaded(mp4_bytes(1))
    refused = studio.begin(10)
    assert (refused.status_code, reason(refused)) == (400, "uploadLimitExceeded")


def test_an_app_that_nobody_audited_uploads_in_private(sandbox: SandboxProcess, studio: Studio) -> None:
    sandbox.admin("settings", {"youtube_audited": False})
    assert studio.uploaded(mp4_bytes(1))["status"]["privacyStatus"] == "private"


def test_figures_are_texts_and_what_is_not_there_is_left_out(studio: Studio) -> None:
    video = studio.uploaded(mp4_bytes(1))["id"]
    [item] = studio.get("videos", part="statistics,status", id=f"{video},AAAAAAAAAAA").json()["items"]
    assert item["id"] == video
    assert all(isinstance(value, str) for value in item["statistics"].values())


def test_the_list_of_uploads_runs_behind_and_has_what_was_made_by_hand(sandbox: SandboxProcess, studio: Studio) -> None:
    video = studio.uploaded(mp4_bytes(1))["id"]
    sandbox.admin("posts", {"platform": "youtube", "account_id": studio.account["id"], "caption": "x", "age_s": 3600})
    channel = studio.get("channels", mine="true", part="contentDetails").json()["items"][0]
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    early = studio.get("playlistItems", playlistId=uploads, part="snippet", maxResults="50").json()["items"]
    assert [item["snippet"]["title"] for item in early] == ["x"]
    sandbox.admin("settings", {"youtube_list_delay_s": 0.0})
    first = studio.get("playlistItems", playlistId=uploads, part="snippet", maxResults="1").json()
    assert first["items"][0]["contentDetails"]["videoId"] == video
    second = studio.get("playlistItems", playlistId=uploads, maxResults="1", pageToken=first["nextPageToken"]).json()
    assert second["items"][0]["snippet"]["title"] == "x"
    assert "nextPageToken" not in second


def test_followers_may_be_hidden_and_a_channel_missing(sandbox: SandboxProcess) -> None:
    hidden = Studio(sandbox, hides_followers=True).get("channels", mine="true", part="statistics").json()["items"][0]
    assert "subscriberCount" not in hidden["statistics"]
    nobody = Studio(sandbox, channel=False)
    assert "items" not in nobody.get("channels", mine="true", part="id").json()
    refused = nobody.begin(10)
    assert (refused.status_code, reason(refused)) == (401, "youtubeSignupRequired")


VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "client_id": "app",
    "redirect_uri": "http://127.0.0.1/kembali",
    "response_type": "code",
    "scope": "https://www.googleapis.com/auth/youtube.upload https://www.googleapis.com/auth/youtube.readonly",
    "state": "s",
    "access_type": "offline",
    "prompt": "consent",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def allowed(sandbox: SandboxProcess, **pressed: str) -> dict[str, str]:
    """What comes back in the address."""
    url = f"{sandbox.url}/accounts.google.com/o/oauth2/v2/auth"
    form = ASKED | {"grant_0": "1", "grant_1": "1", "username": "kim.latihan"} | pressed
    reply = requests.post(url, data=form, timeout=10, allow_redirects=False)
    assert reply.status_code == 302, reply.text
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["Location"]).query).items()}


def token(sandbox: SandboxProcess, **form: str) -> requests.Response:
    fields = {"client_id": "app", "client_secret": "rahasia", "redirect_uri": ASKED["redirect_uri"]}
    return requests.post(f"{sandbox.url}/oauth2.googleapis.com/token", data=fields | form, timeout=10)


def exchanged(sandbox: SandboxProcess, code: str, verifier: str = VERIFIER) -> requests.Response:
    return token(sandbox, grant_type="authorization_code", code=code, code_verifier=verifier)


def test_the_page_offers_each_permission_and_the_code_wants_its_verifier(sandbox: SandboxProcess) -> None:
    page = requests.get(f"{sandbox.url}/accounts.google.com/o/oauth2/v2/auth", params=ASKED, timeout=5)
    assert len(re.findall('type="checkbox" name="grant_', page.text)) == 2
    wrong = exchanged(sandbox, allowed(sandbox)["code"], "x" * 50)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    code = allowed(sandbox)["code"]
    body = exchanged(sandbox, code).json()
    assert body["refresh_token"]
    assert exchanged(sandbox, code).json()["error"] == "invalid_grant"


def test_a_permission_may_be_unticked_and_all_refused(sandbox: SandboxProcess) -> None:
    back = allowed(sandbox, grant_0="")
    assert exchanged(sandbox, back["code"]).json()["scope"].endswith("youtube.readonly")
    assert allowed(sandbox, deny="1")["error"] == "access_denied"


def test_a_refresh_brings_no_other_refresh_token_and_ends_when_withdrawn(sandbox: SandboxProcess) -> None:
    body = exchanged(sandbox, allowed(sandbox)["code"]).json()
    fresh = token(sandbox, grant_type="refresh_token", refresh_token=body["refresh_token"]).json()
    assert fresh["access_token"] != body["access_token"]
    assert "refresh_token" not in fresh
    [account] = sandbox.admin("accounts")["accounts"]
    sandbox.admin("tokens/revoke", {"account_id": account["id"]})
    over = token(sandbox, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert (over.status_code, over.json()["error"]) == (400, "invalid_grant")


def test_while_an_app_is_tried_out_its_refresh_tokens_end_after_a_week(sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"youtube_refresh_token_days": 7.0})
    body = exchanged(sandbox, allowed(sandbox)["code"]).json()
    sandbox.admin("clock", {"offset_s": 8 * 86_400})
    over = token(sandbox, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert over.json()["error"] == "invalid_grant"


def test_the_book_keeps_no_secret(sandbox: SandboxProcess, studio: Studio) -> None:
    body = exchanged(sandbox, allowed(sandbox)["code"]).json()
    token(sandbox, grant_type="refresh_token", refresh_token=body["refresh_token"])
    session = studio.session(10)
    studio.put(session, "bytes */10")
    book = json.dumps(sandbox.calls())
    for secret in (body["refresh_token"], VERIFIER, session.rpartition("=")[2]):
        assert secret not in book
