"""What pictures are drawn with: fonts that know rare characters, text set as Chinese is, codes to scan."""

import re
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
# What stays on one line: words and numbers whole, what opens with what follows it, what closes with what it closes,
# spaces between or not.
_O, _C = re.escape(OPENING), re.escape(CLOSING)
_UNIT = re.compile(rf"(?:[{_O}]\s*)*(?:[A-Za-z0-9]+(?:[-./:@_][A-Za-z0-9]+)*|\S[{_JOINED}]*)?(?:\s*[{_C}])*\s*")


def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels; what it does not know it draws as a crossed box."""
    return ImageFont.truetype(PATHS[face], size)


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
    # One that fits no line at all comes apart.
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
