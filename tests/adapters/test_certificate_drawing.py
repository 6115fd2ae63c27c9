"""The certificate as a picture: looked at by what is on it, not by its bytes."""

import io
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image, ImageChops

from server.adapters import certificate_drawing
from server.adapters.certificate_drawing import CODE_PIXELS, CODE_TOP, HEIGHT, LEFT, RIGHT, WIDTH, certificate, words
from server.adapters.drawing import code_to_scan
from server.adapters.sheet_texts import CertificateText, day_in_words, hours_in_words

SAID = CertificateText(
    name="王秀英",
    served_minutes=21_630,
    records=214,
    stars=3,
    first_day=date(2023, 3, 5),
    last_day=date(2026, 2, 27),
    station="邻玉社工站",
    issued_day=date(2026, 3, 1),
    code="7KQ2MZ9XTWBC",
    address="https://stations.test/api/v1/certificates/7KQ2MZ9XTWBC/page",
)
FIRST_LINE = 830
NAME, FACTS, FOOT = (LEFT, 600, RIGHT, 740), (LEFT, 1360, RIGHT, 1620), (LEFT + 400, 1640, RIGHT, 2040)


def drawn(**changes) -> Image.Image:
    with Image.open(io.BytesIO(certificate(replace(SAID, **changes)))) as picture:
        return picture.convert("L")


def ink(picture: Image.Image, place: tuple[int, int, int, int]) -> int:
    """How many pixels of the place are dark."""
    return sum(picture.crop(place).histogram()[:128])


@pytest.fixture(scope="module")
def sheet():
    return drawn()


def test_certificate_has_the_size_of_a4():
    with Image.open(io.BytesIO(certificate(SAID))) as picture:
        assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
        inches = [side / dots for side, dots in zip(picture.size, picture.info["dpi"], strict=True)]
    assert [round(one * 25.4) for one in inches] == [210, 297]


def test_its_code_opens_the_page_that_verifies_it(sheet):
    code = code_to_scan(SAID.address, CODE_PIXELS)
    there = sheet.crop((LEFT, CODE_TOP, LEFT + code.width, CODE_TOP + code.height))

    assert there.point(lambda level: 255 if level < 128 else 0).tobytes() == code.tobytes()


def test_around_its_code_nothing_disturbs_a_camera(sheet):
    quiet = 4 * 8
    around = (LEFT - quiet, CODE_TOP - quiet, LEFT + CODE_PIXELS + quiet, CODE_TOP + CODE_PIXELS + quiet)

    assert ink(sheet, around) == ink(sheet, (LEFT, CODE_TOP, LEFT + CODE_PIXELS, CODE_TOP + CODE_PIXELS))


@pytest.mark.parametrize(
    "change", [{"name": "李志强"}, {"served_minutes": 60}, {"stars": 4}, {"station": "蓝田社工站"}]
)
def test_texts_given_are_the_texts_drawn(sheet, change):
    assert ImageChops.difference(sheet, drawn(**change)).getbbox() is not None


@pytest.mark.parametrize("name", ["王", "㵲𬭬", "阿卜杜热合曼·买买提明·努尔麦麦提·艾合买提江·吐尔逊", "W" * 30])
def test_every_name_stands_whole_on_its_line(name):
    sheet = drawn(name=name)

    assert ink(sheet, NAME) > ink(drawn(name=""), NAME)
    assert ink(sheet, (130, 600, LEFT, 740)) == ink(sheet, (RIGHT, 600, WIDTH - 130, 740)) == 0


def test_beside_the_name_stands_who_told_it(sheet, monkeypatch):
    monkeypatch.setattr(certificate_drawing, "NAME_NOTE", "")

    # The few colours of a sheet are chosen anew for each: only what differs clearly was drawn.
    clearly = ImageChops.difference(sheet, drawn()).point(lambda level: 255 if level > 60 else 0)

    left, top, right, bottom = clearly.getbbox()
    assert LEFT < left < right < RIGHT
    assert NAME[3] < top < bottom < FIRST_LINE
    assert abs((left + right) / 2 - WIDTH / 2) < 20


def test_a_long_name_of_a_station_leaves_its_place_to_the_rest(sheet):
    long = drawn(station="泸州市江阳区邻玉街道社会工作和志愿服务未成年人保护站" * 4)

    assert ink(long, FOOT) > ink(sheet, FOOT)
    assert ink(long, (LEFT + CODE_PIXELS + 4, 1634, RIGHT, 1660)) == 0, "the line above it"
    assert ink(long, (RIGHT + 4, 1640, WIDTH - 130, 2040)) == 0


def test_certificate_without_stars_mentions_none():
    assert "星" not in words(replace(SAID, stars=0))
    assert ink(drawn(stars=0), FACTS) > 0
    assert "达到三星级志愿者的服务时长" in words(SAID)


def test_single_day_is_not_written_as_a_span():
    assert "自2023年3月5日至2026年2月27日参加志愿服务214次，累计服务时长360小时30分钟" in words(SAID)
    assert "于2026年2月27日参加" in words(replace(SAID, first_day=SAID.last_day))


@pytest.mark.parametrize(
    ("minutes", "said"), [(1, "1分钟"), (59, "59分钟"), (60, "1小时"), (61, "1小时1分钟"), (90_000, "1500小时")]
)
def test_minutes_are_told_in_hours(minutes, said):
    assert hours_in_words(minutes) == said


def test_a_day_is_written_as_here():
    assert day_in_words(date(2026, 3, 1)) == "2026年3月1日"
