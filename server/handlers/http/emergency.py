"""Words of crisis in a request, and the emergency numbers in its answer."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from miniprogram_contract.emergency import EmergencyHelp, EmergencyPhone
from miniprogram_contract.text import clean_text, without_forbidden
from server.domain import policies
from server.domain.crisis_words import find_crisis_words

# A longer text is cut: a plea is filed whatever its length.
LONGEST_PLEA = 10_000
# A person writes less, also in danger. Of a longer body the rest is not searched.
MOST_SEARCHED, COST_OF_A_TEXT = 60_000, 20
# How JSON may write a character, also in a body that is cut off.
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_PHONES = {"报警": "police_phone", "急救": "ambulance_phone", "心理援助热线": "counselling_phone"}


def emergency_help(need_id: int | None, duty: str = "") -> EmergencyHelp:
    """Return whom to call at once, after the words about who is on duty.

    It takes no statement, so that also an answer of a full server has it.
    """
    phones = [EmergencyPhone(name=name, phone=str(policies.kept_number(kept))) for name, kept in _PHONES.items()]
    police, ambulance, counselling = (one.phone for one in phones)
    message = f"{duty}如有生命危险，请立即拨打 {police} 或 {ambulance}；心理援助热线 {counselling}。"
    return EmergencyHelp(message=message, phones=phones, need_id=need_id)


def crisis_text(value: Any) -> str:
    """Return the texts inside the value that have words of crisis, one a line; empty: none."""
    return plea_text("\n".join(text for text in _searched(value) if find_crisis_words(text)))


def _searched(value: Any) -> Iterator[str]:
    """Yield begin and end of each text, until enough was searched: a long body must not stop all others."""
    left = MOST_SEARCHED
    for text in texts_in(value):
        if text.isascii():  # every word of crisis has a Chinese letter
            continue
        parts = [text] if len(text) <= 2 * LONGEST_PLEA else [text[:LONGEST_PLEA], text[-LONGEST_PLEA:]]
        yield from parts
        left -= sum(map(len, parts)) + COST_OF_A_TEXT
        if left <= 0:
            return


def plea_text(raw: str) -> str:
    """Return the text as far as it can be stored: what a contract would refuse is left out."""
    return clean_text(without_forbidden(raw[:LONGEST_PLEA]))


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts inside lists, objects and types of the contract, in their order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, BaseModel):
            waiting += reversed(list(vars(one).values()))
        elif isinstance(one, Mapping):
            waiting += reversed(list(one.values()))
        elif isinstance(one, (list, tuple)):
            waiting += reversed(one)


def raw_value(body: bytes) -> Any:
    """Return what the JSON of a body says, or the whole body as text, without escapes, if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return ESCAPE.sub(lambda found: chr(int(found[1], 16)), body.decode(errors="replace"))
