"""Words of self-harm and violence in a text, which ring the duty phone at once.

A false alarm costs a call, a missed word may cost a life. So exceptions are few, and each is for something that people
say every day. An exception looks around a word without consuming text: “打死也不想活” must still find “不想活”.
Punctuation is removed before the search, so an exception must not match the start of the next sentence:
“被打，动不了” is not “被打动”.
"""

import re

from server.domain.masking import folded

# Verbose regular expressions. Every word starts with a plain character, so that the search skips other text at once,
# and is short: the time of a search grows only with the length of the text.
_SELF_HARM = r"""
    不想再?活 | 活不下去 | 活不成 | 活够了 | 活腻 | 没法活 | 活[着得][太好真]累 | 活着没有?(?:什么)?意[思义]
  | 想死(?!你们?了|您了|我了) | 寻死 | 去死 | 不如死 | 死了算 | 一死了之 | 一了百了 | 寻短见 | 想不开
  | 自杀(?!式) | 自尽 | 自残 | 自伤 | 轻生 | 同归于尽 | 遗书 | 安乐死
  | 结束(?:自己|生命) | 了结(?:自己|生命) | 伤害自己 | 割自己 | 割手?腕 | 上吊(?![灯扇瓶针])
  | 跳楼(?!价|机|大?甩卖|大?促销|大?减价) | 跳河 | 跳江 | 跳桥 | 跳崖 | 投河 | 投江
  | 喝药(?<!按时喝药)(?<!提醒喝药)(?<!提醒.喝药)(?<!提醒..喝药)
  | 我不活了 | 就不活了 | 都不活了 | 也不活了 | 自我了结 | 了结此生 | 了结一生 | 离开人[世间] | 撑不下去
  | 烧炭自 | 打算烧炭 | 想烧炭 | 活着一点意思都?没有? | 割了手?腕 | 从楼上跳 | 让我死
  | 死了就好了 | 死给[你他她]看 | 离开这个世界 | 不想在这个?世[上界] | 没有?活下去的勇气
  | 没有?活路 | 活着没劲 | 活得没意[思义] | 结束这一切 | 自我了断 | 割脉 | 跳下去 | 桥上想跳 | 自鲨 | 自sha | bu想活
  | 开煤气(?![灶炉罐户费]|公司|账户)
  | 安眠药[吃吞]了 | 吃了?(?:一[瓶把盒]|半瓶|很多|好多)安眠药 | 吃了?(?:[一两三四五]?整?[瓶把盒]|大?半瓶)安眠药
  | 吞了?(?:[一两三四五]?整?[瓶把盒]|大?半瓶)安眠药
  | 准备好了?安眠药
  | 喝农药 | 喝敌敌畏 | 百草枯 | 服毒 | 吞药 | 吞安眠药 | 吃(?:耗子|老鼠)药
"""
_PERSON = """(?:[他她人]|别人|他们|丈夫|老公|男人|老婆|妻子|儿子|女儿|儿媳|媳妇|孙子|父亲|爸爸?|母亲|妈妈?
    |继父|后妈|婆婆|公公|邻居|同学|老师|护工)"""
_VIOLENCE = rf"""
    家暴 | 家庭暴力 | 虐待 | 挨打 | 毒打 | 暴打 | 殴打 | 打人
  | 打(?:老人|老婆|孩子|小孩|妻子|媳妇|父亲|爸爸|母亲|妈妈)(?!的?(?:手机|电话|座机))
  | 打我(?!(?:(?<=[请者或接]打我)|(?<=可以打我))[们家的]{{0,2}}(?:手机|电话|座机|[0-9]{{7}}))
  | 被{_PERSON}?打(?![扰湿]) | 遭{_PERSON}?打
  | 打死(?:(?<=[被要]打死)|(?<=把.打死)|(?![也都]不)) | 弄死 | 整死 | 勒死 | 烧死 | 毒死 | 下毒
  | 用皮带抽 | 踢我 | 动手打 | 打得我 | 要害我 | 锁在(?:家里?|屋里|房间里?)不让
  | 又动手了 | 把我关[在起] | 关起来不[让给]
  | 拿菜刀(?:追|砍|要|对着|威胁|逼)
  | 拿刀 | 持刀 | 动刀子 | 砍人(?!家的) | 砍[我死] | 捅[人我他她死] | 掐[我死] | 掐脖子
  | 杀人 | 杀死 | 杀害 | 杀我 | 杀全家 | 杀了(?!一?只?[鸡鸭鹅鱼猪羊牛]) | 要杀(?!一?只?年?[鸡鸭鹅鱼猪羊牛])
  | 性侵 | 性骚扰 | 强奸 | 强暴 | 猥亵 | 非礼 | 囚禁 | 绑架 | 拐卖 | 救命(?!之恩|恩人|稻草) | 救救我 | 救我
"""
_WORDS = re.compile(f"{_SELF_HARM}|{_VIOLENCE}", re.VERBOSE)
# Only the characters that occur in the words and their exceptions.
_SIMPLIFIED = str.maketrans(
    "膩沒著麼義開尋遺書樂殺盡殘傷輕歸於結樓機賣銷減價橋燈針藥時農敵妳媽親繼後鄰學師護婦兒孫別們"
    "毆請電話擾濕燒動雞鴨鵝魚豬騷強姦褻禮綁夠見",
    "腻没着么义开寻遗书乐杀尽残伤轻归于结楼机卖销减价桥灯针药时农敌你妈亲继后邻学师护妇儿孙别们"
    "殴请电话扰湿烧动鸡鸭鹅鱼猪骚强奸亵礼绑够见",
)


def find_crisis_words(text: str) -> tuple[str, ...]:
    """Return each word of self-harm or violence once, in simplified characters, in the order of the text.

    It also finds words with spaces, punctuation or emoji inside, and in wide or traditional characters.
    """
    plain = folded(text).translate(_SIMPLIFIED)
    return tuple(dict.fromkeys(found[0] for found in _WORDS.finditer(plain)))
