"""Four eyes on volunteers' hours: who may say that a volunteer came or left. Residents' seats earn no hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.domain import households, staff
from server.domain.check_ins.eligibility import is_volunteer
from server.errors import OwnCheckIn, VouchingNotAllowed
from server.models import Activity, Attendee, CheckInWay


@dataclass(frozen=True)
class Steward:
    """A person at the entrance and their own post; `is_confirmed` if staff or the code confirmed their presence."""

    person_id: int
    is_staff: bool
    post: Attendee | None
    is_confirmed: bool
    now: datetime

    async def require_may_vouch_for(self, attendee: Attendee, at: datetime) -> None:
        """Raise if the steward may not vouch for this volunteer at that moment.

        Raises OwnCheckIn for the steward and their household. Raises VouchingNotAllowed for a volunteer who vouched for
        the steward, and if the steward is a volunteer who was not there then or whom only another volunteer confirmed.
        """
        if not is_volunteer(attendee):
            return
        assert attendee.person_id is not None
        if await households.near(attendee.person_id, self.person_id, now=self.now):
            raise OwnCheckIn
        if attendee.person_id in self._vouched_by() or not (self.is_staff or self._was_there(at)):
            raise VouchingNotAllowed

    def _vouched_by(self) -> set[int | None]:
        return {self.post.checked_in_by_id, self.post.checked_out_by_id} if self.post is not None else set()

    def _was_there(self, at: datetime) -> bool:
        if not self.is_confirmed or self.post is None or self.post.checked_in_at is None:
            return False
        return self.post.checked_in_at <= at <= (self.post.checked_out_at or at)


async def own_post_ids(activity: Activity, person_id: int) -> set[int]:
    """Return the id of the person's own attendee row at a post, as a set that may be empty.

    The row is locked with the others, so that two volunteers cannot vouch for each other at the same time.
    """
    there = Attendee.filter(activity_id=activity.id, person_id=person_id, current=1, booking__post_id__not_isnull=True)
    return set(await there.values_list("id", flat=True))  # type: ignore[arg-type]


async def load_steward(activity: Activity, locked: Iterable[Attendee], person_id: int, now: datetime) -> Steward:
    """Return the steward, from the locked rows. Where nobody works, those who stand in are the staff."""
    own = (one for one in locked if one.person_id == person_id and one.current == 1 and is_volunteer(one))
    post, station_id = next(own, None), activity.station_id
    is_staff = await staff.works_for(person_id, station_id) or (
        post is None and await staff.stands_in(person_id, station_id)
    )
    return Steward(person_id, is_staff, post, await _is_confirmed(post, activity), now)


async def _is_confirmed(post: Attendee | None, activity: Activity) -> bool:
    if post is None or post.checked_in_by_id is None:
        return False
    if post.check_in_way == CheckInWay.OWN_PHONE and post.checked_in_by_id == post.person_id:
        return True
    by, station_id = post.checked_in_by_id, activity.station_id
    return await staff.works_for(by, station_id) or await staff.stands_in(by, station_id)
