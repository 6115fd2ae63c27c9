"""Draws and writes pictures for tests: turned, hiding things, or claiming what they are not."""

import io
import struct
import zlib

import pillow_heif
from PIL import Image

SCRIPT = b"<script>alert('met')</script>"
SECRET_PLACE = b"Canary Lane 7"  # stands in every GPS block, profile and comment below
MEGABYTE = 1024 * 1024

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 170, 30), (30, 30, 220), (230, 220, 40)
UPRIGHT_SIZE = (64, 48)
# What EXIF says of a stored picture: the sides of the scene that its first row and its first column are.
FIRST_ROW_AND_COLUMN = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def scene() -> Image.Image:
    """Draw a picture whose four corners tell which way is up."""
    picture = Image.new("RGB", UPRIGHT_SIZE, RED)
    middle_x, middle_y = UPRIGHT_SIZE[0] // 2, UPRIGHT_SIZE[1] // 2
    picture.paste(GREEN, (middle_x, 0, *UPRIGHT_SIZE))
    picture.paste(BLUE, (0, middle_y, *UPRIGHT_SIZE))
    picture.paste(YELLOW, (middle_x, middle_y, *UPRIGHT_SIZE))
    return picture


def stored(orientation: int) -> Image.Image:
    """Draw the scene as a camera held that way stores it."""
    upright = scene()
    row_side, column_side = FIRST_ROW_AND_COLUMN[orientation]
    lying = row_side in {"left", "right"}
    size = UPRIGHT_SIZE[::-1] if lying else UPRIGHT_SIZE
    picture = Image.new("RGB", size)
    for x in range(size[0]):
        for y in range(size[1]):
            place = dict([_inwards(row_side, y), _inwards(column_side, x)])
            picture.putpixel((x, y), upright.getpixel((place["x"], place["y"])))
    return picture


def _inwards(side: str, steps: int) -> tuple[str, int]:
    return {
        "left": ("x", steps),
        "right": ("x", UPRIGHT_SIZE[0] - 1 - steps),
        "top": ("y", steps),
        "bottom": ("y", UPRIGHT_SIZE[1] - 1 - steps),
    }[side]


def file_of(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    if kind == "HEIC":
        pillow_heif.from_pillow(picture).save(file, **options)
    else:
        picture.save(file, kind, **options)
    return file.getvalue()


def noise(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Draw what does not compress, so that the file has a middle to be cut at."""
    return Image.effect_noise(size, 60).convert("RGB")


def photo_of_12_megapixels() -> bytes:
    grain = Image.effect_noise((1000, 750), 40).resize((4000, 3000))
    slope = Image.linear_gradient("L").resize((4000, 3000))
    return file_of(Image.merge("RGB", (grain, slope, grain)), "JPEG", quality=85)


def exif_with_everything(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SCRIPT.decode()
    exif[0x013B] = SECRET_PLACE.decode()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (28.0, 52.0, 17.0), "E", (105.0, 26.0, 34.0)
    gps[28] = SECRET_PLACE
    return exif


def png(width: int, height: int, pixels: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Write a black-and-white PNG that claims this size, whatever its pixels are."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def black(width: int, height: int) -> bytes:
    return bytes((width + 7) // 8 + 1) * height


def endless_scans() -> bytes:
    """Write a JPEG of 25 megapixels and a few hundred kilobytes that takes most of a minute to decode."""
    picture = file_of(Image.new("L", (5000, 5000), 90), "JPEG", progressive=True)
    last_scan = picture[picture.rindex(b"\xff\xda") : -2]
    return picture[:-2] + last_scan * (400_000 // len(last_scan)) + b"\xff\xd9"


def claiming(content: bytes, size: tuple[int, int]) -> bytes:
    """Write another size into a HEIC's header, everywhere it stands."""
    mark = content.index(b"ispe") + 8
    return content.replace(content[mark : mark + 8], struct.pack(">II", *size))
