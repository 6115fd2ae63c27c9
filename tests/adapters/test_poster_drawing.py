"""The poster as a picture: looked at by what is on it, not by its bytes."""

import io
import time
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from scripts.fake_wechat_server.codes import Codes
from server.adapters.poster_drawing import checked_code, code_picture, poster
from server.adapters.sheet_texts import A4, PHONE, PosterText

SAID = PosterText(
    title="免费体检",
    text="请空腹前来，带上身份证。",
    when="2026年3月13日（星期五）\n上午10:00至中午12:00",
    place="邻玉街道社工站一楼",
    station="邻玉街道社会工作服务站",
    phone="0830-2000000",
)
LONG = {
    "title": "泸州市江阳区邻玉街道“情暖夕阳、健康同行”重阳节老年人免费体检暨慢性病防治知识讲座、口腔义诊与眼科筛查邻里包饺",
    "place": "泸州市江阳区邻玉街道团结村三组（原村小学）党群服务中心二楼多功能活动室，" * 5,
    "text": "现场有医生为您量血压、测血糖。" * 130,
    "when": "2026年12月31日（星期四）上午9:30\n至2027年1月3日（星期日）晚上8:00",
    "station": "泸州市江阳区邻玉街道社会工作和志愿服务未成年人保护站" * 3,
}
SHEETS = pytest.mark.parametrize("sheet", [A4, PHONE], ids=["a4", "phone"])
CODE = Codes(time.time).draw({"scene": "activity=1", "page": "pages/activity/activity"}).content


def drawn(sheet=A4, code=CODE, **changes) -> Image.Image:
    with Image.open(io.BytesIO(poster(replace(SAID, **changes), code, sheet))) as picture:
        return picture.convert("RGB")


def ink(picture: Image.Image, place: tuple[int, int, int, int]) -> int:
    """How many pixels of the place are dark."""
    return sum(picture.convert("L").crop(place).histogram()[:128])


def margins(picture: Image.Image, sheet) -> list[tuple[int, int, int, int]]:
    """The strips at the sides of the paper, below the band, where nothing may stand."""
    edge, below = sheet(6), sheet(60)
    left, right = (0, below, edge, sheet.height), (sheet.width - edge, below, sheet.width, sheet.height)
    return [left, right, (0, sheet.height - sheet(5), sheet.width, sheet.height)]


def foot_of(sheet) -> tuple[int, int, int, int]:
    """Around the line above the code: the facts end before it, the code begins after it."""
    line = sheet.height - sheet(7) - sheet(27) - sheet(3.5)
    return (0, line - sheet(1.5), sheet.width, line - sheet(0.5))


@SHEETS
def test_poster_has_the_size_of_its_sheet(sheet):
    with Image.open(io.BytesIO(poster(SAID, CODE, sheet))) as picture:
        assert (picture.format, picture.size) == ("PNG", (sheet.width, sheet.height))
        assert round(picture.info["dpi"][0]) == sheet.dots_per_inch
    assert (A4.width, A4.height, A4.dots_per_inch) == (1240, 1754, 150)
    assert (PHONE.width, PHONE.height) == (1080, 1920)


@SHEETS
@pytest.mark.parametrize(
    "change",
    [
        {"title": "免费体验"},
        {"text": "请吃饱前来。"},
        {"when": "2026年3月14日（星期六）\n上午10:00至中午12:00"},
        {"place": "蓝田街道社工站二楼"},
        {"station": "蓝田街道社会工作服务站"},
        {"phone": "0830-2000001"},
        {"phone": ""},
        {"over": "活动已取消"},
        {"code": None},
    ],
    ids=str,
)
def test_texts_given_are_the_texts_drawn(sheet, change):
    assert ImageChops.difference(drawn(sheet), drawn(sheet, **change)).getbbox() is not None


@SHEETS
def test_its_code_stands_whole_at_the_foot(sheet):
    side, corner = sheet(27), (sheet.width - sheet(7) - sheet(27), sheet.height - sheet(7) - sheet(27))
    there = drawn(sheet).crop((*corner, corner[0] + side, corner[1] + side)).convert("L")

    # The few colours of a poster are chosen anew for each: black is black enough.
    apart = ImageChops.difference(there, code_picture(CODE, side).convert("L"))
    assert apart.point(lambda level: 255 if level > 60 else 0).getbbox() is None


@SHEETS
def test_without_a_code_there_is_something_to_read_in_its_place(sheet):
    corner = (sheet.width - sheet(7) - sheet(27), sheet.height - sheet(7) - sheet(27))
    inside = (corner[0] + sheet(2), corner[1] + sheet(2), corner[0] + sheet(25), corner[1] + sheet(25))

    assert ink(drawn(sheet, code=None), inside) > 500


@SHEETS
@pytest.mark.parametrize("changes", [{}, LONG, {"title": "𠮷祥㵲水村" * 12}, {"title": "W" * 60, "place": "a" * 200}])
@pytest.mark.parametrize("code", [CODE, None], ids=["code", "no code"])
def test_whatever_it_says_nothing_stands_out_of_its_place(sheet, changes, code):
    picture = drawn(sheet, code, **changes)

    assert [ink(picture, strip) for strip in margins(picture, sheet)] == [0, 0, 0]
    assert ink(picture, foot_of(sheet)) == 0


@SHEETS
def test_a_long_title_is_smaller_and_higher_and_whole(sheet):
    """Its last letter is there: without it the poster is another one."""
    title = LONG["title"]

    assert len(title) >= 55
    assert ImageChops.difference(drawn(sheet, title=title), drawn(sheet, title=title[:-1])).getbbox() is not None


def test_a_place_that_fits_no_sheet_ends_in_dots():
    endless = "江阳区邻玉街道团结村三组" * 60
    picture = drawn(A4, title=LONG["title"], place=endless)

    assert ink(picture, foot_of(A4)) == 0
    assert ImageChops.difference(picture, drawn(A4, title=LONG["title"], place=endless + "四组")).getbbox() is None


def test_a_text_too_long_is_cut_and_one_that_fits_is_not():
    short, endless = drawn(text="第一段。\n第二段。"), drawn(text=LONG["text"])

    assert ImageChops.difference(short, drawn(text="第一段。\n第二段！")).getbbox() is not None
    assert ImageChops.difference(endless, drawn(text=LONG["text"] + "最后一句。")).getbbox() is None


@SHEETS
def test_however_long_the_rest_is_the_text_begins_on_the_sheet(sheet):
    full = {name: LONG[name] for name in ("title", "when", "station")} | {"place": "江阳区邻玉街道团结村三组" * 60}
    cut = drawn(sheet, **full, text=LONG["text"])

    assert ImageChops.difference(cut, drawn(sheet, **full, text="请" + LONG["text"][1:])).getbbox() is not None
    assert ImageChops.difference(cut, drawn(sheet, **full, text=LONG["text"] + "末")).getbbox() is None


@SHEETS
def test_unknown_character_is_left_out(sheet):
    odd = {"title": "免费😀体检", "text": "👨‍👩‍👧 请空腹𠮷前来，带上身份证。☎️", "place": "🏠 邻玉街道社工站一楼"}
    plain = {"title": "免费体检", "text": "请空腹前来，带上身份证。☎", "place": "邻玉街道社工站一楼"}

    assert ImageChops.difference(drawn(sheet, **odd), drawn(sheet, **plain)).getbbox() is None
    assert drawn(sheet, title="😀").size == (sheet.width, sheet.height)


def test_an_activity_that_is_over_is_seen_from_afar():
    red, grey = (drawn(over=over).getpixel((620, 10)) for over in ("", "活动已取消"))

    assert red[0] > 2 * red[1]
    assert max(grey) - min(grey) < 20


def test_a_code_without_a_background_stands_on_white():
    clear = Codes(time.time).draw({"scene": "a", "page": "pages/activity/activity", "is_hyaline": True}).content

    assert code_picture(clear, 300).getpixel((2, 2)) == (255, 255, 255)


def picture_of(width: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, 1)).save(file, "PNG")
    return file.getvalue()


def test_drawable_code_is_returned_unchanged():
    assert checked_code(CODE) == CODE


@pytest.mark.parametrize("code", [b"", b"\xff\xd8\xff\xd9", CODE[:40] + CODE[-2:], b"GIF89a", picture_of(2001)])
def test_invalid_code_is_refused_before_it_is_stored(code):
    with pytest.raises((OSError, ValueError)):
        checked_code(code)
