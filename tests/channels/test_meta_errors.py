"""The table of codes, read as a table."""

import pytest

from contentdesk.channels.kinds.meta_errors import (
    CERTAIN,
    SENTENCES,
    TABLE,
    Means,
    meaning,
    meaning_of_subcode,
    settles,
    subcode_in_status,
)


@pytest.mark.parametrize(
    ("code", "subcode", "means"),
    [
        (190, 463, Means.LOGIN),
        (190, 492, Means.LOGIN),
        (102, 0, Means.LOGIN),
        (10, 0, Means.PERMISSION),
        (255, 0, Means.PERMISSION),
        (25, 2207050, Means.PERMISSION),
        (4, 0, Means.LIMIT),
        (80002, 0, Means.LIMIT),
        (9, 2207042, Means.LIMIT),
        (4, 2207051, Means.BLOCKED),
        (9007, 2207027, Means.NOT_YET),
        (2, 0, Means.TRANSIENT),
        (-1, 2207001, Means.TRANSIENT),
        (-1, 2207085, Means.FEW),
        (9004, 2207052, Means.FEW),
        (100, 33, Means.FEW),
        (100, 2207028, Means.CONTENT),
        (36003, 2207009, Means.CONTENT),
        (31337, 0, Means.FEW),
    ],
)
def test_a_code_means_what_the_platform_documents(code: int, subcode: int, means: Means) -> None:
    assert meaning(code, subcode).means is means


@pytest.mark.parametrize(
    "pair",
    [(4, 2207051), (-1, 2207085), (1, 0), (2, 0), (31337, 0), (100, 33), (506, 0), (506, 1455006), (100, 1366051)],
)
def test_these_settle_nothing_after_the_irreversible_call(pair: tuple[int, int]) -> None:
    assert not settles(*pair)


@pytest.mark.parametrize(
    "pair",
    [
        (190, 463),
        (190, 999),
        (10, 5),
        (9007, 2207027),
        (9, 2207042),
        (4, 0),
        (36004, 2207010),
        (368, 0),
        (368, 7),
        (1, 1366046),
    ],
)
def test_these_say_that_nothing_was_published(pair: tuple[int, int]) -> None:
    assert settles(*pair)


def test_a_known_code_with_an_unknown_subcode_settles_nothing() -> None:
    known = {code for (code, subcode), found in TABLE.items() if subcode is None and found.means in CERTAIN}
    open_ends = {code for code in known if not settles(code, 2207999)}
    assert {4, 100, 36004, 80002} <= open_ends
    assert {190, 10} & open_ends == set()


@pytest.mark.parametrize(
    ("status", "subcode"),
    [
        ("Error: Media upload has failed with error code 2207026", 2207026),
        ("2207009", 2207009),
        ("Galat: unggahan gagal", 0),
        ("Error 12207026", 0),
    ],
)
def test_the_subcode_of_a_failed_container_is_read_as_a_number(status: str, subcode: int) -> None:
    assert subcode_in_status(status) == subcode


def test_a_subcode_alone_is_enough() -> None:
    assert meaning_of_subcode(2207009).means is Means.CONTENT
    assert meaning_of_subcode(2207052).means is Means.FEW
    assert meaning_of_subcode(0).means is Means.FEW


def test_every_sentence_can_be_said() -> None:
    words = {"platform": "Instagram", "handle": "kim_dinoyo"}
    for sentence in {found.words for found in TABLE.values()} | set(SENTENCES.values()):
        assert "%" not in sentence % words
