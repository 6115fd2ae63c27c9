"""Mask personal data for readers who may not see all of it, and fold text for comparing."""

import re
import unicodedata
from itertools import filterfalse

HIDDEN = "****"

# Python does not count these signs as combining marks, so they are decomposed before marks are counted.
_DECOMPOSED = {"\u0f73": "\u0f71\u0f72", "\u0f75": "\u0f71\u0f74", "\u0f81": "\u0f71\u0f80"}

# One sign for a sentence in Arabic: as letters, a text of them would be eighteen times as long.
_WHOLE_SENTENCES = {0xFDFA: None, 0xFDFB: None}

_MOBILE = re.compile("1[3-9][0-9]{9}")
_LEAST_DIGITS_SHOWN = 9

_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳歐陽司马司馬上官诸葛諸葛司徒东方東方皇甫尉迟尉遲公孙公孫慕容令狐夏侯轩辕軒轅长孙長孫宇文端木"
        "南宫南宮独孤獨孤百里东郭東郭呼延闻人聞人澹台澹臺申屠太史钟离鍾離公冶赫连赫連鲜于鮮于",
    )
)


def folded(raw: str) -> str:
    """Return only the letters and digits, in one width and one case, for comparing and not for reading."""
    bare = "".join(filterfalse(unicodedata.combining, _decompose(raw.translate(_WHOLE_SENTENCES))))
    return "".join(filter(_is_letter, unicodedata.normalize("NFKC", bare).casefold()))


def mask_phone(raw: str) -> str:
    """Keep the first three and last four digits of a mobile number, the last two of others, none of short ones."""
    digits = re.sub("[^0-9]", "", folded(raw))
    if len(digits) < _LEAST_DIGITS_SHOWN:
        return HIDDEN if raw.strip() else ""
    # The area code of a landline is public, so four more digits would leave almost nothing to guess.
    shown_last = 4 if _MOBILE.fullmatch(digits) else 2
    return f"{digits[:3]}{HIDDEN}{digits[-shown_last:]}"


def mask_name(name: str) -> str:
    """Keep the surname (王**, 欧阳*), or the first letter of a name in another script, never the whole name."""
    letters = list(filter(_is_letter, name))
    if len(letters) <= 1:
        return "*" if name.strip() else ""
    compound = len(letters) > 2 and "".join(letters[:2]) in _COMPOUND_SURNAMES  # noqa: PLR2004
    shown = letters[: 2 if compound else 1]
    return "".join(shown) + "*" * min(len(letters) - len(shown), 2)


def _is_letter(one: str) -> bool:
    """Return whether it is a letter or digit. Python does not know the newest Chinese letters, of these planes."""
    return one.isalnum() or "\U00020000" <= one <= "\U0003fffd"


def _decompose(text: str) -> str:
    for sign, marks in _DECOMPOSED.items():
        text = text.replace(sign, marks)
    return text
