"""Codes that a phone shows: a worker who types one finds its person. Each counts once, for some minutes."""

from datetime import datetime, timedelta

from server.database import db
from server.domain.slip_codes import hash_of, new_code
from server.errors import InvalidPersonCode
from server.models import Person, PersonCode

# Read aloud and typed at a counter: one of a thousand million, of which few are good at any time.
LENGTH = 6
VALID_FOR = timedelta(minutes=10)


@db.transaction
async def make(*, of: int, now: datetime) -> tuple[str, datetime]:
    """Return a new code of the person, and when it ends. Their earlier codes end now. Only its hash is kept."""
    await PersonCode.filter(person_id=of, used_at=None, expires_at__gt=now).update(expires_at=now)
    code = new_code(LENGTH)
    until = now + VALID_FOR
    await PersonCode.create(person_id=of, code_hash=hash_of(code), made_at=now, expires_at=until)
    return code, until


async def use(code: str, *, now: datetime) -> Person:
    """Use the code up, in the verb's transaction. Return its person. Raises `InvalidPersonCode`."""
    db.require_transaction()
    good = PersonCode.filter(code_hash=hash_of(code), used_at=None, expires_at__gt=now)
    # Who loses the race for a code learns only that it is not valid.
    if not await good.update(used_at=now):
        raise InvalidPersonCode
    found = await PersonCode.get(code_hash=hash_of(code)).select_related("person")
    if found.person.disabled_at is not None:
        raise InvalidPersonCode
    return found.person
