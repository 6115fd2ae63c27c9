"""The duty roster of the demonstration: who is on duty now, what waits for an answer, and a gap after it."""

from datetime import datetime, time, timedelta

from scripts.demo_cast import Cast
from server.domain.duty import offers
from server.domain.duty.offers import ShiftOffer
from server.domain.working_time import SHANGHAI

SHIFT = timedelta(hours=12)
# Person, phone, and whether it is a shift of the county; the last one is not accepted yet.
SHIFTS = (
    ("chenshegong", "13900000011", False),
    ("zhaozhanzhang", "13900000012", False),
    ("sunzhanzhang", "13900000013", True),
    ("qukezhang", "13900000014", True),
    ("chenshegong", "", False),
)


async def open_(cast: Cast) -> int:
    """Offer shifts of twelve hours from the present one on; return how many."""
    county = next(iter(cast.staff["qukezhang"].county_ids))
    for number, (nickname, phone, of_county) in enumerate(SHIFTS):
        begins = _present(cast.now) + number * SHIFT
        where = {"county_id": county} if of_county else {"station_id": cast.station}
        wanted = ShiftOffer(cast.people[nickname], begins, begins + SHIFT, **where)
        by = cast.staff["qukezhang" if of_county else "zhaozhanzhang"]
        shift = await offers.offer(wanted, by=by, now=cast.now)
        if phone:
            await offers.accept(shift.id, phone=phone, by=cast.staff[nickname], now=cast.now)
    return len(SHIFTS)


def _present(now: datetime) -> datetime:
    """Return when the present shift began: at eight in the morning or in the evening."""
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    begins = [midnight + timedelta(hours=hours) for hours in (-4, 8, 20)]
    return max(moment for moment in begins if moment <= now)
