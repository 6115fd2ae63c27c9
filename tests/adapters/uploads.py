"""Uploads nobody should fall for, and odd but honest photos, all made by code: `CORPUS` and how to judge answers."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

import pillow_heif
from PIL import Image, PngImagePlugin

from tests.adapters.pictures import (
    BLUE,
    FIRST_ROW_AND_COLUMN,
    GREEN,
    MEGABYTE,
    RED,
    SCRIPT,
    SECRET_PLACE,
    UPRIGHT_SIZE,
    YELLOW,
    black,
    claiming,
    exif_with_everything,
    file_of,
    noise,
    png,
    scene,
    stored,
)

TOO_MANY = "photo_too_many_pixels"
BROKEN = "photo_unreadable"
REFUSED = "unsupported_photo_format"
MOVING = "photo_animated"


class Upload(NamedTuple):
    """`refused` is the code of the refusal it must meet, None when it must come out clean."""

    name: str
    content: bytes
    refused: str | None


def _bombs() -> list[Upload]:
    zeros = zlib.compress(bytes(100 * MEGABYTE), 9)
    jpeg = file_of(scene(), "JPEG")
    return [
        Upload("bomb.png", png(9000, 9900, black(9000, 9900)), TOO_MANY),
        Upload("one-row-too-many.png", png(5000, 5001, black(5000, 5001)), TOO_MANY),
        Upload("just-fits.png", png(5000, 5000, black(5000, 5000)), None),
        Upload("text-bomb.png", png(8, 8, black(8, 8), (b"zTXt", b"a\0\0" + zeros)), BROKEN),
        Upload("profile-bomb.png", png(8, 8, black(8, 8), (b"iCCP", b"a\0\0" + zeros)), BROKEN),
        Upload("ten-megabytes.jpg", jpeg.ljust(10 * MEGABYTE, b"\0"), None),
        Upload("ten-megabytes-and-one.jpg", jpeg.ljust(10 * MEGABYTE + 1, b"\0"), "photo_too_large"),
    ]


def _liars() -> list[Upload]:
    jpeg = file_of(scene(), "JPEG")
    size = jpeg.index(b"\xff\xc0") + 5
    wide_jpeg = jpeg[:size] + struct.pack(">HH", 65_500, 65_500) + jpeg[size + 4 :]
    webp = b"WEBPVP8X" + struct.pack("<II", 10, 0) + struct.pack("<I", 9_999)[:3] * 2
    heic = file_of(Image.new("RGB", (640, 640)), "HEIC")
    return [
        Upload("claims-2-31.png", png(2**31, 1, b"\0"), TOO_MANY),
        Upload("claims-65500.jpg", wide_jpeg, TOO_MANY),
        Upload("claims-10000.webp", b"RIFF" + struct.pack("<I", len(webp)) + webp, TOO_MANY),
        Upload("claims-30000.heic", claiming(heic, (30_000, 30_000)), TOO_MANY),
        Upload("more-pixels-than-claimed.heic", claiming(heic, (64, 64)), BROKEN),
        Upload("more-pixels-than-claimed.png", png(8, 8, bytes(20 * MEGABYTE)), None),
        Upload("fewer-pixels-than-claimed.png", png(800, 800, b"\0"), BROKEN),
    ]


def _other_formats() -> list[Upload]:
    small = scene()
    page = b"<!doctype html><title>a</title>" + SCRIPT
    written = [(kind, file_of(small, kind)) for kind in ("EPS", "TIFF", "BMP", "GIF", "ICO", "PDF", "AVIF", "JPEG2000")]
    psd = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 48, 64, 8, 3) + bytes(14)
    return [
        *(Upload(f"photo.{kind.lower()}", content, REFUSED) for kind, content in written),
        Upload("nothing.jpg", b"", REFUSED),
        Upload("one-byte.jpg", b"\xff", REFUSED),
        Upload("chance.jpg", random.Random(7).randbytes(4096), REFUSED),
        Upload("page.jpg", page, REFUSED),
        Upload("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>", REFUSED),
        Upload("layers.psd", psd, REFUSED),
        Upload("gif-and-script.jpg", b"GIF89a/*" + page + b"*/", REFUSED),
        Upload("archive.jpg", _archive(), REFUSED),
        Upload("film.heic", b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + bytes(200), REFUSED),
        Upload("disguised-avif.heic", dict(written)["AVIF"].replace(b"ftypavif", b"ftypmif1"), BROKEN),
        Upload("sound.webp", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), REFUSED),
    ]


def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("payload.html", SCRIPT)
    return file.getvalue()


def _cut_short() -> list[Upload]:
    whole = [(kind, file_of(noise(), kind)) for kind in ("JPEG", "PNG", "WEBP", "HEIC")]
    return [
        Upload(f"cut-at-{place}.{kind.lower()}", content[: cut(len(content))], BROKEN)
        for kind, content in whole
        for place, cut in CUTS.items()
    ]


CUTS: dict[str, Callable[[int], int]] = {
    "the-signature": lambda _: 12,
    "the-header": lambda _: 40,
    "the-middle": lambda length: length // 2,
    "the-end": lambda length: length - 100,
}


def _moving() -> list[Upload]:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, GREEN, BLUE)]
    several = pillow_heif.from_pillow(frames[0])
    several.add_from_pillow(frames[1])
    heic = io.BytesIO()
    several.save(heic)
    more = {"save_all": True, "append_images": frames[1:]}
    return [
        Upload("moving.webp", file_of(frames[0], "WEBP", **more), MOVING),
        Upload("moving.png", file_of(frames[0], "PNG", **more), MOVING),
        Upload("several.heic", heic.getvalue(), MOVING),
        # A phone's picture with a second view in its tail: the first alone is the photo.
        Upload("two-views.jpg", file_of(frames[0], "MPO", **more), None),
    ]


def _with_secrets() -> list[Upload]:
    exif = exif_with_everything()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SCRIPT.decode())
    text.add_itxt("Author", SECRET_PLACE.decode())
    jpeg = file_of(scene(), "JPEG", comment=SCRIPT, exif=exif, icc_profile=SECRET_PLACE * 20, xmp=SCRIPT)
    hidden = {"exif": exif, "icc_profile": SECRET_PLACE * 20}
    broken = file_of(scene(), "JPEG", exif=b"Exif\0\0" + SECRET_PLACE)
    cut = file_of(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + SECRET_PLACE)
    return [
        Upload("everything.jpg", jpeg, None),
        Upload("everything.png", file_of(scene(), "PNG", pnginfo=text, **hidden), None),
        Upload("everything.webp", file_of(scene(), "WEBP", xmp=SCRIPT, **hidden), None),
        Upload("everything.heic", file_of(scene(), "HEIC", exif=exif.tobytes(), xmp=SCRIPT), None),
        Upload("archive-in-tail.jpg", jpeg + _archive(), None),
        Upload("page-in-tail.png", file_of(scene(), "PNG") + SCRIPT, None),
        Upload("broken-exif.jpg", broken, None),
        Upload("cut-exif.jpg", cut, None),
    ]


def _turned() -> list[Upload]:
    return [
        Upload(f"turned-{way}.{kind.lower()}", file_of(stored(way), kind, exif=_exif_for(kind, way)), None)
        for way in FIRST_ROW_AND_COLUMN
        for kind in ("JPEG", "PNG", "WEBP", "HEIC")
    ]


def _exif_for(kind: str, orientation: int) -> Image.Exif | bytes:
    exif = exif_with_everything(orientation)
    return exif.tobytes() if kind == "HEIC" else exif


def _odd_but_honest() -> list[Upload]:
    palette = scene().quantize(8)
    see_through = scene().convert("RGBA")
    see_through.putalpha(128)
    deep = Image.new("I;16", (64, 48), 0x8000)
    return [
        Upload("cmyk.jpg", file_of(scene().convert("CMYK"), "JPEG"), None),
        Upload("grey.jpg", file_of(scene().convert("L"), "JPEG"), None),
        Upload("progressive.jpg", file_of(noise(), "JPEG", progressive=True), None),
        Upload("sixteen-bits.png", file_of(deep, "PNG"), None),
        Upload("sixteen-bits-with-a-hole.png", file_of(deep, "PNG", transparency=0x8000), None),
        Upload("palette-with-a-hole.png", file_of(palette, "PNG", transparency=0), None),
        Upload("grey-see-through.png", file_of(see_through.convert("LA"), "PNG"), None),
        Upload("see-through.webp", file_of(see_through, "WEBP"), None),
        Upload("see-through.heic", file_of(see_through, "HEIC"), None),
        Upload("very-wide.png", png(100_000, 1, black(100_000, 1)), None),
    ]


CORPUS = [
    *_bombs(),
    *_liars(),
    *_other_formats(),
    *_cut_short(),
    *_moving(),
    *_with_secrets(),
    *_turned(),
    *_odd_but_honest(),
]


def assert_clean(jpeg: bytes) -> None:
    """Fail when the file holds anything but a picture: it has no segment that could, and no tail."""
    allowed = {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, tables and the frame, then the pixels
    at = 2
    assert jpeg[:2] == b"\xff\xd8"
    while jpeg[at + 1] != 0xDA:
        assert jpeg[at] == 0xFF
        assert jpeg[at + 1] in allowed
        at += 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
    assert jpeg.index(b"\xff\xd9", at) == len(jpeg) - 2
    for secret in (SCRIPT, SECRET_PLACE, b"Exif", b"payload.html"):
        assert secret not in jpeg
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert (picture.format, picture.mode) == ("JPEG", "RGB")
        picture.load()


def assert_upright(jpeg: bytes) -> None:
    """Fail when the corners of `scene` are not where they belong."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.size == UPRIGHT_SIZE
        corners = [picture.getpixel((x, y)) for y in (8, 40) for x in (8, 56)]
    for seen, meant in zip(corners, (RED, GREEN, BLUE, YELLOW), strict=True):
        assert all(abs(a - b) < 40 for a, b in zip(seen, meant, strict=True))
