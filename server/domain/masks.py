"""What people typed: made plain, refused where no text may hold it, and masked where others may read it."""

import re
import unicodedata
from itertools import filterfalse

HIDDEN = "****"
HIDDEN_ADDRESS = "（地址已隐藏）"

_NEWLINES = re.compile("\r\n|[\r\u2028\u2029]")
# Unicode's own limit for streams. Normalising a run takes its square: 100,000 marks would hold everybody up.
_MOST_MARKS = 30
# These do not count as marks but come apart into nothing else: they are taken apart before marks are counted.
_COME_APART = {"\u0f73": "\u0f71\u0f72", "\u0f75": "\u0f71\u0f74", "\u0f81": "\u0f71\u0f80"}

_PLANES = range(0, 0x110000, 0x10000)
_FORBIDDEN = {
    "空字符": "\x00",
    "控制字符": "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f",
    "文字方向控制符": "\u202a-\u202e\u2066-\u2069",
    "不完整的字符": "\ud800-\udfff",
    "私用字符": "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd",
    "非字符": "\ufdd0-\ufdef" + "".join(chr(plane + last) for plane in _PLANES for last in (0xFFFE, 0xFFFF)),
}
_ANY_FORBIDDEN = re.compile("|".join(f"(?P<{kind}>[{those}])" for kind, those in _FORBIDDEN.items()))

_LONGEST_PHONE = 40
_PHONE_SIGNS = re.compile(r"[\s()\[\].·‐‒–—―−_-]+")
# Behind 010 and 02x stand eight digits, elsewhere seven or eight; after +86 the leading 0 may be missing.
_PHONE = re.compile(
    r"(?:\+?86|0086)?0?(?P<mobile>1[3-9][0-9]{9})"
    r"|(?:(?:\+86|0086)0?|0)(?P<landline>(?:10|2[0-9])[2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7})"
)
_LEAST_DIGITS_SHOWN = 9

_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳歐陽司马司馬上官诸葛諸葛司徒东方東方皇甫尉迟尉遲公孙公孫慕容令狐夏侯轩辕軒轅长孙長孫宇文端木"
        "南宫南宮独孤獨孤百里东郭東郭呼延闻人聞人澹台澹臺申屠太史钟离鍾離公冶赫连赫連鲜于鮮于",
    )
)
_HAN = "[\u3400-\u9fff]"
# Shown only when surely administrative: a county or a town, then a name that holds no house, floor or door.
_COMMUNITY_PART = re.compile(
    f"(?:{_HAN}{{2,3}}省)?(?:{_HAN}{{2,4}}市)?"
    f"(?:{_HAN}{{1,7}}?(?:县|(?<![社小])区)(?:{_HAN}{{1,6}}?(?:街道|镇|乡))?|{_HAN}{{1,6}}?(?:街道|镇|乡))"
    f"(?:(?![号號栋棟幢单單室户戶组組弄家]){_HAN}){{1,8}}?(?:社区|村村?)"
)


def clean_text(raw: str) -> str:
    """Return the text as it is stored: composed (NFC), lines ended by newlines alone, no space around it."""
    return unicodedata.normalize("NFC", _shallow(_NEWLINES.sub("\n", raw))).strip()


def folded(raw: str) -> str:
    """Return letters and digits alone, wide and narrow forms and cases made one: to compare, not to read."""
    bare = "".join(filterfalse(unicodedata.combining, _apart(raw)))
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", bare).casefold()))


def forbidden_character(raw: str) -> str | None:
    """Name the first character no text may hold, as in “U+0000 空字符”; newline, return and tab are fine."""
    found = _ANY_FORBIDDEN.search(raw)
    return f"U+{ord(found[0]):04X} {found.lastgroup}" if found else None


def plain_phone(raw: str) -> str | None:
    """Return the digits of a Chinese mobile number or of a landline with its area code; None for all else."""
    if len(raw) > _LONGEST_PHONE:
        return None
    # Numbers copied out of an address book come wrapped in invisible direction signs.
    visible = (c for c in unicodedata.normalize("NFKC", raw) if unicodedata.category(c) != "Cf")
    found = _PHONE.fullmatch(_PHONE_SIGNS.sub("", "".join(visible)))
    if found is None:
        return None
    return found["mobile"] or f"0{found['landline']}"


def mask_phone(raw: str) -> str:
    """Show the first three and last four digits of a mobile, two at the end of others, none of short ones."""
    plain = plain_phone(raw)
    digits = plain or re.sub("[^0-9]", "", folded(raw))
    if len(digits) < _LEAST_DIGITS_SHOWN:
        return HIDDEN if raw.strip() else ""
    # The area code of a landline is no secret, so four more digits of it would leave almost nothing to guess.
    shown_last = 4 if plain and plain.startswith("1") else 2
    return f"{digits[:3]}{HIDDEN}{digits[-shown_last:]}"


def mask_name(name: str) -> str:
    """Show the surname (王**, 欧阳*), or the first letter of a name in another script; never a whole name."""
    letters = [c for c in unicodedata.normalize("NFC", _shallow(name)) if c.isalnum()]
    if len(letters) <= 1:
        return "*" if name.strip() else ""
    compound = len(letters) > 2 and "".join(letters[:2]) in _COMPOUND_SURNAMES  # noqa: PLR2004
    shown = letters[: 2 if compound else 1]
    return "".join(shown) + "*" * min(len(letters) - len(shown), 2)


def mask_address(text: str) -> str:
    """Show an address down to its community, or nothing of it where that part cannot be told for sure."""
    bare = "".join(text.split())
    found = _COMMUNITY_PART.match(bare)
    if found:
        return found[0] + HIDDEN
    return HIDDEN_ADDRESS if bare else ""


def _apart(text: str) -> str:
    for sign, marks in _COME_APART.items():
        text = text.replace(sign, marks)
    return text


def _shallow(text: str) -> str:
    """Drop the marks on a letter beyond the number any writing uses."""
    text = _apart(text)
    if not any(map(unicodedata.combining, text)):
        return text
    kept: list[str] = []
    depth = 0
    for character in text:
        depth = depth + 1 if unicodedata.combining(character) else 0
        if depth <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
