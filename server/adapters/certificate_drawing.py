"""The certificate as a picture: a sheet of A4 to print or to send on."""

import io
import math

from PIL import Image, ImageDraw, ImageFont

from server.adapters import drawing
from server.adapters.drawing import fitted, font
from server.adapters.sheet_texts import CertificateText, day_in_words, hours_in_words

DOTS_PER_INCH = 200
WIDTH, HEIGHT = 1654, 2339  # A4
MIDDLE, LEFT, RIGHT = WIDTH // 2, 230, WIDTH - 230
PAPER, INK, QUIET, RED, GOLD = "#fffdf7", "#2a2320", "#8a7d72", "#9a1b1e", "#c39a3f"
FAINT = "#e9e0cc"
LINE_HEIGHT = 106
STAR_PIXELS = 68
CODE_PIXELS, CODE_TOP = 296, 1752
# The largest size at which a station's name of up to a hundred characters fits next to the code.
STATION_SIZES, STATION_ROOM = (52, 40, 32), 230
COLOURS = 128
# The sheet vouches for the service only.
NAME_NOTE = "（姓名由志愿者本人填写）"

Font = ImageFont.FreeTypeFont
Spot = tuple[float, float]


def certificate(said: CertificateText) -> bytes:
    """The sheet as a PNG of 1654 x 2339 pixels."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(sheet)
    _frame(pen)
    _heading(sheet, pen)
    _body(pen, said)
    _figures(sheet, pen, said)
    _foot(sheet, pen, said)
    return _png(sheet)


def _frame(pen: ImageDraw.ImageDraw) -> None:
    for inset, color, width in ((70, RED, 8), (90, GOLD, 2), (114, GOLD, 2)):
        pen.rectangle((inset, inset, WIDTH - inset - 1, HEIGHT - inset - 1), outline=color, width=width)
    for x in (102, WIDTH - 103):
        for y in (102, HEIGHT - 103):
            for radius, color in ((30, GOLD), (27, PAPER), (16, RED)):
                pen.polygon([(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)], fill=color)


def _heading(sheet: Image.Image, pen: ImageDraw.ImageDraw) -> None:
    _spaced(pen, (MIDDLE, 390), "志愿服务证明", font("serif", 148), 26)
    pen.line((MIDDLE - 430, 520, MIDDLE - 40, 520), fill=GOLD, width=3)
    pen.line((MIDDLE + 40, 520, MIDDLE + 430, 520), fill=GOLD, width=3)
    _star(sheet, (MIDDLE, 520), 48, GOLD)


def _spaced(pen: ImageDraw.ImageDraw, middle: Spot, text: str, face: Font, gap: int) -> None:
    x = middle[0] - (face.getlength(text) + gap * (len(text) - 1)) / 2
    for letter in text:
        # The face has one weight: a thin outline makes a heading of it.
        pen.text((x, middle[1]), letter, RED, face, anchor="lm", stroke_width=2, stroke_fill=RED)
        x += face.getlength(letter) + gap


def _body(pen: ImageDraw.ImageDraw, said: CertificateText) -> None:
    face = fitted(said.name, "serif", 92, RIGHT - LEFT - 180)
    pen.text((MIDDLE, 700), said.name, INK, face, anchor="ms")
    half = max(face.getlength(said.name) / 2 + 60, 240)
    pen.line((MIDDLE - half, 735, MIDDLE + half, 735), fill=INK, width=2)
    pen.text((MIDDLE, 772), NAME_NOTE, QUIET, font("sans", 28), anchor="mm")
    text, indent = font("serif", 54), 108
    for number, line in enumerate(drawing.wrap(words(said), text, RIGHT - LEFT, indent=indent)):
        pen.text((LEFT + (0 if number else indent), 880 + number * LINE_HEIGHT), line, INK, text, anchor="ls")


def words(said: CertificateText) -> str:
    """The sentence it is all about."""
    when = f"于{day_in_words(said.first_day)}" if said.first_day == said.last_day else _span(said)
    stars = f"，达到{'一二三四五'[said.stars - 1]}星级志愿者的服务时长" if said.stars else ""
    return (
        f"兹证明上述志愿者{when}参加志愿服务{said.records}次，"
        f"累计服务时长{hours_in_words(said.served_minutes)}{stars}。服务记录均经社会工作服务站点核实。特此证明。"
    )


def _span(said: CertificateText) -> str:
    return f"自{day_in_words(said.first_day)}至{day_in_words(said.last_day)}"


def _figures(sheet: Image.Image, pen: ImageDraw.ImageDraw, said: CertificateText) -> None:
    pen.line((LEFT, 1350, RIGHT, 1350), fill=GOLD, width=2)
    pen.line((LEFT, 1630, RIGHT, 1630), fill=GOLD, width=2)
    facts = [("服务时长", hours_in_words(said.served_minutes)), ("服务次数", f"{said.records}次")]
    columns = len(facts) + bool(said.stars)
    wide = (RIGHT - LEFT) / columns
    for number, (label, value) in enumerate(facts):
        x = LEFT + wide * (number + 0.5)
        pen.text((x, 1430), label, QUIET, font("sans", 38), anchor="mm")
        pen.text((x, 1530), value, RED, fitted(value, "serif", 72, wide - 40), anchor="mm")
    if said.stars:
        x = LEFT + wide * (columns - 0.5)
        pen.text((x, 1430), "星级", QUIET, font("sans", 38), anchor="mm")
        _stars(sheet, (x, 1533), said.stars)


def _stars(sheet: Image.Image, middle: Spot, stars: int) -> None:
    for number in range(5):
        at = round(middle[0] + (number - 2) * STAR_PIXELS * 1.1), round(middle[1])
        _star(sheet, at, STAR_PIXELS, GOLD if number < stars else FAINT)


def _star(sheet: Image.Image, middle: tuple[int, int], pixels: int, color: str) -> None:
    # Drawn four times as large: a polygon's edge has steps, and a smaller one of it none.
    large = Image.new("L", (pixels * 4, pixels * 4))
    around = [(math.pi * tip / 5, pixels * (2 if tip % 2 == 0 else 0.8)) for tip in range(10)]
    tips = [(pixels * 2 + far * math.sin(turn), pixels * 2 - far * math.cos(turn)) for turn, far in around]
    ImageDraw.Draw(large).polygon(tips, fill=255)
    shape = large.resize((pixels, pixels), Image.Resampling.LANCZOS)
    sheet.paste(color, (middle[0] - pixels // 2, middle[1] - pixels // 2), shape)


def _foot(sheet: Image.Image, pen: ImageDraw.ImageDraw, said: CertificateText) -> None:
    code = drawing.code_to_scan(said.address, CODE_PIXELS)
    sheet.paste(INK, (LEFT, CODE_TOP), code)
    _station(pen, said.station, RIGHT - LEFT - code.width - 80)
    pen.text((RIGHT, 1985), day_in_words(said.issued_day), INK, font("serif", STATION_SIZES[0]), anchor="rs")
    grouped = "-".join(said.code[at : at + 4] for at in range(0, len(said.code), 4))
    pen.text((LEFT, 2128), f"证明编号 {grouped}", INK, font("sans", 36), anchor="ls")
    note = "扫描二维码或凭编号可核验真伪；本证明由系统根据核实的服务记录生成。"
    pen.text((LEFT, 2180), note, QUIET, font("sans", 30), anchor="ls")


def _station(pen: ImageDraw.ImageDraw, name: str, width: int) -> None:
    for size in STATION_SIZES:
        face, height = font("serif", size), size * 1.4
        lines = drawing.wrap(name, face, width)
        if len(lines) * height <= STATION_ROOM:
            break
    # A long name goes upwards from its last line.
    for number, line in enumerate(reversed(lines)):
        pen.text((RIGHT, 1890 - number * height), line, INK, face, anchor="rs")


def _png(sheet: Image.Image) -> bytes:
    file = io.BytesIO()
    # Few colours and their shades: a third of the size, and nothing to see.
    sheet.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(file, "PNG", dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return file.getvalue()
