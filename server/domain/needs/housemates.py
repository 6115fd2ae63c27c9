"""Staff who live with a resident: they find no words of a need that may be about them."""

from collections.abc import Iterable

from server.database.condition import Condition, among, where
from server.domain import households, reference
from server.domain.staff import Staff
from server.models import Channel, Need, Urgency


async def ids_of(by: Staff) -> set[int]:
    """Return the caller, and the people who live, or ever lived, with them: lists know no better moment."""
    return await households.housemates_of(by.person_id) | {by.person_id}


async def about_them(needs: Iterable[Need], by: Staff) -> set[int]:
    """Return the ids of those confidential needs and emergencies that are of the caller or of a housemate."""
    confidential = (await reference.snapshot()).category_ids(confidential=True)
    secret = [one for one in needs if one.urgency == Urgency.EMERGENCY or one.category_id in confidential]
    people = await ids_of(by) if secret else ()
    return {one.id for one in secret if one.person_id in people}


async def shown_to(by: Staff) -> Condition:
    """Return the condition for needs `n` that are neither confidential nor an emergency, or of no housemate."""
    found = f"IN ({households.HOUSEMATES})"
    submitted = where(f"n.submitted_by_id {found} AND n.channel = ?", by.person_id, Channel.PHONE_APP)
    theirs = where("n.person_id = ?", by.person_id) | where(f"n.person_id {found}", by.person_id) | submitted
    confidential = (await reference.snapshot()).category_ids(confidential=True)
    secret = where("n.urgency = ?", Urgency.EMERGENCY) | among("n.category_id", confidential)
    about_them = secret & theirs
    return where(f"NOT ({about_them.sql})", *about_them.values)
