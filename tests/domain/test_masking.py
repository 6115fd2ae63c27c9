import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import masking

unhurried = settings(deadline=None)
numbers = st.text(st.sampled_from("0123456789０１２３ +-（）转a"), max_size=30)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("0830-3123456", "083****56"),
        ("010-62345678", "010****78"),
        ("0830-3123456转801", "083****01"),
        ("3123456", "****"),
        ("12345678", "****"),
        ("110", "****"),
        ("找隔壁小李", "****"),
        ("", ""),
    ],
)
def test_a_masked_phone_is_recognised_by_its_owner_alone(phone: str, shown: str):
    assert masking.mask_phone(phone) == shown


@unhurried
@given(numbers)
def test_no_phone_shows_more_than_three_digits_before_and_four_after(raw: str):
    digits = re.sub("[^0-9]", "", masking.folded(raw))
    head, _, tail = masking.mask_phone(raw).partition(masking.HIDDEN)

    assert len(head) in {0, 3}
    assert len(tail) in {0, 2, 4}
    assert len(digits) - len(head) - len(tail) >= 4 or not head
    assert set(head + tail) <= set("0123456789")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王秀英", "王**"),
        ("王伟", "王*"),
        ("王 秀 英", "王**"),
        ("欧阳修", "欧阳*"),
        ("歐陽娜娜", "歐陽**"),
        ("欧阳", "欧*"),
        ("阿卜杜拉·买买提·艾力", "阿**"),
        ("吉克阿依", "吉**"),
        ("John Smith", "J**"),
        ("𠮷田", "𠮷*"),
        ("\U00031350王伟", "\U00031350**"),  # a Chinese letter that Python does not know yet
        ("王\U00031350", "王*"),
        ("王", "*"),
        ("👵🏻", "*"),
        ("👵王秀英", "王**"),
        ("  ", ""),
        ("", ""),
    ],
)
def test_a_masked_name_shows_the_surname_at_most(name: str, shown: str):
    assert masking.mask_name(name) == shown


@pytest.mark.parametrize(
    ("raw", "letters"),
    [
        ("买 药，找ＡＢＣ—１２３号！", "买药找abc123号"),
        ("⽼⼈", "老人"),
        ("👵自🔪杀\u200b\ufe0f。", "自杀"),
        ("，。！", ""),
    ],
)
def test_folded_text_is_letters_and_digits_alone(raw: str, letters: str):
    assert masking.folded(raw) == letters
