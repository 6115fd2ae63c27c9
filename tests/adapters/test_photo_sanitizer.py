"""An uploaded photo is refused for its own reason, or upright, small and clean."""

import io
import sys

import pytest
from PIL import Image

from server.adapters import photo_sanitizer, photo_sanitizer_child
from server.adapters.photo_sanitizer import PhotoSanitizer
from server.errors.base import Refusal
from server.errors.photos import PhotoTooLarge
from tests.adapters.pictures import file_of, photo_of_12_megapixels
from tests.adapters.uploads import CORPUS, Upload, assert_clean, assert_upright

SEEN_FROM_OUTSIDE = {"photo_too_large", "unsupported_photo_format"}
LOOKED_INTO = [upload for upload in CORPUS if upload.refused not in SEEN_FROM_OUTSIDE]
TURNED = [upload for upload in CORPUS if upload.name.startswith("turned")]
GREY, WHITE = (128, 128, 128), (255, 255, 255)


@pytest.mark.parametrize("upload", CORPUS, ids=lambda upload: upload.name)
async def test_an_upload_is_refused_for_its_own_reason_or_comes_out_clean(upload: Upload):
    if upload.refused is None:
        photo = await PhotoSanitizer().sanitize(upload.content)
        assert_clean(photo.large)
        assert_clean(photo.small)
        return
    with pytest.raises(Refusal) as refusal:
        await PhotoSanitizer().sanitize(upload.content)
    assert refusal.value.code == upload.refused


@pytest.mark.parametrize("upload", TURNED, ids=lambda upload: upload.name)
def test_however_the_phone_was_held_the_photo_is_upright(upload: Upload):
    large, small = photo_sanitizer_child.drawings(photo_sanitizer._kind_of(upload.content), upload.content)

    assert_upright(file_of(large, "JPEG"))
    assert_upright(file_of(small, "JPEG"))


@pytest.mark.filterwarnings("ignore")  # as the process does
@pytest.mark.parametrize("upload", LOOKED_INTO, ids=lambda upload: upload.name)
def test_the_child_gives_the_same_verdict_without_its_limits(upload: Upload):
    verdict = (
        photo_sanitizer_child.answer(photo_sanitizer._kind_of(upload.content), upload.content)
        .partition(b"\n")[0]
        .decode()
    )

    assert verdict.split()[0] == (upload.refused or "drawn")


async def test_a_photo_of_12_megapixels_comes_in_two_sizes():
    photo = await PhotoSanitizer().sanitize(photo_of_12_megapixels())

    assert (photo.width, photo.height) == _size(photo.large) == (1600, 1200)
    assert _size(photo.small) == (320, 240)


@pytest.mark.parametrize(
    ("before", "large", "small"),
    [
        ((300, 200), (300, 200), (300, 200)),
        ((1601, 1601), (1600, 1600), (320, 320)),
        ((1000, 4000), (400, 1600), (80, 320)),
        ((5000, 1), (1600, 1), (320, 1)),
    ],
)
def test_a_photo_shrinks_to_fit_and_never_grows(before, large, small):
    drawn = photo_sanitizer_child.drawings("PNG", file_of(Image.new("1", before), "PNG"))

    assert [drawing.size for drawing in drawn] == [large, small]


def test_transparent_pixels_become_white():
    glass = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    hole = Image.new("P", (40, 40), 0)

    for upload in (file_of(glass, "PNG"), file_of(hole, "PNG", transparency=0)):
        assert photo_sanitizer_child.drawings("PNG", upload)[0].getpixel((20, 20)) == WHITE


@pytest.mark.parametrize("mode", ["L", "LA", "CMYK", "RGB", "I;16"])
def test_grey_stays_grey_whatever_way_it_was_stored(mode: str):
    deep = mode == "I;16"
    grey = Image.new(mode, (40, 40), 0x8000) if deep else Image.new("L", (40, 40), 128).convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"

    drawn = photo_sanitizer_child.drawings(kind, file_of(grey, kind))[0].getpixel((20, 20))

    assert all(abs(a - b) <= 2 for a, b in zip(drawn, GREY, strict=True))


def test_a_hole_counted_in_sixteen_bits_is_no_hole_at_the_same_count_of_eight():
    grey = file_of(Image.new("I;16", (40, 40), 0x8000), "PNG", transparency=0x80)

    assert photo_sanitizer_child.drawings("PNG", grey)[0].getpixel((20, 20)) == GREY


def test_a_missing_reader_of_heic_is_not_blamed_on_the_photo(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)

    with pytest.raises(ImportError):
        photo_sanitizer_child.answer("HEIC", b"whatever")


async def test_a_refusal_of_size_names_the_limit():
    with pytest.raises(PhotoTooLarge) as refusal:
        await PhotoSanitizer().sanitize(bytes(photo_sanitizer.MAX_BYTES + 1))

    assert refusal.value.details == {"limit_bytes": 10 * 1024 * 1024}


def _size(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return picture.size
