from hypothesis import example, given
from hypothesis import strategies as st

from contentdesk.media.crops import Spec, crop_box, out_size

sides = st.integers(320, 8_000)
parts = st.floats(0, 1)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    least = draw(st.floats(0.3, 2) | st.sampled_from([0.5625, 0.8, 1.0, 1.91]))
    most = least * draw(st.just(1.0) | st.floats(1, 4))
    return Spec("any", least, most, max_width=draw(st.integers(240, 2048)))


def allowed(width: int, height: int, spec: Spec) -> bool:
    """Within one pixel."""
    return width + 1 >= spec.min_ratio * (height - 1) and width - 1 <= spec.max_ratio * (height + 1)


@given(sides, sides, specs(), parts, parts)
def test_the_crop_lies_inside_has_an_allowed_ratio_and_holds_the_focus(
    width: int, height: int, spec: Spec, x: float, y: float
) -> None:
    left, top, right, bottom = crop_box(width, height, spec, (x, y))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert allowed(right - left, bottom - top, spec)
    assert left <= x * width <= right
    assert top <= y * height <= bottom


@given(sides, sides, specs())
def test_the_crop_takes_no_more_away_than_it_must(width: int, height: int, spec: Spec) -> None:
    left, top, right, bottom = crop_box(width, height, spec)
    assert right - left == width or bottom - top == height
    if spec.min_ratio <= width / height <= spec.max_ratio:
        assert (left, top, right, bottom) == (0, 0, width, height)


@given(sides, sides, st.integers(320, 1440))
@example(1600, 3000, 1079)
@example(3000, 1000, 1083)
def test_the_rendition_is_never_outside_the_ratios_by_a_fraction(width: int, height: int, max_width: int) -> None:
    """A platform that refuses 0.7999 for 0.8 must have no reason."""
    spec = Spec("instagram", 0.8, 1.91, max_width=max_width, min_width=320)
    left, top, right, bottom = crop_box(width, height, spec)
    out_width, out_height = out_size(right - left, bottom - top, spec)
    assert 0.8 <= out_width / out_height <= 1.91
    assert 320 <= out_width <= max_width


@given(sides, sides, specs())
def test_the_rendition_is_never_larger_than_its_part(width: int, height: int, spec: Spec) -> None:
    left, top, right, bottom = crop_box(width, height, spec)
    out_width, out_height = out_size(right - left, bottom - top, spec)
    assert out_width <= min(right - left, spec.max_width)
    assert out_height <= bottom - top + 1
