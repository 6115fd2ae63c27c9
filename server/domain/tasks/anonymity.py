"""What volunteers read names nobody: no name, no phone, no exact place."""

import re
import unicodedata

from server.domain.masking import folded
from server.errors import PersonalDataInText
from server.models import Need

# Read over the telephone as well: 幺三八…
_SPOKEN = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_LANDLINE = re.compile("[0-9]{7}")
# What is left of a landline without its area code.
_OWN_DIGITS = 7
# One letter is in every text.
_LEAST_LETTERS = 2


async def must_name_nobody(need: Need | None, said: dict[str, str], *, place: str = "") -> None:
    """Refuse with PersonalDataInText what gives away whom the need is for, or the place, naming each such field."""
    names, phones, places = set[str](), set[str](), {place}
    if need is not None:
        await need.fetch_related("person")
        names = {need.contact_name, need.person.name or ""}
        phones = {need.contact_phone, need.person.phone or ""}
        places.add(need.place)
    found = [
        {"field": field, "problem": f"含有{what}"}
        for field, text in said.items()
        if (what := _given_away(text, names, phones, places))
    ]
    if found:
        raise PersonalDataInText(fields=found)


def _given_away(said: str, names: set[str], phones: set[str], places: set[str]) -> str:
    letters = folded(said)
    if any(_is_in(letters, name) for name in names):
        return "姓名"
    numbers = letters.translate(_SPOKEN)
    if any(own in numbers for own in map(_own_digits, phones) if own):
        return "电话"
    if _MOBILE.search(numbers) or _LANDLINE.search(_close_together(said)):
        return "电话"
    return "具体地点" if any(_is_in(letters, place) for place in places) else ""


def _is_in(letters: str, name: str) -> bool:
    sought = folded(name)
    return len(sought) >= _LEAST_LETTERS and sought in letters


def _own_digits(phone: str) -> str:
    return re.sub("[^0-9]", "", phone)[-_OWN_DIGITS:]


def _close_together(said: str) -> str:
    """The text without spaces and invisible characters: what stands between a date's digits stays."""
    plain = unicodedata.normalize("NFKC", said).translate(_SPOKEN)
    return "".join(part for part in plain if part.isprintable() and not part.isspace())
