"""爽约: who had a seat and neither came nor cancelled; some do not count, and enough of them put one behind in line."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import audit, households, notifications, policies
from server.domain.activities import notifications as activities
from server.domain.bookings import transitions, waiting_list
from server.domain.bookings.notifications import (
    NO_SHOW,
    NO_SHOW_BEHIND,
    NO_SHOW_EXCUSED,
    NO_SHOW_EXEMPT,
    NO_SHOW_FORGIVEN,
    NO_SHOW_UPHELD,
    notify_party,
    people_of,
)
from server.domain.bookings.offers import answerable_by
from server.domain.bookings.transitions import S
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import AlreadyExcused, NoExcusePending, NoShowNotCounted, NotAllowed, NotFound, OwnNoShow
from server.models import Activity, Attendee, Booking, Exemption, NoShow, Offer, OfferState, Person


@dataclass(frozen=True)
class NoShowRule:
    """So many no-shows within so long put a person at the end of every line for so long after the last of them."""

    limit: int
    within: timedelta
    penalty: timedelta

    def until(self, counted: Sequence[datetime]) -> datetime | None:
        """Until when no-shows at these times, earliest first, put a person behind; None when they never did."""
        runs = zip(counted, counted[self.limit - 1 :], strict=False)
        ends = [last + self.penalty for first, last in runs if last - first <= self.within]
        return max(ends, default=None)


async def get_rule() -> NoShowRule:
    """The rule as the city's policies have it."""
    numbers = await policies.numbers("no_show_limit", "no_show_window_days", "no_show_penalty_days")
    limit, within, penalty = numbers.values()
    return NoShowRule(limit, timedelta(days=within), timedelta(days=penalty))


async def behind_until(people: Collection[int], now: datetime) -> datetime | None:
    """Until when who comes with these people stands at the end of lines; None for nearly everybody."""
    return max((await _behind_by_person(people, now)).values(), default=None)


async def _behind_by_person(people: Collection[int], now: datetime) -> dict[int, datetime]:
    """Until when each of the people stands behind, of those who do."""
    times: dict[int, list[datetime]] = defaultdict(list)
    counted = NoShow.filter(person_id__in=sorted(people), exemption=None).order_by("at")
    for one in await counted.only("id", "person_id", "at"):
        times[one.person_id].append(one.at)
    if not times:
        return {}
    known = await get_rule()
    ends = {one: known.until(theirs) for one, theirs in times.items()}
    return {one: end for one, end in ends.items() if end is not None and end > now}


async def close_bookings(activity: Activity, *, now: datetime) -> None:
    """Close the bookings of a locked activity that is over: who came, who did not, whom the line did not reach.

    Who did not come is told, and how to say why. The statements are as many for five hundred bookings as for five.
    """
    db.must_be_in_transaction()
    await mark_attended(activity, now=now)
    stayed_away = await Booking.filter(activity_id=activity.id, status=S.BOOKED)
    await transitions.end_all(activity, [S.BOOKED], S.NO_SHOW, now=now)
    await transitions.end_all(activity, [S.WAITING, S.OFFERED], S.NOT_REACHED, now=now)
    # A post is not a seat: a volunteer who stays away answers to the station.
    residents = [one for one in stayed_away if one.post_id is None]
    if residents:
        await _create_no_shows(residents, activity, now)


async def mark_attended(activity: Activity, *, now: datetime) -> None:
    """Close the bookings of a locked activity of which somebody checked in: they attended."""
    came = "SELECT booking_id FROM attendee WHERE activity_id = ? AND checked_in_at IS NOT NULL"
    mark = f"UPDATE booking SET status = ?, ended_at = ? WHERE activity_id = ? AND status = ? AND id IN ({came})"  # noqa: S608
    await db.execute(mark, [S.ATTENDED.value, now, activity.id, S.BOOKED.value, activity.id])


async def _create_no_shows(missed: list[Booking], activity: Activity, now: datetime) -> None:
    people = {one.person_id for one in missed}
    exempt = await _find_exempt(people, activity) | await _find_seated_late(missed, activity)
    await NoShow.bulk_create(
        NoShow(
            booking_id=one.id,
            person_id=one.person_id,
            station_id=activity.station_id,
            at=activity.starts_at,
            exemption=exempt.get(one.person_id),
        )
        for one in missed
    )
    counted = people - exempt.keys()
    behind = await _update_waiting_list(counted, now) if counted else set()
    groups = ((NO_SHOW_EXEMPT, set(exempt)), (NO_SHOW, counted - behind), (NO_SHOW_BEHIND, behind))
    for template, whom in groups:
        told = {who for one in missed if one.person_id in whom for who in people_of(one)}
        await notifications.notify(told, template, subject_id=activity.id, now=now, activity=activity.title)


async def _find_exempt(people: set[int], activity: Activity) -> dict[int, Exemption]:
    """Whose no-show does not count: the old, and who never had a booking that came to its day."""
    age = await policies.number("no_show_exempt_age")
    born_before = activity.starts_at.astimezone(SHANGHAI).year - age
    old = Person.filter(id__in=sorted(people), birth_year__lt=born_before)
    earlier = Booking.filter(person_id__in=sorted(people), status__in=[S.ATTENDED, S.NO_SHOW])
    known = set(await earlier.exclude(activity_id=activity.id).distinct().values_list("person_id", flat=True))
    firsts = dict.fromkeys(people - known, Exemption.FIRST_TIME)
    return firsts | dict.fromkeys([one.id for one in await old.only("id")], Exemption.AGE)


async def _find_seated_late(missed: list[Booking], activity: Activity) -> dict[int, Exemption]:
    """Who was given seats too late to cancel, or when nobody was asked any more, without having accepted an offer."""
    auto_promotion = (await waiting_list.get_terms(activity.station_id)).auto_promotion
    since = min(activity.cancellation_until, activity.starts_at - auto_promotion)
    late = {one.id: one.person_id for one in missed if transitions.seated_since(one, since)}
    accepted = Offer.filter(booking_id__in=list(late) or [0], state=OfferState.ACCEPTED)
    for booking_id in await accepted.values_list("booking_id", flat=True):
        late.pop(booking_id, None)
    return dict.fromkeys(late.values(), Exemption.UNASKED)


async def _update_waiting_list(people: Collection[int], now: datetime) -> set[int]:
    """Say on every place in line these people share until when it is behind; returns who of them stands there.

    A party stands where the last of its people does.
    """
    # Held, so that of two changes of somebody's no-shows at once the later one counts both, and who lines up with them
    # at this moment is either seen here or sees it themselves.
    await Person.filter(id__in=sorted(people)).order_by("id").select_for_update().only("id")
    parties = await _waiting_with(people)
    behind = await _behind_by_person(set(people).union(*parties.values()), now)
    together: dict[datetime | None, list[int]] = defaultdict(list)
    for booking_id, party in parties.items():
        together[max((behind[one] for one in party & behind.keys()), default=None)].append(booking_id)
    for until, bookings in together.items():
        await Booking.filter(id__in=bookings, status=S.WAITING).update(behind_until=until)
    return set(people) & behind.keys()


async def _waiting_with(people: Collection[int]) -> dict[int, set[int]]:
    """Who stands in line together with any of these people, themselves among them, by the bookings they share."""
    parties: dict[int, set[int]] = defaultdict(set)
    theirs = Attendee.filter(person_id__in=sorted(people), current=1, booking__status=S.WAITING)
    if ids := sorted(set(await theirs.values_list("booking_id", flat=True))):
        # Held before it is read who is in them: somebody may just be leaving.
        await Booking.filter(id__in=ids).order_by("id").select_for_update().only("id")
        seated = Attendee.filter(booking_id__in=ids, current=1, person_id__not_isnull=True)
        for booking_id, person_id in await seated.values_list("booking_id", "person_id"):
            parties[booking_id].add(person_id)
    return parties


@db.transaction
async def excuse(no_show_id: int, reason: str, *, by: int, now: datetime) -> NoShow:
    """Say, once, why one did not come; the station reads it. NotFound for who had no part in the booking."""
    no_show = await NoShow.filter(id=no_show_id).select_for_update().first()
    if no_show is None or not await Booking.filter(await answerable_by(by), id=no_show.booking_id).exists():
        raise NotFound
    _require_counted(no_show)
    if no_show.excused_at is not None:
        raise AlreadyExcused
    await _write(no_show, excuse=reason, excused_at=now)
    activity = await Activity.get(bookings=no_show.booking_id)
    await activities.notify_station(activity, NO_SHOW_EXCUSED, now=now)
    return no_show


@db.transaction
async def forgive(no_show_id: int, reason: str, *, by: Staff, now: datetime) -> NoShow:
    """免除: it counts no more, and who stood behind for it stands in order again.

    NotAllowed for officers, who only read, NotFound for others; OwnNoShow for one's own or a relative's.
    """
    no_show = await _lock_for_decision(no_show_id, by, now)
    await _write(no_show, exemption=Exemption.FORGIVEN, decided_by_id=by.person_id, decided_at=now, decision=reason)
    await _update_waiting_list([no_show.person_id], now)
    await _notify_decision(no_show, NO_SHOW_FORGIVEN, reason=reason, now=now)
    await audit.note("no_show.forgiven", f"no_show:{no_show.id}", by=by.person_id, now=now, reason=reason)
    return no_show


@db.transaction
async def uphold(no_show_id: int, reason: str, *, by: Staff, now: datetime) -> NoShow:
    """The excuse does not do: it still counts. A no-show upheld may be forgiven later, should it have been wrong.

    NoExcusePending when nothing was said to it or it was upheld before; else as `forgive`.
    """
    no_show = await _lock_for_decision(no_show_id, by, now)
    if no_show.excused_at is None or no_show.decided_at is not None:
        raise NoExcusePending
    await _write(no_show, decided_by_id=by.person_id, decided_at=now, decision=reason)
    await _notify_decision(no_show, NO_SHOW_UPHELD, reason=reason, now=now)
    await audit.note("no_show.upheld", f"no_show:{no_show.id}", by=by.person_id, now=now, reason=reason)
    return no_show


async def _lock_for_decision(no_show_id: int, by: Staff, now: datetime) -> NoShow:
    """One that counts, locked, of the caller's station, and not near to them."""
    found = await NoShow.filter(id=no_show_id, station_id__in=sorted(by.station_ids) or [0]).first()
    if found is None:
        known = await NoShow.filter(by.of_stations(), id=no_show_id).exists()
        raise NotAllowed if known else NotFound
    if await households.near(found.person_id, by.person_id, now=now):
        raise OwnNoShow
    no_show = await NoShow.filter(id=no_show_id).select_for_update().get()
    _require_counted(no_show)
    return no_show


async def _notify_decision(no_show: NoShow, template: NoticeTemplate, *, reason: str, now: datetime) -> None:
    booking = await Booking.get(id=no_show.booking_id).select_related("activity")
    await notify_party(booking, template, now=now, reason=reason)


def _require_counted(no_show: NoShow) -> None:
    if no_show.exemption is not None:
        raise NoShowNotCounted(exemption=no_show.exemption)


async def _write(no_show: NoShow, **columns: object) -> None:
    await NoShow.filter(id=no_show.id).update(**columns)
    for name, value in columns.items():
        setattr(no_show, name, value)
