"""Sentences with values, as they are shown."""

import pytest
from flask import Flask
from flask_babel import force_locale

from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import Several, Whole
from contentdesk.lib.sentences import of_error, sentence


@pytest.mark.parametrize(("locale", "written"), [("id", "Teks 2.399 huruf"), ("en", "Teks 2,399 huruf")])
def test_a_number_in_a_sentence_is_written_as_its_reader_writes_it(app: Flask, locale: str, written: str) -> None:
    with app.test_request_context(), force_locale(locale):
        assert sentence("Teks %(length)s huruf", {"length": 2399}) == written


def test_digits_that_are_no_number_stay_as_they_are(app: Flask) -> None:
    with app.test_request_context():
        assert of_error(DomainError("Nomor %(number)s", number="08123456")) == "Nomor 08123456"


def test_a_sentence_without_values_may_hold_a_percent_sign(app: Flask) -> None:
    with app.test_request_context():
        assert sentence("Naik 5%") == "Naik 5%"


def test_sentences_inside_a_sentence_are_in_its_language(app: Flask) -> None:
    points = Several(
        [Whole("Teks masih kosong. Tulis dulu."), Whole("Teks %(length)s huruf", {"length": 2399}, "Mastodon")]
    )
    error = DomainError("Belum. %(points)s", points=points)
    with app.test_request_context(), force_locale("en"):
        said = of_error(error)
    assert "Mastodon: " in said
    assert "2,399" in said
    assert "masih kosong" not in said
    assert str(error) == "Belum. Teks masih kosong. Tulis dulu. Mastodon: Teks 2399 huruf"
