import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miniprogram_contract import text
from server.domain import masking

unhurried = settings(deadline=None)
numbers = st.text(st.sampled_from("0123456789０１２３ +-（）转a"), max_size=30)


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        " 138 1234 5678 ",
        "138-1234-5678",
        "138—1234—5678",
        "１３８１２３４５６７８",
        "+86 138 1234 5678",
        "＋86（138）12345678",
        "008613812345678",
        "8613812345678",
        "013812345678",
        "\u202d138 1234 5678\u202c",
        "138\u200b12345678",
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_typed(typed: str):
    assert text.plain_phone(typed) == "13812345678"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("0830-3123456", "08303123456"),
        ("（０８３０）３１２３４５６", "08303123456"),
        ("+86 830 3123456", "08303123456"),
        ("+86 0830 3123456", "08303123456"),
        ("0086 830 3123456", "08303123456"),
        ("010 62345678", "01062345678"),
        ("+86 10 62345678", "01062345678"),
        ("028-8765 4321", "02887654321"),
        ("0755-26543210", "075526543210"),
    ],
)
def test_a_landline_keeps_its_area_code(typed: str, plain: str):
    assert text.plain_phone(typed) == plain


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "不知道",
        "110",
        "12345",
        "3123456",
        "8303123456",
        "400-812-3456",
        "12812345678",
        "1381234567",
        "138123456789",
        "010 6234567",
        "0830 1123456",
        "+1 415 555 2671",
        "+852 5123 4567",
        "13812345678 找小李",
        "١٣٨١٢٣٤٥٦٧٨",
        "13812345678" + " " * 40,
    ],
)
def test_incomplete_or_foreign_number_is_no_phone(typed: str):
    assert text.plain_phone(typed) is None


@unhurried
@given(st.integers(13_000_000_000, 19_999_999_999).map(str), st.lists(st.integers(0, 11), max_size=5))
def test_spaces_and_dashes_anywhere_change_no_number(phone: str, places: list[int]):
    typed = phone
    for place in places:
        typed = typed[:place] + " -"[place % 2] + typed[place:]

    assert text.plain_phone(typed) == phone
    assert masking.mask_phone(typed) == f"{phone[:3]}****{phone[-4:]}"


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  老人要买药\t\n", "老人要买药"),
        ("一\r\n二\r三\u2028四\u2029五\n\n六", "一\n二\n三\n四\n五\n\n六"),
        ("e\u0301", "é"),
        ("𠮷家👩‍👩‍👧", "𠮷家👩‍👩‍👧"),
        ("，。！１Ａ", "，。！１Ａ"),
        ("\u3000", ""),
    ],
)
def test_text_is_stored_as_written_but_for_its_edges_and_line_ends(raw: str, stored: str):
    assert text.clean_text(raw) == stored


@unhurried
@given(st.text())
def test_cleaned_text_is_composed_and_stays_as_it_is(raw: str):
    cleaned = text.clean_text(raw)

    assert unicodedata.is_normalized("NFC", cleaned)
    assert text.clean_text(cleaned) == cleaned


@pytest.mark.parametrize("pile", ["\u0301\u0323", "\u0f73", "\u0f75\u0f81"])
def test_a_pile_of_marks_is_cut_to_what_can_be_normalised_quickly(pile: str):
    cleaned = text.clean_text("字" + pile * 50_000)

    assert cleaned[0] == "字"
    assert len(cleaned) == 1 + 30
    assert masking.folded("字" + pile * 50_000 + "典") == "字典"
    assert masking.mask_name("王" + pile * 50_000 + "伟") == "王*"


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("买\x00药", "U+0000 空字符"),
        ("\x1b[31m", "U+001B 控制字符"),
        ("\x7f", "U+007F 控制字符"),
        ("\x85", "U+0085 控制字符"),
        ("13812345678\u202e", "U+202E 文字方向控制符"),
        ("\u2066", "U+2066 文字方向控制符"),
        ("\ud83d", "U+D83D 不完整的字符"),
        ("\ue000", "U+E000 私用字符"),
        ("\U0010fffd", "U+10FFFD 私用字符"),
        ("\ufdd0", "U+FDD0 非字符"),
        ("\uffff", "U+FFFF 非字符"),
        ("\U0001fffe", "U+1FFFE 非字符"),
        ("先\ue001后\x00", "U+E001 私用字符"),
    ],
)
def test_the_first_character_that_cannot_be_kept_is_named(raw: str, named: str):
    assert text.forbidden_character(raw) == named


@pytest.mark.parametrize("raw", ["", "一\r\n\t二", "👩🏽‍🦽🏴󠁧󠁢󠁥󠁮󠁧󠁿", "𠮷𪚥𱍐", "￥㊙①…—", "ཨོཾ", "\ufeff\u200d"])
def test_emoji_and_rare_characters_are_welcome(raw: str):
    assert text.forbidden_character(raw) is None


def test_every_character_is_judged_by_its_kind():
    ends_of_planes = {plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)}
    noncharacters = ends_of_planes | set(range(0xFDD0, 0xFDF0))
    directions = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}

    for code in [*range(0x20000), *range(0xE0000, 0xE0200), *range(0x10FF00, 0x110000), *ends_of_planes]:
        kind = unicodedata.category(chr(code))
        refused = (kind in {"Cc", "Cs", "Co"} and chr(code) not in "\r\n\t") or code in noncharacters | directions
        assert (text.forbidden_character(chr(code)) is not None) is refused, hex(code)
