"""A story shows no text, so only its container and the time tell which one is ours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contentdesk.channels.base import CannotTell, NotThere, OutcomeUnknown, TryLater
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.line import Line
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects.instagram import story_photo
from tests.servers import MediaServer, SandboxProcess

PUBLISH = "media_publish$"
A_WHILE = timedelta(minutes=2)


@pytest.fixture
def story(line: Line, media: MediaServer) -> Line:
    line.outgoing = story_photo(media, line.login)
    return line


def lost(sandbox: SandboxProcess, line: Line) -> None:
    line.prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH, "fault": "commit_then_drop"})
    with pytest.raises(OutcomeUnknown):
        line.publish()


def test_a_lost_story_is_found_when_it_is_the_only_one_but_not_at_once(
    sandbox: SandboxProcess, story: Line, later: Later
) -> None:
    lost(sandbox, story)
    with pytest.raises(TryLater):
        story.find()
    later(A_WHILE)
    assert story.find_id() == sandbox.published()[0]["id"]


def test_two_stories_at_the_same_time_are_for_a_person(
    sandbox: SandboxProcess, media: MediaServer, story: Line, later: Later
) -> None:
    lost(sandbox, story)
    other = Line(story.http, story.login, ())
    other.outgoing = story_photo(media, story.login)
    other.prepare().publish()
    later(A_WHILE)
    assert story.find() == CannotTell()


def test_a_lost_story_that_is_gone_after_a_day_is_for_a_person(
    sandbox: SandboxProcess, story: Line, later: Later
) -> None:
    lost(sandbox, story)
    sandbox.admin("clock", {"offset_s": 25 * 3600})
    later(timedelta(hours=25))
    assert story.find() == CannotTell()


STAMP = "%Y-%m-%dT%H:%M:%S+0000"


def told(scripted: ScriptedPlatform, story: Line, word: str, *stories: dict[str, str]) -> Line:
    """A platform where the container has this status and these stories stand."""
    scripted.on("GET", r"/42\?", Answer({"id": "42", "status_code": word}))
    scripted.on("GET", "/stories", Answer({"data": list(stories)}))
    story.http = Http(scripted.url)
    story.checkpoint = {"container": "42", "ready_at": story.since.isoformat()}
    return story


def test_an_expired_container_proves_no_absence_once_stories_are_gone(scripted: ScriptedPlatform, story: Line) -> None:
    assert told(scripted, story, "EXPIRED").find() == NotThere({})
    story.since = clock.now() - timedelta(hours=25)
    assert told(scripted, story, "EXPIRED").find() == CannotTell()


def test_stories_of_others_do_not_matter_while_ours_waits(
    scripted: ScriptedPlatform, story: Line, later: Later
) -> None:
    other = {"id": "179", "media_type": "IMAGE", "timestamp": clock.now().strftime(STAMP)}
    told(scripted, story, "FINISHED", other)
    later(A_WHILE)
    assert isinstance(story.find(), NotThere)
    told(scripted, story, "ERROR", other)
    assert story.find() == CannotTell()


def test_a_film_among_the_stories_is_not_our_photo(scripted: ScriptedPlatform, story: Line, later: Later) -> None:
    film = {"id": "179", "media_type": "VIDEO", "timestamp": clock.now().strftime(STAMP)}
    told(scripted, story, "PUBLISHED", film)
    later(A_WHILE)
    assert story.find() == CannotTell()
    told(scripted, story, "PUBLISHED", film, film | {"id": "180", "media_type": "IMAGE"})
    assert story.find_id() == "180"


def test_a_story_goes_out_without_text_and_alt_text(sandbox: SandboxProcess, story: Line) -> None:
    story.outgoing = replace(story.outgoing, photos=tuple(replace(one, alt_text="x") for one in story.outgoing.photos))
    story.prepare().publish()
    [made] = sandbox.calls("/media$", "POST")
    assert set(made["form"]) == {"media_type", "image_url"}
