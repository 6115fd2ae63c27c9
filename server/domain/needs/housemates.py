"""Staff who live with a resident: they find no words of a need that may be about them."""

from collections.abc import Iterable

from server.database.condition import Condition, among, where
from server.domain import households, reference
from server.domain.staff import Staff
from server.models import Need, Urgency


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
    found = sorted(await ids_of(by) - {by.person_id})
    theirs = among("n.person_id", [by.person_id, *found]) | among("n.submitted_by_id", found)
    confidential = (await reference.snapshot()).category_ids(confidential=True)
    secret = where("n.urgency = ?", Urgency.EMERGENCY) | among("n.category_id", confidential)
    about_them = theirs & secret
    return where(f"NOT ({about_them.sql})", *about_them.values)
