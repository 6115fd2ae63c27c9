"""Text that people type: normalised, and refused if it has forbidden characters."""

import re
import unicodedata

_NEWLINES = re.compile("\r\n|[\r\u2028\u2029]")
# Unicode's own limit for streams. Normalising takes quadratic time: 100,000 marks would block the server.
_MOST_MARKS = 30
# These do not count as marks but decompose into marks: they are decomposed before marks are counted.
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

# Letters and signs by their category that are drawn as nothing: fillers of Hangul, the empty Braille pattern.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")

_LONGEST_PHONE = 40
_PHONE_SIGNS = re.compile(r"[\s()\[\].·‐‒–—―−_-]+")
# After 010 and 02x come eight digits, elsewhere seven or eight; after +86 the leading 0 may be missing.
_PHONE = re.compile(
    r"(?:\+?86|0086)?0?(?P<mobile>1[3-9][0-9]{9})"
    r"|(?:(?:\+86|0086)0?|0)(?P<landline>(?:10|2[0-9])[2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7})"
)


def clean_text(raw: str) -> str:
    """Return the text as it is stored: composed (NFC), with plain newlines, without space around it."""
    return unicodedata.normalize("NFC", _shallow(_NEWLINES.sub("\n", raw))).strip()


def forbidden_character(raw: str) -> str | None:
    """Name the first forbidden character, as in “U+0000 空字符”. Newline, return and tab are allowed."""
    found = _ANY_FORBIDDEN.search(raw)
    return f"U+{ord(found[0]):04X} {found.lastgroup}" if found else None


def is_visible(text: str) -> bool:
    """Return whether a reader sees anything: at least one letter, digit or sign.

    Python does not know the newest Chinese letters. Nothing but Chinese letters is in their planes.
    """
    return any(
        (unicodedata.category(one)[0] in "LNPS" and one not in _BLANK) or "\U00020000" <= one <= "\U0003fffd"
        for one in text
    )


def without_forbidden(raw: str) -> str:
    """Return the text without forbidden characters."""
    return _ANY_FORBIDDEN.sub("", raw)


def plain_phone(raw: str) -> str | None:
    """Return the digits of a Chinese mobile number or of a landline with its area code, or None."""
    if len(raw) > _LONGEST_PHONE:
        return None
    # Numbers copied out of an address book come wrapped in invisible direction signs.
    visible = (c for c in unicodedata.normalize("NFKC", raw) if unicodedata.category(c) != "Cf")
    found = _PHONE.fullmatch(_PHONE_SIGNS.sub("", "".join(visible)))
    if found is None:
        return None
    return found["mobile"] or f"0{found['landline']}"


def _shallow(text: str) -> str:
    """Drop marks on a letter beyond the number that any script uses."""
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


def _apart(text: str) -> str:
    for sign, marks in _COME_APART.items():
        text = text.replace(sign, marks)
    return text
