"""One or two sentences about a post, from plain rows. No database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contentdesk.channels.models import Account
from contentdesk.home.sentences import At, about, path_state, this_month
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, Hold

NOW = datetime(2026, 12, 9, 12, 30, tzinfo=UTC)
"""19.30 WIB on a Wednesday."""
AT = At(NOW)
DUE = datetime(2026, 12, 10, 4, 45, tzinfo=UTC)


def post(state: str, **values: Any) -> Post:
    return Post(state=state, title="Keripik", updated_at=NOW, **values)


def delivery(state: str, kind: str = "instagram", handle: str = "kim_sanan", **values: Any) -> Delivery:
    values.setdefault("due_at", DUE)
    values.setdefault("expires_at", values["due_at"] + timedelta(hours=3))
    values.setdefault("account", Account(kind=kind, handle=handle))
    return Delivery(state=state, **values)


def stopped(state: str, kind: str = "instagram") -> Account:
    """Since 18.55."""
    return Account(kind=kind, handle="kim_sanan", state=state, stopped_at=NOW - timedelta(minutes=35))


def told(about_post: Post, *deliveries: Delivery) -> str:
    said = about(about_post, deliveries, AT)
    return " ".join(one.message % one.values if one.values else one.message for one in said).replace("\u00a0", " ")


def test_a_wait_says_since_when() -> None:
    sent_in = post("in_review", submitted_at=datetime(2026, 12, 9, 12, 5, tzinfo=UTC))
    assert told(sent_in) == "Menunggu tinjauan sejak 19.05."


def test_a_wait_since_yesterday_names_the_day_as_it_is_in_wib() -> None:
    sent_in = post("in_review", submitted_at=datetime(2026, 12, 8, 16, 59, tzinfo=UTC))
    assert told(sent_in) == "Menunggu tinjauan sejak 8 Des 2026, 23.59."


def test_a_planned_post_says_when_and_where() -> None:
    said = told(post("scheduled"), delivery("waiting"), delivery("waiting", "snackvideo"))
    assert said == "Disetujui. Terbit Kamis, 10 Desember 2026, 11.45 WIB di Instagram dan SnackVideo."


def test_a_post_that_is_out_in_part_counts_and_says_whose_turn_it_is() -> None:
    rows = [delivery("sent", handle=name) for name in ("a", "b", "c")] + [delivery("handed_over", "snackvideo")]
    assert told(post("scheduled"), *rows) == "Terbit di 3 dari 4 kanal. SnackVideo menunggu Anda."


def test_two_accounts_of_one_channel_are_told_apart() -> None:
    said = told(post("scheduled"), delivery("sent", sent_at=DUE), delivery("failed", handle="kota_malang"))
    assert "Gagal terbit di Instagram. Naskah tersimpan." in said
    both = told(post("scheduled"), delivery("failed"), delivery("failed", handle="kota_malang"))
    assert both == "Gagal terbit di Instagram (kim_sanan) dan Instagram (kota_malang). Naskah tersimpan."


def test_a_cancelled_channel_is_not_counted() -> None:
    said = told(post("scheduled"), delivery("sent", sent_at=DUE), delivery("cancelled", "snackvideo"))
    assert said == "Terbit Kamis, 10 Desember 2026, 11.45 WIB di Instagram."


def test_a_post_whose_time_passed_while_the_account_is_cut_off_is_called_delayed() -> None:
    late = delivery("waiting", due_at=NOW - timedelta(hours=1))
    assert told(post("scheduled"), late) == "Tertunda di Instagram. Naskah dan jadwal tersimpan."


def test_nothing_is_promised_for_an_account_that_is_known_to_be_cut_off() -> None:
    ahead = told(post("scheduled"), delivery("waiting", account=stopped("expired")), delivery("waiting", "snackvideo"))
    assert ahead == (
        "Menunggu akun Instagram disambungkan lagi, terputus sejak 18.55. "
        "Jadwalnya tetap Kamis, 10 Desember 2026, 11.45 WIB. "
        "Akan terbit Kamis, 10 Desember 2026, 11.45 WIB di SnackVideo."
    )
    for state in ("waiting", "preparing"):
        passed = told(
            post("scheduled"), delivery(state, account=stopped("expired"), due_at=NOW - timedelta(minutes=10))
        )
        assert passed == (
            "Menunggu akun Instagram disambungkan lagi, terputus sejak 18.55. "
            "Jadwal 19.20 sudah lewat; masih bisa terbit sampai 22.20."
        )


def test_a_missing_permission_is_not_called_a_lost_connection() -> None:
    said = told(post("scheduled"), delivery("waiting", account=stopped("not_allowed")))
    assert said.startswith("Menunggu izin akun Instagram dilengkapi, kurang sejak 18.55.")
    assert "terputus" not in said


def test_a_login_that_ended_unnoticed_promises_nothing_either() -> None:
    ended = Account(kind="instagram", handle="kim_sanan", state="connected", token_expires_at=NOW - timedelta(hours=1))
    ended.by_hand = False
    assert "terputus sejak 18.30." in told(post("scheduled"), delivery("waiting", account=ended))


def test_a_time_that_has_come_is_not_announced_any_more() -> None:
    said = told(post("scheduled"), delivery("waiting", due_at=NOW - timedelta(minutes=1)))
    assert said == "Sebentar lagi terbit di Instagram."


def test_an_unknown_outcome_warns_against_posting_again() -> None:
    assert "jangan unggah ulang" in told(post("scheduled"), delivery("unknown"))


def test_a_note_says_that_the_slot_is_kept_only_while_it_lies_ahead() -> None:
    assert told(post("changes_asked", proposed_at=DUE)) == "Perlu revisi: 1 catatan. Jadwal tetap disimpan."
    gone = NOW - timedelta(days=1)
    assert told(post("changes_asked", proposed_at=gone)) == "Perlu revisi: 1 catatan."


def test_an_edit_of_a_planned_post_says_that_it_must_be_reviewed_again() -> None:
    assert told(post("draft"), delivery("waiting")).startswith("Diubah setelah dijadwalkan.")
    assert told(post("draft")) == "Draf. Belum dikirim untuk ditinjau."


def test_a_withdrawn_post_that_is_public_somewhere_says_so() -> None:
    said = told(post("withdrawn"), delivery("sent", sent_at=DUE), delivery("cancelled", "snackvideo"))
    assert said == "Ditarik, jadi tidak akan terbit. Yang sudah terbit tetap tampil di Instagram."


@pytest.mark.parametrize("state", [state for state in PostState if state != PostState.SCHEDULED])
def test_what_an_old_revision_is_doing_outside_is_said_in_every_state(state: PostState) -> None:
    for on_its_way in ("publishing", "accepted"):
        assert "Revisi lama sedang diterbitkan di SnackVideo." in told(post(state), delivery(on_its_way, "snackvideo"))
    unclear = told(post(state), delivery("unknown"), delivery("sent", "snackvideo", sent_at=DUE))
    assert "Revisi lama belum pasti terbit di Instagram." in unclear
    assert "jangan unggah ulang" in unclear
    assert "Yang sudah terbit tetap tampil di SnackVideo." in unclear
    for quiet in ("waiting", "preparing", "failed", "cancelled"):
        assert "Revisi lama" not in told(post(state), delivery(quiet))


@pytest.mark.parametrize("state", list(PostState))
def test_every_state_has_a_sentence(state: PostState) -> None:
    assert told(post(state)).endswith(".")


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (["sent", "failed"], "failed"),
        (["sent", "handed_over"], "handed_over"),
        (["sent", "waiting"], "scheduled"),
        (["sent", "sent"], "sent"),
        (["cancelled"], "scheduled"),
        ([], "scheduled"),
    ],
)
def test_what_needs_attention_stands_for_the_whole_post(states: list[str], shown: str) -> None:
    assert path_state(post("scheduled"), [delivery(state) for state in states], NOW) == shown


def test_what_is_prepared_before_its_time_is_called_planned() -> None:
    rows = [delivery("preparing", due_at=NOW + timedelta(minutes=20))]
    assert path_state(post("scheduled"), rows, NOW) == "scheduled"
    assert told(post("scheduled"), *rows) == told(post("scheduled"), delivery("waiting", due_at=rows[0].due_at))
    late = [delivery("preparing", due_at=NOW)]
    assert path_state(post("scheduled"), late, NOW) == "preparing"


def test_an_account_that_stopped_stands_for_the_whole_post() -> None:
    rows = [delivery("sent"), delivery("waiting", account=stopped("expired"))]
    assert path_state(post("scheduled"), rows, NOW) == "stopped"
    assert path_state(post("draft"), rows, NOW) == "draft"


def test_a_draft_stays_a_draft_whatever_was_planned_before() -> None:
    assert path_state(post("draft"), [delivery("waiting")], NOW) == "draft"


@pytest.mark.parametrize(
    ("count", "before", "sentence"),
    [
        (0, 7, "Belum ada unggahan terbit bulan ini."),
        (5, 7, "5 unggahan terbit bulan ini, 2 lagi untuk menyamai Oktober."),
        (7, 7, "7 unggahan terbit bulan ini, sama dengan Oktober."),
        (9, 7, "9 unggahan terbit bulan ini, 2 lebih banyak daripada Oktober."),
        (3, 0, "3 unggahan terbit bulan ini."),
    ],
)
def test_the_month_is_compared_with_the_one_before(count: int, before: int, sentence: str) -> None:
    said = this_month(count, before, "Oktober")
    assert (said.message % said.values if said.values else said.message) == sentence


def test_what_is_held_says_why_and_keeps_its_plan() -> None:
    hold = Hold(reason="mourning")
    rows = [delivery("waiting"), delivery("sent", kind="bluesky")]
    said = [one.message for one in about(post("scheduled"), rows, At(NOW), hold=hold)]
    assert "Ditahan di %(channels)s: %(reason)s." in said
    assert path_state(post("scheduled"), rows, NOW, hold=hold) == "held"
    assert path_state(post("scheduled"), [delivery("publishing")], NOW, hold=hold) == "publishing"
