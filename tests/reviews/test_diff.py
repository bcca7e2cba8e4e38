"""The difference shows exactly what was taken out and put in, fast."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentdesk.lib.db import transaction
from contentdesk.posts.models import Post, RevisionPhoto
from contentdesk.posts.queries import get_post, revision
from contentdesk.reviews import diff
from contentdesk.reviews.diff import Piece, words
from tests.factories import Factory

_WORDS = st.sampled_from(
    ["rek", "rek!", "Rp18.000", "dan", "halal", "100%", " ", "  ", "\n", "\n\n", "(", ")", "🍜", "\t"]
)
texts = st.one_of(st.text(max_size=80), st.lists(_WORDS, max_size=40).map("".join))


def old_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "ins")


def new_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "del")


@settings(max_examples=400, deadline=None)
@given(texts, texts)
def test_dropping_one_side_gives_the_other_text(old: str, new: str) -> None:
    pieces = words(old, new)
    assert (old_of(pieces), new_of(pieces)) == (old, new)
    assert all(piece.text for piece in pieces)
    kinds = [piece.kind for piece in pieces]
    assert all(kinds[at] != kinds[at + 1] for at in range(len(kinds) - 1)), "neighbours of one kind are one piece"


@given(texts)
def test_an_equal_text_has_no_difference(text: str) -> None:
    assert words(text, text) == ([Piece("same", text)] if text else [])


def test_changes_next_to_each_other_are_one() -> None:
    assert words("beku isi 20, dan 100% HALAL!", "beku isi 20, dan siap kirim.") == [
        Piece("same", "beku isi 20, dan "),
        Piece("del", "100% HALAL!"),
        Piece("ins", "siap kirim."),
    ]


def test_a_price_changes_as_a_whole_and_a_full_stop_alone() -> None:
    assert words("Harga Rp18.000.", "Harga Rp19.000!") == [
        Piece("same", "Harga "),
        Piece("del", "Rp18.000."),
        Piece("ins", "Rp19.000!"),
    ]
    assert words("Enak rek", "Enak rek!") == [Piece("same", "Enak rek"), Piece("ins", "!")]


def test_signs_between_two_changes_do_not_cut_them() -> None:
    assert words("Sudah ber-NIB, P-IRT.", "Keripik terbaik, renyah.") == [
        Piece("del", "Sudah ber-NIB, P-IRT"),
        Piece("ins", "Keripik terbaik, renyah"),
        Piece("same", "."),
    ]


def test_line_ends_stay_where_they_are() -> None:
    pieces = words("satu\n\ndua\ntiga", "satu\n\nempat\ntiga")
    assert pieces == [Piece("same", "satu\n\n"), Piece("del", "dua"), Piece("ins", "empat"), Piece("same", "\ntiga")]


SENTENCE = "Bakso Gang Wetan menyajikan pentol halus, pentol urat, tahu, dan goreng kering dalam satu mangkok. "
LONG = (SENTENCE * 30)[:2200]
CAPTION = " ".join(f"kata{number} dan rasa {number % 40}," for number in range(105))[:2200]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LONG, LONG.replace("pentol", "bakso").replace("satu", "dua")),
        (CAPTION, CAPTION.replace("dan", "dengan").replace("kata1", "kota1")),
        (CAPTION, "\n".join(reversed(CAPTION.split(", ")))),
        (LONG, " ".join(reversed(LONG.split()))[:2200]),
        ("a " * 1100, "b a " * 550),
        ("x" * 2200, "y" * 2200),
        ("." * 2200, "!" * 2200),
        ("\n" * 2200, "\n!" * 1100),
    ],
)
def test_two_full_captions_are_compared_in_an_instant(old: str, new: str) -> None:
    spent = []
    for _ in range(3):
        start = time.thread_time()
        pieces = words(old, new)
        spent.append(time.thread_time() - start)
    assert (old_of(pieces), new_of(pieces)) == (old, new)
    assert min(spent) < 0.05


def two_revisions(make: Factory) -> Post:
    author = make.user()
    accounts = (make.account(kind="instagram", handle="kim_a"), make.account(kind="snackvideo", handle="kim_b"))
    post = make.post(author, text="Keripik tempe.", accounts=accounts[:1])
    make.revision(post, author, 2, "Keripik tempe renyah.", accounts=accounts[1:])
    return get_post(post.id)


def test_photos_accounts_and_text_of_two_revisions(make: Factory) -> None:
    post = two_revisions(make)
    found = diff.between(revision(post, 1), revision(post, 2))
    assert found.base_number == 1
    assert found.targets == [("ins", "kim_b", "snackvideo"), ("del", "kim_a", "instagram")]
    assert [(one.kind, one.number) for one in found.photos] == [("ins", 1), ("del", 1)]
    assert found.text == [Piece("same", "Keripik tempe"), Piece("ins", " renyah"), Piece("same", ".")]
    assert found.any


def test_an_account_of_the_same_name_on_another_channel_is_another(make: Factory) -> None:
    author, kinds = make.user(), ("instagram", "snackvideo")
    accounts = [make.account(kind=kind, handle="latihan") for kind in kinds]
    post = make.post(author, text="Keripik tempe.", accounts=tuple(accounts[:1]))
    make.revision(post, author, 2, "Keripik tempe.", accounts=tuple(accounts))
    post = get_post(post.id)
    found = diff.between(revision(post, 1), revision(post, 2))
    assert sorted(found.targets) == [("ins", "latihan", "snackvideo"), ("same", "latihan", "instagram")]


def test_a_first_revision_has_no_difference(make: Factory) -> None:
    found = diff.between(None, revision(two_revisions(make), 1))
    assert (found.base_number, found.any) == (None, False)


def test_photos_that_changed_places_are_told(make: Factory) -> None:
    author = make.user()
    post = make.post(author)
    make.revision(post, author, 2, "Keripik tempe Sanan, Rp15.000.")
    first, second = (revision(post, number) for number in (1, 2))
    one, two = first.photos[0].asset_id, second.photos[0].asset_id
    with transaction() as session:
        session.add(RevisionPhoto(revision_id=first.id, position=1, asset_id=two, alt_text="Kemasan"))
        session.add(RevisionPhoto(revision_id=second.id, position=1, asset_id=one, alt_text="Keripik tempe"))
    found = diff.between(revision(post, 1), revision(post, 2)).photos
    assert [(photo.kind, photo.asset.id) for photo in found] == [("moved", two), ("moved", one)]
    assert found[1].alt_text == [Piece("same", "Keripik"), Piece("ins", " tempe")]
