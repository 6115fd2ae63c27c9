"""Read the body of a plea that the contract would refuse: what is wrong in it is left out."""

from typing import Any, TypeVar

from miniprogram_contract.base import BIGGEST_ID, Channel, CounterChannel
from miniprogram_contract.needs import NewNeed, Urgency
from miniprogram_contract.needs_staff import NewCounterNeed
from miniprogram_contract.text import plain_phone
from server.handlers.http.emergency import crisis_text, plea_text, raw_value

B = TypeVar("B", bound=NewNeed)

LENGTHS = {"category": 40, "contact_name": 30, "place": 100, "relation": 20, "help_times": 200}
LONGEST_PHONE = 30
MOST_PHOTOS = 9
MOST_INNER = 20


def read_plea(body: bytes) -> NewNeed | None:
    """Return the need of a resident in danger, or None if the body shows no danger."""
    found = raw_value(body)
    return NewNeed.model_construct(**_fields(found)) if _is_plea(found) else None


def read_counter_plea(body: bytes) -> NewCounterNeed | None:
    """Return the need that staff enter for a person in danger, or None if the body shows no danger."""
    found = raw_value(body)
    if not _is_plea(found):
        return None
    given = found if isinstance(found, dict) else {}
    at_counter = given.get("channel") == Channel.COUNTER
    channel = CounterChannel.COUNTER if at_counter else CounterChannel.TELEPHONE
    return NewCounterNeed.model_construct(**_fields(found), channel=channel, person_id=_id(given.get("person_id")))


def _is_plea(found: Any) -> bool:
    return _is_pressed(found) or bool(crisis_text(found))


def _is_pressed(found: Any) -> bool:
    """Return whether the emergency button was pressed, also if a client wraps the body or writes it otherwise."""
    inner = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else []
    bodies = [one for one in (found, *inner[:MOST_INNER]) if isinstance(one, dict)]
    said = (str(one.get("urgency", "")).strip().lower() for one in bodies)
    return any(one == Urgency.EMERGENCY or "应急" in one for one in said)


def _fields(found: Any) -> dict[str, Any]:
    given = found if isinstance(found, dict) else {}
    texts = {name: _line(given.get(name), most) for name, most in LENGTHS.items()}
    photos = given.get("photo_ids")
    return {
        **texts,
        "text": _text(found, given),
        "urgency": Urgency.EMERGENCY,
        "contact_phone": _phone(given.get("contact_phone")),
        "area_id": _id(given.get("area_id")),
        "may_share_contact": given.get("may_share_contact") is True,
        "photo_ids": list(filter(None, map(_id, photos)))[:MOST_PHOTOS] if isinstance(photos, list) else [],
    }


def _text(found: Any, given: dict[str, Any]) -> str:
    """Return the text, and words of crisis that are in none of the known fields."""
    known = {"text", *LENGTHS}
    text = given.get("text")
    others = {name: value for name, value in given.items() if name not in known} if given else found
    return plea_text("\n".join(filter(None, [text if isinstance(text, str) else "", crisis_text(others)])))


def _line(raw: Any, most: int) -> str:
    return " ".join(plea_text(raw).split())[:most] if isinstance(raw, str) else ""


def _phone(raw: Any) -> str:
    """Return the number, or what was written instead if it has digits: a worker may still make it out."""
    written = _line(str(raw), LONGEST_PHONE) if isinstance(raw, (str, int)) else ""
    return plain_phone(written) or (written if any(map(str.isdigit, written)) else "")


def _id(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < BIGGEST_ID else None
