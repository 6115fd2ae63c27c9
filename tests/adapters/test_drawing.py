"""Text as Chinese is set, names with rare characters, codes to scan."""

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from server.adapters.drawing import CLOSING, OPENING, code_to_scan, drawable, fitted, font, known, wrap

SERIF = font("serif", 20)
WIDTH = 20 * 8
LETTERS = st.sampled_from("王秀英丹林镇，。、！？）》”（《“志愿服务abc 12-3—…")


def lines(text, **more):
    return wrap(text, SERIF, WIDTH, **more)


@pytest.mark.parametrize("face", ["serif", "sans"])
@pytest.mark.parametrize("name", ["王秀英", "丹林镇", "㵲", "𬭬", "䶮", "买买提·艾力"])
def test_names_with_rare_characters_are_drawn(face, name):
    unknown = bytes(font(face, 40).getmask("\U0010fffd"))

    assert all(bytes(font(face, 40).getmask(letter)) not in {unknown, b""} for letter in name)


@pytest.mark.parametrize("face", ["serif", "sans"])
@pytest.mark.parametrize("letter", ["𠮷", "\U0010fffd"])
def test_unknown_character_is_reported_missing(face, letter):
    assert font(face, 40).getmask(letter).getbbox() is not None
    assert font(face, 40).getlength(letter) > 20


@pytest.mark.parametrize("face", ["serif", "sans"])
def test_known_character_is_not_drawn_as_a_box(face):
    unknown, letters = bytes(font(face, 20).getmask("\U0010fffd")), "王䶮𬭬a1，☎①𠮷😀🏠\U0010fffd"

    boxes = {one for one in letters if bytes(font(face, 20).getmask(one)) == unknown}
    assert {one for one in letters if ord(one) not in known(face)} == boxes == set("𠮷😀🏠\U0010fffd")


def test_undrawable_characters_are_removed_and_lines_stay():
    assert drawable("免费 😀 体检\n𠮷祥 🏠") == "免费 体检\n祥"
    assert drawable("😀") == ""


def test_text_is_broken_where_the_line_is_full():
    assert lines("志愿服务证明志愿服务证明") == ["志愿服务证明志愿", "服务证明"]
    assert lines("志愿") == ["志愿"]
    assert lines("") == []


def test_no_line_begins_with_what_closes():
    assert lines("志愿服务证明志愿，服务。") == ["志愿服务证明志", "愿，服务。"]
    assert lines("志愿服务证明志愿。”服务") == ["志愿服务证明志", "愿。”服务"]


def test_no_line_ends_with_what_opens():
    assert lines("志愿服务证明志（愿）服务") == ["志愿服务证明志", "（愿）服务"]
    assert lines("志愿服务证明志《“愿”》") == ["志愿服务证明志", "《“愿”》"]


def test_spaces_change_nothing_of_that():
    for width in range(120, 400, 20):
        found = wrap("带上 《 手册 》 ！请大家准时 ，不要迟到", SERIF, width)
        assert not [line for line in found if line[0] in CLOSING or line[-1] in OPENING], found
    assert lines("志愿服务证明 （ 周四 ）") == ["志愿服务证明", "（ 周四 ）"]


def test_days_and_times_stay_whole():
    assert lines("3月15日（星期日）晚上11:20") == ["3月15日", "（星期日）", "晚上11:20"]
    assert lines("上午11:20至凌晨1:21止") == ["上午11:20", "至凌晨1:21止"]
    assert wrap("至2027年3月15日（星期日）晚上11:20", SERIF, 20 * 10) == ["至2027年3月15日", "（星期日）晚上11:20"]


def test_words_and_numbers_stay_whole():
    assert lines("志愿服务共计12345年") == ["志愿服务共计", "12345年"]
    assert lines("our volunteers helped") == ["our volunteers", "helped"]


def test_a_word_too_long_for_any_line_comes_apart():
    found = lines("a" * 60)

    assert "".join(found) == "a" * 60
    assert all(SERIF.getlength(line) <= WIDTH for line in found)


def test_each_paragraph_begins_anew_and_is_indented():
    found = lines("志愿服务证明志愿\n服务", indent=40)

    assert found == ["志愿服务证明", "志愿", "服务"]


@given(st.text(LETTERS, max_size=60))
def test_whatever_is_written_nothing_is_lost_and_nothing_stands_out(text):
    found = lines(text)

    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(SERIF.getlength(line) <= WIDTH for line in found)


# So few that every such run fits on a line.
RUN = st.tuples(
    st.sampled_from(["", "（", "《“", "（ "]),
    st.sampled_from("王秀英丹林镇"),
    st.sampled_from(["", "，", "。”", " ）", " ，", " "]),
)


@given(st.lists(RUN, max_size=30))
def test_whatever_is_written_lines_begin_and_end_as_they_should(runs):
    for line in lines("".join("".join(run) for run in runs)):
        assert line[0] not in CLOSING
        assert line[-1] not in OPENING


def test_a_long_name_is_written_smaller_and_a_short_one_is_not():
    assert fitted("王秀英", "serif", 92, 1000).size == 92
    long = fitted("阿卜杜热合曼·买买提" * 3, "serif", 92, 1000)
    assert 10 < long.size < 92
    assert long.getlength("阿卜杜热合曼·买买提" * 3) <= 1000


def test_a_code_to_scan_has_the_dots_of_its_address():
    address = "https://stations.test/api/v1/certificates/7KQ2MZ9XTWBC/page"
    dots = [list(row) for row in segno.make_qr(address, error="m").matrix_iter(border=0)]

    picture = code_to_scan(address, 300)

    size = picture.width // len(dots)
    assert picture.width == picture.height == size * len(dots)
    assert 300 - len(dots) < picture.width <= 300
    middles = [size * at + size // 2 for at in range(len(dots))]
    assert [[int(picture.getpixel((x, y)) == 255) for x in middles] for y in middles] == dots
