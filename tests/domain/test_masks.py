import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import masks

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
    assert masks.mask_phone(phone) == shown


@unhurried
@given(numbers)
def test_no_phone_shows_more_than_three_digits_before_and_four_after(raw: str):
    digits = re.sub("[^0-9]", "", masks.folded(raw))
    head, _, tail = masks.mask_phone(raw).partition(masks.HIDDEN)

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
        ("王", "*"),
        ("👵🏻", "*"),
        ("👵王秀英", "王**"),
        ("  ", ""),
        ("", ""),
    ],
)
def test_a_masked_name_shows_the_surname_at_most(name: str, shown: str):
    assert masks.mask_name(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("四川省泸州市江阳区南城街道忠山社区3栋2单元502", "四川省泸州市江阳区南城街道忠山社区****"),
        ("四川省 泸州市 江阳区 忠山社区", "四川省泸州市江阳区忠山社区****"),
        ("纳溪区大渡口镇民强村二社12号", "纳溪区大渡口镇民强村****"),
        ("合江县九支镇九支村王秀英家", "合江县九支镇九支村****"),
        ("水尾镇中村村5组", "水尾镇中村村****"),
        ("丹林镇村头社区", "丹林镇村头社区****"),
    ],
)
def test_an_address_is_shown_down_to_its_community(address: str, shown: str):
    assert masks.mask_address(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "忠山社区3栋2单元502",
        "江阳区酒城大道三段12号",
        "江阳区三道街十二号社区旁",
        "阳光小区3栋王家村",
        "忠山社区中街王秀英村",
        "江阳区南城街道王秀英家对面村",
        "泸县福集镇",
        "隔壁王奶奶家",
    ],
)
def test_an_address_nobody_can_be_sure_of_is_hidden_whole(address: str):
    assert masks.mask_address(address) == masks.HIDDEN_ADDRESS


def test_no_address_is_no_secret():
    assert masks.mask_address(" \n") == ""


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
    assert masks.folded(raw) == letters
