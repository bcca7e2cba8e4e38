"""Platforms that no longer want what they wanted: each time a state, a sentence, nothing lost, nothing sent twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from contentdesk.channels.models import AccountState
from contentdesk.lib import clock
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import Scene
from tests.publishing.places import PLACES, Bad, NoMore
from workers import account_figures, accounts

D = DeliveryState
Break = Callable[[Bad], object]
KEPT = "Tidak ada yang hilang. Unggahan yang menunggu terbit sendiri setelah akun disambungkan lagi."
SINCE = {AccountState.EXPIRED: "Terputus sejak ", AccountState.NOT_ALLOWED: "Izinnya kurang sejak "}
AUTHOR = {AccountState.EXPIRED: "terputus", AccountState.NOT_ALLOWED: "kurang"}

TOLD = {
    AccountState.EXPIRED: "Akun %s terputus. Unggahan menunggu, tidak ada yang hilang. Sambungkan lagi.",
    AccountState.NOT_ALLOWED: "Akun %s tertahan. Unggahan menunggu, tidak ada yang hilang. "
    "Buka halaman akunnya untuk melihat apa yang perlu dilakukan.",
}


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"apps": dict.fromkeys(PLACES, ("aplikasi-kota", "rahasia-kota"))}


def revoke(bad: Bad) -> None:
    bad.sandbox.admin("tokens/revoke", {"account_id": bad.account.external_id})


def lives_on(bad: Bad) -> None:
    """A person signs in again; then the post goes out, once."""
    bad.well_again()
    assert bad.connected().id == bad.account.id
    assert bad.standing() == AccountState.CONNECTED
    assert brought_out(bad) == (D.SENT, 1, 1)


def brought_out(bad: Bad) -> tuple[str, int, int]:
    """State, irreversible calls with an effect, public posts."""
    state = bad.goes()
    for _look in range(3):
        if state in (D.ACCEPTED, D.UNKNOWN):
            bad.minutes_pass(bad.delivery, 3)
            state = bad.look(bad.delivery).state
    return state, bad.sent_calls(), bad.public()


def stands_still(bad: Bad, state: AccountState, tag: str, sentence: str) -> None:
    """The account is stopped and says why; the post waits as it is; one notice names the account."""
    assert (bad.standing(), bad.state(bad.delivery)) == (state, D.WAITING)
    assert (bad.sent_calls(), bad.public(), bad.kept()) == (0, 0, bad.approved)
    page, tag_since = bad.account_page(), f"{tag} sejak"
    assert [part for part in (tag, sentence, KEPT, "Sambungkan lagi", tag_since) if part not in page] == []
    said = (SINCE[state], f"sudah diberi tahu: {bad.chair.name}", "Lihat akunnya")
    for page in (bad.delivery_page(), bad.post_page()):
        assert [part for part in said if part not in page] == []
        assert (state == AccountState.NOT_ALLOWED) is ("terputus" not in page.lower())
    [told] = bad.told(bad.member)
    assert f"akun {bad.account.handle} {AUTHOR[state]}." in told
    assert bad.told() == [TOLD[state] % bad.account.handle]


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.alike("kind")
def test_a_revoked_token_stops_the_account_and_the_post_waits(scene: Scene, kind: str) -> None:
    bad = Bad(scene, kind)
    revoke(bad)
    bad.goes(3)
    stands_still(bad, AccountState.EXPIRED, "Terputus", "ambungkan lagi")
    lives_on(bad)


def test_the_log_tells_an_operator_what_stopped_and_what_works_again_and_nobodys_name(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Bad(scene, "telegram")
    with caplog.at_level("WARNING"):
        bad.sandbox.admin("faults", {"fault": "error", "code": 429, "http": 429, "path_regex": bad.place.early})
        bad.step()
        revoke(bad)
        bad.goes(3)
        bad.connected()
    account, where = (
        f"account {bad.account.id} (telegram)",
        f"delivery {bad.delivery.id} on account {bad.account.id} (telegram)",
    )
    assert [record.getMessage() for record in caplog.records] == [
        f"{where}: TryLater 'http_429'",
        f"{where}: LoginExpired 'http_401'",
        f"{account} stopped: LoginExpired 'http_401'",
        f"delivery {bad.delivery.id} waits: {account} is expired",
        f"{account} works again",
    ]


@pytest.mark.parametrize("kind", ["instagram", "wordpress", "telegram"])
@pytest.mark.alike("kind")
def test_a_token_that_dies_before_the_last_call_does_the_same(scene: Scene, kind: str) -> None:
    bad = Bad(scene, kind)
    bad.fault(**REFUSALS[kind])
    bad.goes(6)
    stands_still(bad, AccountState.EXPIRED, "Terputus", "ambungkan lagi")
    lives_on(bad)


REFUSALS: dict[str, dict[str, Any]] = {
    "instagram": {"fault": "error", "code": 190, "subcode": 458},
    "wordpress": {"fault": "error", "code": "rest_cannot_edit", "http": 401},
    "telegram": {"fault": "error", "code": 401, "http": 401},
}


def fewer(*scopes: str) -> Break:
    return lambda bad: bad.weakened(scopes=list(scopes))


def always(**how: Any) -> Break:
    """From now on each early call is answered so."""

    def breaks(bad: Bad) -> None:
        path = bad.place.early
        bad.sandbox.admin("faults", {"fault": "error", "path_regex": path, "times": None} | how)

    return breaks


def role(**wishes: Any) -> Break:
    """What the person is on the platform from now on; the login stays."""
    return lambda bad: bad.place.open(bad.sandbox, **wishes)


def gone(bad: Bad) -> None:
    bad.sandbox.admin(f"accounts/{quote(bad.account.external_id, safe='')}", method="DELETE")


def years_later(bad: Bad) -> None:
    """The version of the interface has come to its end; the login is fresh."""
    bad.sandbox.admin("clock", {"offset_s": 10 * 365 * 86_400})
    bad.weakened()


def ended(bad: Bad) -> None:
    """The same, where the platform no longer knows the version at all."""
    bad.sandbox.admin("settings", {"graph_ended": "v26.0", "graph_ended_code": 2500})


MAY_NOT = "Periksa peran Anda di sana, lalu sambungkan lagi. Bila tetap begitu, minta admin memeriksa izin aplikasi"
NOT_ALLOWED: dict[str, tuple[str, Break, str]] = {
    "instagram-scope": ("instagram", fewer("instagram_business_basic"), MAY_NOT),
    "facebook-scope": ("facebook", fewer("pages_show_list", "pages_read_engagement"), MAY_NOT),
    "tiktok-scope": ("tiktok", fewer("user.info.basic"), "Sambungkan lagi, lalu setujui semua yang diminta."),
    "youtube-scope": ("youtube", fewer("https://www.googleapis.com/auth/youtube.readonly"), MAY_NOT),
    "wordpress-role": ("wordpress", always(code="rest_cannot_create", http=403), "Periksa peran dan izinnya di sana"),
    "telegram-right": ("telegram", role(can_post=False), "Jadikan bot itu admin"),
    "facebook-role": ("facebook", role(tasks=["ANALYZE"]), MAY_NOT),
    "telegram-bot": ("telegram", role(status="kicked"), "Jadikan bot itu admin"),
    "youtube-channel": ("youtube", always(code="channelClosed", http=403), MAY_NOT),
    "wordpress-site": ("wordpress", always(fault="not_json", http=404), "Minta pengelolanya memeriksa alamat"),
    "tiktok-banned": ("tiktok", role(banned=True), "Buka aplikasinya dan ikuti petunjuk di sana."),
    "instagram-development": ("instagram", always(code=10, http=403), MAY_NOT),
    "facebook-development": ("facebook", always(code=200, http=403), MAY_NOT),
    "instagram-version": ("instagram", years_later, "Minta admin memperbarui ContentDesk."),
    "facebook-version": ("facebook", ended, "Minta admin memperbarui ContentDesk."),
    "youtube-version": ("youtube", always(code="notFound", http=404), "Minta admin memperbarui ContentDesk."),
    "tiktok-version": ("tiktok", always(code="unsupported_path", http=404), "Minta admin memperbarui ContentDesk."),
    "bluesky-moved": ("bluesky", always(code="RepoNotFound"), "terhapus, dinonaktifkan, atau pindah"),
}
BACK: dict[str, dict[str, Any]] = {
    "telegram-right": {"can_post": True},
    "telegram-bot": {"status": "administrator"},
    "tiktok-banned": {"banned": False},
}


@pytest.mark.parametrize("case", NOT_ALLOWED)
@pytest.mark.alike("case")
def test_what_a_platform_no_longer_allows_stops_the_account_and_says_why(scene: Scene, case: str) -> None:
    kind, breaks, sentence = NOT_ALLOWED[case]
    bad = Bad(scene, kind)
    breaks(bad)
    bad.goes(5)
    stands_still(bad, AccountState.NOT_ALLOWED, "Izin kurang", sentence)
    bad.sandbox.admin("clock", {"offset_s": 0})
    bad.sandbox.admin("settings", {"graph_ended": ""})
    if case in BACK:
        bad.place.open(bad.sandbox, **BACK[case])
    lives_on(bad)


GONE: dict[str, tuple[AccountState, str]] = {
    **dict.fromkeys(PLACES, (AccountState.EXPIRED, "ambungkan lagi")),
    "facebook": (AccountState.NOT_ALLOWED, "tidak lagi mengenal akun KIM Latihan"),
    "youtube": (AccountState.NOT_ALLOWED, "Buat kanalnya dulu, lalu sambungkan lagi."),
    "telegram": (AccountState.NOT_ALLOWED, "Jadikan bot itu admin"),
}


@pytest.mark.parametrize("kind", GONE)
@pytest.mark.alike("kind")
def test_an_account_that_was_deleted_on_its_platform_stops_and_says_what_to_do(scene: Scene, kind: str) -> None:
    state, sentence = GONE[kind]
    bad = Bad(scene, kind)
    gone(bad)
    bad.goes(5)
    stands_still(bad, state, "Terputus" if state == AccountState.EXPIRED else "Izin kurang", sentence)


# A web page in place of an answer

LISTED = [kind for kind in PLACES if kind != "telegram"]
"""Where it can be looked up what became of a call."""


@pytest.mark.parametrize("kind", ["instagram", "tiktok", "youtube", "wordpress", "telegram"])
def test_a_web_page_before_anything_happened_is_waited_out(scene: Scene, kind: str) -> None:
    bad = Bad(scene, kind)
    bad.sandbox.admin("faults", {"fault": "not_json", "path_regex": bad.place.early})
    bad.step()
    if kind == "telegram":  # its first call is the irreversible one
        return in_doubt(bad)
    assert (bad.standing(), bad.kept()) == (AccountState.CONNECTED, bad.approved)
    assert bad.state(bad.delivery) in (D.WAITING, D.PREPARING)
    assert bad.told() == []
    assert brought_out(bad) == (D.SENT, 1, 1)
    return None


def in_doubt(bad: Bad) -> None:
    """Nobody repeats anything; a person looks and decides, and hears of it once."""
    for _look in range(3):
        bad.minutes_pass(bad.delivery, 3)
        bad.look(bad.delivery)
    assert (bad.state(bad.delivery), len(bad.sandbox.calls("sendPhoto$"))) == (D.UNKNOWN, 1)
    assert "Belum pasti terbit." in bad.post_page()
    assert "Sudah terbit atau belum?" in bad.page(f"/terbitan/{bad.delivery.id}")
    [told] = bad.told()
    assert told.startswith("Belum pasti apakah")
    bad.browser(bad.chair).post(f"/terbitan/{bad.delivery.id}/belum")
    assert brought_out(bad) == (D.SENT, 1, 1)


@pytest.mark.parametrize(
    ("kind", "after"), [(kind, after) for after in (True, False) for kind in LISTED[:: 1 if after else 2]]
)
@pytest.mark.alike("kind")
def test_a_web_page_in_answer_to_the_last_call_is_looked_into(scene: Scene, kind: str, after: bool) -> None:
    """Whether it had its effect or not: public once."""
    bad = Bad(scene, kind)
    skip = 1 if kind == "youtube" and bad.place.call[0] == "POST" else 0
    bad.fault(fault="not_json", after_commit=after, skip=skip)
    assert bad.goes() == D.UNKNOWN
    assert "Belum pasti terbit. Kami sedang memeriksa, jangan unggah ulang." in bad.delivery_page()
    assert (bad.standing(), bad.kept()) == (AccountState.CONNECTED, bad.approved)
    for _round in range(4):
        if bad.state(bad.delivery) in (D.UNKNOWN, D.ACCEPTED):
            bad.minutes_pass(bad.delivery, 3)
        bad.look(bad.delivery)
    assert brought_out(bad) == (D.SENT, 1, 1)


def test_a_person_is_asked_also_when_the_first_look_failed(scene: Scene) -> None:
    """The draft of the post cannot be read, so that its absence proves nothing."""
    bad = Bad(scene, "instagram")
    bad.fault(fault="drop_before")
    assert bad.goes() == D.UNKNOWN
    bad.sandbox.admin("faults", {"fault": "not_json", "method": "GET", "path_regex": "/media$"})
    unread = {"fault": "error", "code": 100, "subcode": 33, "times": None}
    bad.sandbox.admin("faults", unread | {"method": "GET", "path_regex": r"/v25.0/\d+$"})
    for _look in range(4):
        bad.minutes_pass(bad.delivery, 3)
        bad.look(bad.delivery)
    assert bad.state(bad.delivery) == D.UNKNOWN
    [told] = bad.told()
    assert told.startswith("Belum pasti apakah")


# An app that the platform has not looked at yet


def test_an_unaudited_app_stops_the_post_alone_and_a_new_time_brings_it_out(scene: Scene) -> None:
    bad = Bad(scene, "tiktok")
    bad.sandbox.admin("settings", {"tiktok_audited": False})
    assert bad.goes() == D.FAILED
    assert (bad.standing(), bad.public(), bad.kept()) == (AccountState.CONNECTED, 0, bad.approved)
    for page in (bad.delivery_page(), bad.post_page()):
        assert "belum mengaudit aplikasi kota" in page
        assert "Pilih cara kotak masuk" in page
    assert [sentence.partition(" gagal")[2] for sentence in bad.told(bad.member)] == [
        " terbit di TikTok. Naskah tersimpan. Lihat apa yang perlu diubah."
    ]
    bad.sandbox.admin("settings", {"tiktok_audited": True})
    bad.planned_anew()
    assert brought_out(bad) == (D.SENT, 1, 1)


# An account that went too long without anybody


def test_a_post_that_waited_too_long_is_kept_told_and_may_be_planned_anew(scene: Scene) -> None:
    bad = Bad(scene, "facebook")
    revoke(bad)
    bad.goes(2)
    bad.change(bad.delivery, expires_at=clock.now() - timedelta(seconds=1))
    bad.tick()
    late = "Waktu tayang terlewat. Naskah tersimpan. Pilih waktu baru."
    assert bad.state(bad.delivery) == D.EXPIRED
    assert late in bad.delivery_page()
    (told,) = bad.told(bad.member)[1:]
    assert "tidak terbit di Facebook karena waktunya terlewat. Tawaran: terbit" in told
    bad.connected()
    bad.planned_anew()
    assert brought_out(bad) == (D.SENT, 1, 1)


# Told while there is time


@pytest.mark.parametrize("kind", ["facebook", "tiktok", "youtube", "wordpress"])
@pytest.mark.alike("kind")
def test_a_lost_account_is_told_once_a_day_before_the_post(scene: Scene, kind: str) -> None:
    bad = Bad(scene, kind)
    soon = clock.now() + timedelta(hours=20)
    bad.change(bad.delivery, due_at=soon, next_at=soon, expires_at=soon + timedelta(hours=3))
    revoke(bad)
    for _round in range(3):
        accounts.look_after(bad.at)
    title = bad.title()
    waits = (
        f"Akun {bad.account.handle} terputus, padahal {title} terbit dalam 24 jam. Sambungkan lagi supaya tepat waktu."
    )
    assert bad.told() == [TOLD[AccountState.EXPIRED] % bad.account.handle, waits]
    assert bad.told(bad.member) == [waits]


def test_a_page_that_was_deleted_is_told_before_the_post_too(scene: Scene) -> None:
    bad = Bad(scene, "facebook")
    soon = clock.now() + timedelta(hours=20)
    bad.change(bad.delivery, due_at=soon, next_at=soon, expires_at=soon + timedelta(hours=3))
    gone(bad)
    accounts.look_after(bad.at)
    assert bad.standing() == AccountState.NOT_ALLOWED
    assert "tidak lagi mengenal akun KIM Latihan" in bad.account_page()
    assert len(bad.told()) == 2


# Figures of what is gone


@pytest.mark.parametrize("kind", ["facebook", "tiktok", "youtube"])
@pytest.mark.alike("kind")
def test_a_lost_account_is_not_asked_for_figures_for_ever_and_its_holder_is_told(scene: Scene, kind: str) -> None:
    bad = Bad(scene, kind)
    revoke(bad)
    for _round in range(3):
        account_figures.step(bad.at)
    assert bad.standing() == AccountState.EXPIRED
    assert bad.told() == [TOLD[AccountState.EXPIRED] % bad.account.handle]
    asked = len(bad.sandbox.calls())
    account_figures.step(bad.at)
    assert len(bad.sandbox.calls()) == asked


def test_a_deleted_page_is_asked_for_its_figures_once_a_day_and_for_its_posts_ever_more_seldom(scene: Scene) -> None:
    bad = Bad(scene, "facebook")
    assert bad.goes() == D.SENT
    gone(bad)
    account_figures.step(bad.at)
    asked = len(bad.sandbox.calls())
    account_figures.step(bad.at)
    assert len(bad.sandbox.calls()) == asked
    waits = [bad.asked_for_figures() for _poll in range(4)]
    assert waits == sorted(waits)
    assert waits[-1] > timedelta(minutes=10)
    bad.change(bad.delivery, sent_at=clock.now() - timedelta(days=61))
    with pytest.raises(NoMore):
        bad.asked_for_figures()
