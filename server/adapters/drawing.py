"""Drawing tools: fonts with rare characters, Chinese line breaking, QR codes."""

import re
import struct
from functools import cache
from typing import Literal

import pylopdf_fonts_zh_cn as fonts
import segno
from PIL import Image, ImageFont

Face = Literal["serif", "sans"]
PATHS = {"serif": fonts.serif_path(), "sans": fonts.sans_path()}

OPENING = "（《〈“‘「『【〔〖［｛([{"
CLOSING = "，。、；：！？）》〉”’」』】〕〗］｝…—～·％℃,.;:!?)]}%"
# Marks above a letter, and the choice of one of its forms, belong to it.
_JOINED = "\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Text that stays on one line: words, numbers, days and times, an opening mark with the text after it, a closing mark
# with the text before it.
_O, _C = re.escape(OPENING), re.escape(CLOSING)
_DAY = r"(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}日"
_TIME = r"(?:凌晨|上午|中午|下午|晚上)[0-9]{1,2}:[0-9]{2}"
_WORD = rf"至?(?:{_DAY}|{_TIME})|星期[一二三四五六日]|[A-Za-z0-9]+(?:[-./:@_][A-Za-z0-9]+)*|\S[{_JOINED}]*"
_UNIT = re.compile(rf"(?:[{_O}]\s*)*(?:{_WORD})?(?:\s*[{_C}])*\s*")
# A font file lists its tables by name, checksum, place and length; its `cmap` lists tables of characters, of which
# those of format 12 know all planes: groups of first and last character, and a glyph.
_TABLES, _CHARACTERS, _GROUPS = struct.Struct(">4s4xI4x"), struct.Struct(">4xI"), struct.Struct(">III")
_ALL_PLANES = 12


def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels; what it does not know it draws as a crossed box."""
    return ImageFont.truetype(PATHS[face], size)


@cache
def known(face: Face) -> frozenset[int]:
    """The code points of the characters that the face has a glyph of."""
    file = PATHS[face].read_bytes()
    tables = dict(_TABLES.iter_unpack(file[12 : 12 + 16 * int.from_bytes(file[4:6])]))
    begin = tables[b"cmap"]
    lists = _CHARACTERS.iter_unpack(file[begin + 4 : begin + 4 + 8 * int.from_bytes(file[begin + 2 : begin + 4])])
    places = [begin + place for (place,) in lists]
    wide = next(place for place in places if int.from_bytes(file[place : place + 2]) == _ALL_PLANES)
    many = int.from_bytes(file[wide + 12 : wide + 16])
    groups = _GROUPS.iter_unpack(file[wide + 16 : wide + 16 + 12 * many])
    return frozenset(one for first, last, _ in groups for one in range(first, last + 1))


def drawable(text: str) -> str:
    """The text without what a face would draw as a crossed box, nor the gaps that leaves."""
    both = known("serif") & known("sans")
    kept = "".join(one for one in text if one == "\n" or ord(one) in both)
    return re.sub(" {2,}", " ", kept).strip()


def wrap(text: str, face: ImageFont.FreeTypeFont, width: float, *, indent: float = 0) -> list[str]:
    """The lines of a text, none wider than `width` pixels; `indent` is left free at the start of each paragraph.

    No line begins with what closes or ends with what opens, unless nothing else would fit.
    """
    return [line for paragraph in text.splitlines() for line in _paragraph(paragraph.strip(), face, width, indent)]


def _paragraph(text: str, face: ImageFont.FreeTypeFont, width: float, indent: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for unit in _units(text, face, width - indent):
        room = width if lines else width - indent
        if line and face.getlength((line + unit).rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += unit
    return [*lines, line.rstrip()]


def _units(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    found = [unit for unit in _UNIT.findall(text) if unit]
    # A unit that fits no line is split.
    return [part for unit in found for part in (unit if face.getlength(unit.rstrip()) > width else [unit])]


def fitted(text: str, face: Face, size: int, width: float) -> ImageFont.FreeTypeFont:
    """The face at `size`, or as much smaller as the text needs to fit into `width` on one line."""
    length = font(face, size).getlength(text)
    return font(face, size if length <= width else max(1, int(size * width / length)))


def code_to_scan(address: str, most: int) -> Image.Image:
    """A QR code of the address as a mask: 255 where ink goes, as many pixels wide as whole dots allow.

    It has no border of its own: four dots around it stay free.
    """
    dots = [bytes(255 * dark for dark in row) for row in segno.make_qr(address, error="m").matrix_iter(border=0)]
    picture = Image.frombytes("L", (len(dots), len(dots)), b"".join(dots))
    side = most // len(dots) * len(dots)
    return picture.resize((side, side), Image.Resampling.NEAREST)
