import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import crisis_words as crisis_words_module
from server.domain.crisis_words import find_crisis_words

unhurried = settings(deadline=None)

SELF_HARM = [
    ("我撑不下去了", "撑不下去"),
    ("想离开人世", "离开人世"),
    ("今晚就不活了", "就不活了"),
    ("我想自我了结", "自我了结"),
    ("我吃了一整瓶安眠药", "吃了一整瓶安眠药"),
    ("我割了手腕在流血", "割了手腕"),
    ("我打算烧炭", "打算烧炭"),
    ("我从楼上跳下来了", "从楼上跳"),
    ("活着一点意思都没有", "活着一点意思都没有"),
    ("我不活了", "我不活了"),
    ("死了就好了", "死了就好了"),
    ("想离开这个世界", "离开这个世界"),
    ("不想在这个世上了", "不想在这个世上"),
    ("没有活下去的勇气", "没有活下去的勇气"),
    ("我想结束这一切", "结束这一切"),
    ("想自我了断", "自我了断"),
    ("安眠药吃了一瓶", "安眠药吃了"),
    ("吃了一把安眠药", "吃了一把安眠药"),
    ("我开煤气了", "开煤气"),
    ("站在桥上想跳", "桥上想跳"),
    ("我不想活了", "不想活"),
    ("老伴走了，我也不想再活", "不想再活"),
    ("实在活不下去了", "活不下去"),
    ("婆婆说她活够了", "活够了"),
    ("觉得活着没意思", "活着没意思"),
    ("活着没有什么意义", "活着没有什么意义"),
    ("活得太累了", "活得太累"),
    ("天天想死", "想死"),
    ("我想死，你们都别管", "想死"),
    ("不如死了", "不如死"),
    ("死了算了", "死了算"),
    ("儿子说要自杀", "自杀"),
    ("女儿有轻生的念头", "轻生"),
    ("邻居站在楼顶要跳楼", "跳楼"),
    ("想跳长江，说要跳江", "跳江"),
    ("她在卫生间割腕", "割腕"),
    ("用刀片割手腕", "割手腕"),
    ("老汉喝农药了", "喝农药"),
    ("两口子吵架，她喝药了", "喝药"),
    ("柜子里藏了百草枯", "百草枯"),
    ("吃老鼠药", "吃老鼠药"),
    ("在她枕头下发现遗书", "遗书"),
    ("老人要上吊", "上吊"),
    ("怕他一时想不开", "想不开"),
]
VIOLENCE = [
    ("他又动手了，我脸都肿了", "又动手了"),
    ("他把我关起来不让出门", "把我关起"),
    ("他拿菜刀追我", "拿菜刀追"),
    ("爸爸打得我满身是伤", "打得我"),
    ("男人动手打", "动手打"),
    ("他踢我肚子", "踢我"),
    ("把我锁在家里不让出去", "锁在家里不让"),
    ("有人要害我", "要害我"),
    ("丈夫要打死我", "打死"),
    ("他说把我打死也不让我走", "打死"),
    ("长期遭受家暴", "家暴"),
    ("孩子在学校被打", "被打"),
    ("天天被打，动不了了", "被打"),
    ("手被打断了", "被打"),
    ("被老公打，不敢回家", "被老公打"),
    ("遭他打了好多回", "遭他打"),
    ("儿子经常打老人", "打老人"),
    ("他喝了酒就打我，手机也砸了", "打我"),
    ("儿子打我3次了", "打我"),
    ("拿刀站在门口", "拿刀"),
    ("他扬言要砍人，家里人不敢回去", "砍人"),
    ("说把我杀了", "杀了"),
    ("他说要杀我全家", "要杀"),
    ("护工虐待老人", "虐待"),
    ("小女孩被性侵", "性侵"),
    ("救命啊", "救命"),
    ("救命！药被他扔了", "救命"),
    ("求求你们救救我", "救救我"),
    ("掐脖子", "掐脖子"),
]
EVERYDAY = [
    "医生开了安眠药",
    "不会开煤气灶",
    "想买一把紫砂壶",
    "不敢拿菜刀切菜",
    "打死也不搬走",
    "打死都不去养老院",
    "笑死我了",
    "天太热了，热死了",
    "气死人了",
    "可想死我了，孙子一年没回来",
    "想死你了",
    "请提醒老人喝药",
    "提醒她喝药",
    "需要有人陪着按时喝药",
    "请打我电话",
    "可以打我手机13812345678",
    "有事请打我家座机",
    "请打我13812345678",
    "打老人的电话没有人接",
    "休息时被打扰",
    "衣服被打湿了",
    "房东跳楼价甩卖",
    "超市跳楼大甩卖",
    "帮忙装上吊灯",
    "您是我的救命恩人",
    "救命之恩",
    "春节要杀年猪，请来吃饭",
    "他家杀了一只鸡",
    "邻居砍人家的树",
    "自杀式袭击的电影",
    "家里老人独居，需要有人帮忙买药",
    "孩子上三年级，放学没人管，想找地方辅导作业",
    "社区广场的路灯坏了，晚上很黑",
    "我妈妈82岁，腿脚不方便，想请人每周陪她去医院换药",
    "买了砂锅 shaguo",
    "",
]


@pytest.mark.parametrize(("text", "word"), SELF_HARM)
def test_words_of_self_harm_are_found(text: str, word: str):
    assert word in find_crisis_words(text)


@pytest.mark.parametrize(("text", "word"), VIOLENCE)
def test_words_of_violence_are_found(text: str, word: str):
    assert word in find_crisis_words(text)


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_words_are_not_found(text: str):
    assert find_crisis_words(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "自 杀",
        "自。。。杀",
        "自\n\n杀",
        "自👵🏻杀",
        "自\u200b\u2060杀",
        "自\ufe0f\u0301杀",
        "自-_*~杀",
        "自　【杀】",
        "自殺",
        "自 殺",
    ],
)
def test_characters_inside_a_word_do_not_hide_it(text: str):
    assert find_crisis_words(f"我想{text}了") == ("自杀",)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("輕生", "轻生"),
        ("跳樓", "跳楼"),
        ("喝農藥", "喝农药"),
        ("遺書", "遗书"),
        ("被別人毆打", "殴打"),
        ("猥褻", "猥亵"),
        ("強姦", "强奸"),
        ("想不開", "想不开"),
        ("活著沒意思", "活着没意思"),
        ("打我３次", "打我"),
        ("⾃杀", "自杀"),
    ],
)
def test_traditional_wide_and_radical_forms_are_found(text: str, word: str):
    assert find_crisis_words(text) == (word,)


def test_each_word_is_returned_once_in_order():
    text = "他拿刀说要自杀，我怕家暴，他又拿 刀，说自-杀"

    assert find_crisis_words(text) == ("拿刀", "自杀", "家暴")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("打死也不想活了", "不想活"),
        ("救命恩人被打", "被打"),
        ("提醒她喝药，她却喝农药", "喝农药"),
        ("跳楼价买的百草枯", "百草枯"),
        ("请打我电话，他拿刀", "拿刀"),
    ],
)
def test_everyday_phrase_does_not_hide_next_word(text: str, word: str):
    assert find_crisis_words(text) == (word,)


@unhurried
@given(st.sampled_from(EVERYDAY), st.sampled_from(SELF_HARM + VIOLENCE), st.sampled_from(EVERYDAY))
def test_crisis_word_among_everyday_words_is_found(before: str, cry: tuple[str, str], after: str):
    text, _ = cry

    assert find_crisis_words(f"{before}。{text}。{after}")


@unhurried
@given(st.sampled_from(SELF_HARM + VIOLENCE), st.text("。， 🙏\u200b\n（）…", max_size=3))
def test_broken_crisis_word_is_found(cry: tuple[str, str], between: str):
    text, word = cry

    assert word in find_crisis_words(between.join(text))


def test_every_simplified_character_occurs_in_a_word():
    words = crisis_words_module._SELF_HARM + crisis_words_module._VIOLENCE

    assert [chr(code) for code in crisis_words_module._SIMPLIFIED.values() if chr(code) not in words] == []
    assert [chr(code) for code in crisis_words_module._SIMPLIFIED if chr(code) in words] == []


@pytest.mark.parametrize("part", ["救被打把", "打死", "不想再", "提醒她喝", "\u0301\u0323", "\u0f73", "自。"])
def test_long_text_is_searched_to_the_end(part: str):
    text = part * (100_000 // len(part))

    assert find_crisis_words(f"{text}我要跳河")[-1] == "跳河"
    assert len(find_crisis_words(text)) <= 2


def test_every_word_starts_plain_and_is_short():
    words = re.sub(r"\s|\[[^]]*\]", "", f"{crisis_words_module._SELF_HARM}|{crisis_words_module._VIOLENCE}")
    assert re.search(r"[*+]|\{\d+,\}", words) is None

    while "(" in words:
        words = re.sub(r"\([^()]*\)\??", "", words)
    assert [word for word in words.split("|") if not word[:1].isalpha()] == []
