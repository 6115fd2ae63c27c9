"""The station's screen: it shows the code of the moment, full size, until a day after the activity."""

from datetime import datetime

from server.domain.check_ins import codes, stewards
from server.domain.check_ins.codes import Code
from server.domain.check_ins.hours import hours_of, must_not_be_over
from server.domain.staff import Staff


async def code(activity_id: int, *, by: Staff, now: datetime) -> Code:
    """The code of an activity of the caller's station: staff alone have it, for it earns volunteers their hours.

    Raises NotFound, NotAllowed for officers, ActivityOver.
    """
    activity = await stewards.of_staff(activity_id, by)
    must_not_be_over(activity, (await hours_of(activity)).until, now)
    return codes.code_of(activity, now)
