"""What somebody who is not signed in can make the server take in."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import Factory

LIMIT = 1_000_000
RINGING = "/dering/instagram"


class Endless(BytesIO):
    """A body of unknown length, as HTTP has it in chunks. Knows how much of it was read."""

    def __init__(self) -> None:
        part = b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n'
        super().__init__(part + bytes(3 * LIMIT))


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", [RINGING, "/masuk", "/video", "/unggahan/baru"])
def test_a_body_of_unknown_length_is_read_to_the_limit_alone(
    app: Flask, client: FlaskClient, path: str, media_type: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    body = Endless()
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    client.post(path, input_stream=body, content_type=media_type, environ_overrides=environ)
    assert body.tell() <= 2 * LIMIT


@pytest.mark.parametrize("path", ["/video", "/foto", "/unggahan/baru"])
def test_whose_session_is_over_is_led_to_signing_in_before_a_large_file_is_read(
    app: Flask, client: FlaskClient, path: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(path, data=bytes(LIMIT + 1), content_type="video/mp4")
    assert (answer.status_code, answer.headers["Connection"]) == (302, "close")
    assert "/masuk" in answer.headers["Location"]


def test_who_is_signed_in_may_send_more(make: Factory) -> None:
    sent = {"title": "Judul", "text": "Teks", "photos": (BytesIO(bytes(2 * LIMIT)), "foto.jpg")}
    assert make.signed_in(make.user()).post("/unggahan/baru", data=sent).status_code < 400
