"""Texts that volunteers read contain no name, no phone number and no exact place."""

import re
import unicodedata

from server.domain.masking import folded
from server.errors import PersonalDataInText
from server.models import Need

# Digits as they are said on the telephone: 幺三八…
_SPOKEN_DIGITS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_LANDLINE = re.compile("[0-9]{7}")
# A landline without its area code.
_LOCAL_DIGITS = 7
# A single letter occurs in every text.
_MIN_LETTERS = 2


async def require_anonymous(need: Need | None, texts: dict[str, str], *, place: str = "") -> None:
    """Refuse texts that give away the resident or the place; `texts` maps each field to its text.

    Raises `PersonalDataInText` with every such field.
    """
    names, phones, places = set[str](), set[str](), {place}
    merged = Need.filter(merged_into_id=need.id) if need is not None and need.joined_needs else None
    for one in ([need] if need is not None else []) + (await merged if merged is not None else []):
        await one.fetch_related("person")
        names |= {one.contact_name, one.person.name or ""}
        phones |= {one.contact_phone, one.person.phone or ""}
        places.add(one.place)
    found = [
        {"field": field, "problem": f"含有{what}"}
        for field, text in texts.items()
        if (what := _personal_data_in(text, names, phones, places))
    ]
    if found:
        raise PersonalDataInText(fields=found)


def _personal_data_in(text: str, names: set[str], phones: set[str], places: set[str]) -> str:
    letters = folded(text)
    if any(_mentions(letters, name) for name in names):
        return "姓名"
    numbers = letters.translate(_SPOKEN_DIGITS)
    if any(digits in numbers for digits in map(_local_digits, phones) if digits):
        return "电话"
    if _MOBILE.search(numbers) or _LANDLINE.search(_without_spaces(text)):
        return "电话"
    return "具体地点" if any(_mentions(letters, place) for place in places) else ""


def _mentions(letters: str, name: str) -> bool:
    name_letters = folded(name)
    return len(name_letters) >= _MIN_LETTERS and name_letters in letters


def _local_digits(phone: str) -> str:
    return re.sub("[^0-9]", "", phone)[-_LOCAL_DIGITS:]


def _without_spaces(text: str) -> str:
    """Return the text without spaces and invisible characters; signs between the digits of a date stay."""
    plain = unicodedata.normalize("NFKC", text).translate(_SPOKEN_DIGITS)
    return "".join(part for part in plain if part.isprintable() and not part.isspace())
