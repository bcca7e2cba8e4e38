"""Several photos, one slow call after the other: a lease that ends costs one call, not all of them."""

from datetime import timedelta

from tests.channels.line import Line
from tests.servers import MediaServer, SandboxProcess, wait_until

CREATE = "/media$"


def created(sandbox: SandboxProcess) -> int:
    return len(sandbox.calls(CREATE, "POST"))


def test_each_step_makes_one_call_that_may_be_slow_and_is_kept(sandbox: SandboxProcess, carousel: Line) -> None:
    """A lease covers one such call, not ten; what a step made is in its checkpoint."""
    for made in (1, 2, 3):
        before = len(sandbox.calls())
        step = carousel.step()
        assert (step.ready, created(sandbox), len(sandbox.calls()) - before) == (False, made, 1)
        assert (step.again_in == timedelta(0)) == (made < 3)
    wait_until(lambda: (carousel.step(), "container" in carousel.checkpoint)[1])
    assert created(sandbox) == 4


def test_children_are_asked_about_one_in_a_step_and_not_again_once_done(
    sandbox: SandboxProcess, carousel: Line
) -> None:
    for _ in range(3):
        carousel.step()
    per_step = []

    def stepped() -> bool:
        before = len(sandbox.calls())
        carousel.step()
        per_step.append(len(sandbox.calls()) - before)
        return "container" in carousel.checkpoint

    wait_until(stepped)
    assert set(per_step) == {1}
    assert sorted(carousel.checkpoint["done"]) == sorted(carousel.checkpoint["children"])


def test_a_broken_child_is_dropped_in_one_step_and_made_anew_in_the_next(
    sandbox: SandboxProcess, media: MediaServer, carousel: Line
) -> None:
    served = media.files.pop("/2.jpg")
    wait_until(lambda: (carousel.step(), carousel.checkpoint.get("remade"))[1])
    assert created(sandbox) == 3
    first, dropped, third = carousel.checkpoint["children"]
    assert (bool(first), dropped, bool(third)) == (True, None, True)
    media.files["/2.jpg"] = served
    carousel.step()
    assert created(sandbox) == 4
    assert carousel.checkpoint["children"][::2] == [first, third]
    assert carousel.checkpoint["children"][1]
