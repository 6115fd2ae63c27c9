"""The poster of an activity: a sheet of A4 to print, or a picture for a phone to send on."""

import io
from dataclasses import asdict

from PIL import Image, ImageDraw, ImageFont

from server.adapters import drawing
from server.adapters.drawing import Face, font
from server.adapters.sheet_texts import PosterText, Sheet

PAPER, BAND, INK, QUIET, WHITE = "#fffaf1", "#a3221f", "#2a2320", "#75695f", "#ffffff"
CHIP, GOLD, OFF = "#f4e3c8", "#e7b65c", "#6f6a66"
COLOURS = 128
LARGEST_CODE_PIXELS = 2000

# More of a text than any sheet has room for; and what it has room for at least: two lines of the smallest size.
TEXT_LOOKED_AT = 600
TEXT_SIZES, LINE_HEIGHT, LEAST_LINES = (4.6, 4, 3.4), 1.6, 2

Font = ImageFont.FreeTypeFont
Line = tuple[str, Face, float, str]
Row = tuple[str, list[str]]
Box = tuple[float, float, float, float]


def poster(said: PosterText, code: bytes | None, sheet: Sheet) -> bytes:
    """Return the poster as a PNG. Without a `code` (a JPEG or PNG) it explains how else to find the activity."""
    said = PosterText(**{name: drawing.drawable(words) for name, words in asdict(said).items()})
    paper = Image.new("RGB", (sheet.width, sheet.height), PAPER)
    pen = ImageDraw.Draw(paper)
    top = _band(pen, said, sheet)
    bottom = _foot(paper, pen, said, code, sheet)
    _middle(pen, said, sheet, top, bottom)
    return _png(paper, sheet)


def _band(pen: ImageDraw.ImageDraw, said: PosterText, sheet: Sheet) -> int:
    """The title on its band; returns where that ends."""
    margin, wide = sheet(7), sheet.width - 2 * sheet(7)
    sizes = [sheet(size) for size in (11.5, 10, 8.6, 7.4, 6.4, 5.6)]
    face, lines, height = _sized(said.title, "serif", sizes, (wide, sheet(34)))
    end = sheet(17) + len(lines) * height + sheet(4)
    pen.rectangle((0, 0, sheet.width, end), fill=OFF if said.over else BAND)
    pen.rectangle((0, end, sheet.width, end + sheet(0.9)), fill=GOLD)
    _block(pen, (said.station, "sans", 3.6, WHITE), (margin, sheet(1.2), wide, sheet(8.6)), sheet)
    pen.text((margin, sheet(12.5)), said.over or "邀请您参加", GOLD, font("sans", sheet(4.2)), anchor="lm")
    for number, line in enumerate(lines):
        middle = sheet(17) + round((number + 0.5) * height)
        # The face has one weight: a thin outline makes a heading of it.
        pen.text((margin, middle), line, WHITE, face, anchor="lm", stroke_width=1, stroke_fill=WHITE)
    return end + sheet(0.9)


def _sized(text: str, face: Face, sizes: list[int], box: tuple[float, float]) -> tuple[Font, list[str], int]:
    """The largest of the sizes in which the text fits into the box, its lines and their height."""
    wide, high = box
    for size in sizes:
        chosen, height = font(face, size), round(size * 1.32)
        lines = drawing.wrap(text, chosen, wide)
        if len(lines) * height <= high:
            break
    return chosen, lines, height


def _foot(paper: Image.Image, pen: ImageDraw.ImageDraw, said: PosterText, code: bytes | None, sheet: Sheet) -> int:
    """Draw the code and the phone number. Return where the foot begins."""
    side, margin = sheet(27), sheet(7)
    top = sheet.height - margin - side
    pen.line((margin, top - sheet(3.5), sheet.width - margin, top - sheet(3.5)), fill=GOLD, width=sheet(0.3))
    left = sheet.width - margin - side
    if code is None:
        _placeholder(pen, (left, top), sheet)
    else:
        paper.paste(code_picture(code, side), (left, top))
    wide = left - margin - sheet(4)
    _stacked(pen, _invitation(said, scanned=code is not None), (margin, top, wide, side), sheet)
    return top - sheet(3.5)


def _invitation(said: PosterText, *, scanned: bool) -> list[Line]:
    asked = "微信扫码报名" if scanned else "到站点或打电话报名" if said.phone else "请到站点报名"
    lines: list[Line] = [(said.over or asked, "sans", 5, INK), (said.station, "sans", 3.4, INK)]
    return [*lines, (f"电话 {said.phone}", "sans", 4.4, BAND)] if said.phone else lines


def _stacked(pen: ImageDraw.ImageDraw, lines: list[Line], box: Box, sheet: Sheet) -> None:
    """Lines one below the other in the middle of the box."""
    left, top, wide, high = box
    step = high / (len(lines) + 0.5)
    for number, line in enumerate(lines):
        _block(pen, line, (left, top + step * (number + 0.25), wide, step), sheet)


def _block(pen: ImageDraw.ImageDraw, said: Line, box: Box, sheet: Sheet) -> None:
    """A line in the middle of its box: as large as it is meant, or smaller and on several lines."""
    text, face, size, color = said
    left, top, wide, high = box
    sizes = [sheet(size * part) for part in (1, 0.8, 0.6, 0.45)]
    chosen, lines, height = _sized(text, face, sizes, (wide, high))
    for number, line in enumerate(lines):
        middle = top + high / 2 + height * (number - (len(lines) - 1) / 2)
        pen.text((left, middle), line, color, chosen, anchor="lm")


def _placeholder(pen: ImageDraw.ImageDraw, corner: tuple[int, int], sheet: Sheet) -> None:
    """Explain in the place of the code how to find the activity without it."""
    left, top, side = *corner, sheet(27)
    dash = sheet(1.2)
    for at in range(0, side, 2 * dash):
        end = min(at + dash, side)
        for across in (0, side):
            pen.line((left + at, top + across, left + end, top + across), fill=QUIET, width=2)
            pen.line((left + across, top + at, left + across, top + end), fill=QUIET, width=2)
    words = ["暂无小程序码", "请打开站点的", "微信小程序", "在“活动”中查找"]
    for number, line in enumerate(words):
        middle = (left + side / 2, top + side * (number + 1) / (len(words) + 1))
        pen.text(middle, line, QUIET, font("sans", sheet(3)), anchor="mm")


def _middle(pen: ImageDraw.ImageDraw, said: PosterText, sheet: Sheet, top: int, bottom: int) -> None:
    """Draw time and place, and as much of the text as fits, at least its beginning."""
    facts = [("时间", said.when), ("地点", said.place)]
    at, end_of_text = top + sheet(5), bottom - sheet(2)
    most = end_of_text - (sheet(2) + LEAST_LINES * sheet(TEXT_SIZES[-1] * LINE_HEIGHT) if said.text else 0)
    for size in (5, 4.4, 3.8, 3.2, 2.8, 2.4):
        face = font("sans", sheet(size))
        rows = _rows(facts, face, sheet)
        end = at + sum(_height(lines, face, sheet) for _, lines in rows)
        if end <= most:
            break
    else:
        rows, end = _shortened(rows, face, most - at, sheet), most
    _facts(pen, rows, face, at, sheet)
    _text(pen, said.text[:TEXT_LOOKED_AT], (end + sheet(2), end_of_text), sheet)


def _rows(facts: list[tuple[str, str]], face: Font, sheet: Sheet) -> list[Row]:
    """Each fact's lines, behind its word."""
    wide = sheet.width - sheet(7) - _behind(face, sheet)
    return [(word, drawing.wrap(fact, face, wide)) for word, fact in facts]


def _shortened(rows: list[Row], face: Font, room: int, sheet: Sheet) -> list[Row]:
    """The facts with as much of the last one, the place, as there is room for."""
    *first, (word, lines) = rows
    left = room - sum(_height(one, face, sheet) for _, one in first) - _height([], face, sheet)
    wide = sheet.width - sheet(7) - _behind(face, sheet)
    return [*first, (word, _cut(lines, left // _high(face), face, wide))]


def _behind(face: Font, sheet: Sheet) -> int:
    """Return where a fact begins after its label."""
    return sheet(7) + round(face.getlength("时间")) + sheet(5)


def _height(lines: list[str], face: Font, sheet: Sheet) -> int:
    return len(lines) * _high(face) + sheet(2)


def _high(face: Font) -> int:
    return round(face.size * 1.45)


def _facts(pen: ImageDraw.ImageDraw, rows: list[Row], face: Font, top: int, sheet: Sheet) -> None:
    margin, begin, high = sheet(7), _behind(face, sheet), _high(face)
    for word, lines in rows:
        pen.rounded_rectangle((margin, top, begin - sheet(2), top + high), sheet(1), fill=CHIP)
        pen.text(((margin + begin - sheet(2)) / 2, top + high / 2), word, BAND, face, anchor="mm")
        for number, line in enumerate(lines):
            pen.text((begin, top + (number + 0.5) * high), line, INK, face, anchor="lm")
        top += _height(lines, face, sheet)


def _text(pen: ImageDraw.ImageDraw, text: str, between: tuple[int, int], sheet: Sheet) -> None:
    """The text as large as it fits, else as much of it as fits."""
    top, bottom = between
    margin, wide = sheet(7), sheet.width - 2 * sheet(7)
    for size in TEXT_SIZES:
        face, height = font("serif", sheet(size)), sheet(size * LINE_HEIGHT)
        lines = drawing.wrap(text, face, wide)
        most = max(0, (bottom - top) // height)
        if len(lines) <= most:
            break
    for number, line in enumerate(_cut(lines, most, face, wide)):
        pen.text((margin, top + (number + 0.5) * height), line, INK, face, anchor="lm")


def _cut(lines: list[str], most: int, face: Font, wide: float) -> list[str]:
    """The first lines, the last of them ending in an ellipsis when more would follow."""
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    for last in kept[-1:]:
        line = last
        while face.getlength(f"{line}……") > wide:
            line = line[:-1]
        kept[-1] = f"{line}……"
    return kept


def checked_code(code: bytes) -> bytes:
    """Return the code if it can be drawn. Raises `OSError` or `ValueError` if it is not an image of a code."""
    code_picture(code, 1)
    return code


def code_picture(code: bytes, side: int) -> Image.Image:
    """The code on white, `side` pixels wide; raises OSError or ValueError for what is no picture of a code."""
    with Image.open(io.BytesIO(code), formats=("JPEG", "PNG")) as found:
        if max(found.size) > LARGEST_CODE_PIXELS:
            raise ValueError("no code is so large")
        picture = found.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", picture.size, WHITE)
    return Image.alpha_composite(white, picture).convert("RGB")


def _png(paper: Image.Image, sheet: Sheet) -> bytes:
    file = io.BytesIO()
    dots = (sheet.dots_per_inch, sheet.dots_per_inch)
    paper.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(file, "PNG", dpi=dots)
    return file.getvalue()
