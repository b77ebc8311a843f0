"""Pictures are made anew: only pixels survive (attack A52)."""

import io

import pytest
from PIL import Image

from gateway.files import pictures
from gateway.files.errors import FileRefused
from gateway.files.intake import accept
from gateway.files.media import EVIDENCE, JPEG, PNG
from tests.gateway.files import samples


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_place_camera_and_profile_are_gone_and_the_picture_stands_upright() -> None:
    sent = samples.photo_with_place(orientation=6)
    assert opened(sent).getexif().get_ifd(samples.GPS_IFD), "the sample carries a place"
    made = pictures.remake(sent)
    for data in (made.content, made.thumbnail):
        image = opened(data)
        assert not dict(image.getexif())
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
        assert b"SN-8812093" not in data
    assert (made.width, made.height) == (32, 64)
    top, bottom = opened(made.content).getpixel((16, 5)), opened(made.content).getpixel((16, 58))
    assert top[0] > 200 > bottom[0], "red was on the left, and is on top of the upright picture"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_what_was_appended_or_commented_dies(format_: str) -> None:
    polyglot = samples.picture(format_) + samples.SCRIPT + samples.zip_of({"a": b"a"})
    accepted = accept(polyglot, EVIDENCE)
    assert b"script" not in accepted.content
    assert b"PK\x03\x04" not in accepted.content
    assert accepted.media is (PNG if format_ == "PNG" else JPEG)


@pytest.mark.parametrize("size", [(50_000, 50_000), (10_000, 10_000), (9_000, 8_000)])
def test_pixels_are_counted_before_any_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(FileRefused) as caught:
        pictures.remake(samples.png_that_claims(*size))
    assert caught.value.reason == "picture-too-large"


def test_a_large_picture_is_kept_smaller_and_shown_smaller_still() -> None:
    made = pictures.remake(samples.picture(size=(6_000, 1_500)))
    assert (made.width, made.height) == (4_096, 1_024)
    assert opened(made.content).size == (4_096, 1_024)
    small = opened(made.thumbnail)
    assert small.format == "JPEG"
    assert (small.width, small.height) == (360, 90)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_every_mode_becomes_one_that_browsers_show(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (8, 8)).save(file, "PNG")
    made = pictures.remake(file.getvalue())
    assert opened(made.content).mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")


def test_a_picture_cut_anywhere_is_refused_and_never_breaks_us() -> None:
    sent = samples.photo_with_place()
    for length in range(4, len(sent) - 2, 23):
        try:
            pictures.remake(sent[:length])
        except FileRefused as error:
            assert error.reason == "picture-damaged"  # noqa: PT017 - a cut in the last block still decodes


def test_colours_survive() -> None:
    made = opened(pictures.remake(samples.picture("PNG")).content)
    assert made.getpixel((2, 2)) == (255, 0, 0)
    assert made.getpixel((60, 2)) == (0, 0, 255)
