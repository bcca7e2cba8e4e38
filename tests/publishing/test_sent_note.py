"""A post that is there, but not as it was wanted."""

from contentdesk.channels.base import Sent
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.publishing import outcomes
from contentdesk.publishing.outgoing import Lender, work
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import Scene


def test_a_note_about_a_sent_post_stands_on_its_page_and_with_the_post(scene: Scene) -> None:
    delivery = scene.scheduled()
    note = "Video ini dikunci."
    with transaction():
        held = work(delivery.id, "", Lender("http://127.0.0.1", "x", scene.at.files), scene.at.box)
        outcomes.sent(held, Sent("1", "https://www.instagram.com/p/abc/", note), clock.now())
    after = scene.fresh(delivery)
    assert (after.state, after.problem) == (DeliveryState.SENT, note)
    page = scene.make.signed_in(scene.chair)
    for address in (f"/terbitan/{delivery.id}", f"/unggahan/{delivery.post_id}"):
        assert note in page.get(address).text
