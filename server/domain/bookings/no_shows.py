"""No-shows 爽约: booked people who neither came nor cancelled; too many put a person last in waiting lists."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import audit, households, notifications, policies
from server.domain.activities import notifications as activities
from server.domain.bookings import access, offer_terms, transitions
from server.domain.bookings.notifications import (
    NO_SHOW,
    NO_SHOW_EXCUSED,
    NO_SHOW_EXEMPT,
    NO_SHOW_FORGIVEN,
    NO_SHOW_PENALTY,
    NO_SHOW_UPHELD,
    notify_party,
    people_of,
)
from server.domain.bookings.transitions import S
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import AlreadyExcused, NoExcusePending, NoShowNotCounted, NotAllowed, NotFound, OwnNoShow
from server.models import Activity, Attendee, Booking, Exemption, NoShow, Person, SeatOffer, SeatOfferStatus


@dataclass(frozen=True)
class NoShowRule:
    """`limit` no-shows `within` a time put a person last in every waiting list for the `penalty` after the latest."""

    limit: int
    within: timedelta
    penalty: timedelta

    def until(self, counted: Sequence[datetime]) -> datetime | None:
        """Return until when no-shows at these times (earliest first) put a person last; None if they do not."""
        runs = zip(counted, counted[self.limit - 1 :], strict=False)
        ends = [last + self.penalty for first, last in runs if last - first <= self.within]
        return max(ends, default=None)


async def get_rule() -> NoShowRule:
    """Return the rule as the city's policies set it."""
    numbers = await policies.numbers("no_show_limit", "no_show_window_days", "no_show_penalty_days")
    limit, within, penalty = numbers.values()
    return NoShowRule(limit, timedelta(days=within), timedelta(days=penalty))


async def penalty_until(people: Collection[int], now: datetime) -> datetime | None:
    """Return until when a party of these people comes last in waiting lists; None for most parties."""
    return max((await _behind_by_person(people, now)).values(), default=None)


async def _behind_by_person(people: Collection[int], now: datetime) -> dict[int, datetime]:
    """Return until when each person comes last in waiting lists; people without a penalty are left out."""
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
    """Close the bookings of a locked activity that is over: attended, no-show, or not reached by the waiting list.

    People with a no-show get a notice that says how to give an excuse. The number of statements does not grow with the
    number of bookings.
    """
    db.require_transaction()
    await mark_attended(activity, now=now)
    stayed_away = await Booking.filter(activity_id=activity.id, status=S.BOOKED)
    await transitions.end_all(activity, [S.BOOKED], S.NO_SHOW, now=now)
    await transitions.end_all(activity, [S.WAITING, S.OFFERED], S.NOT_REACHED, now=now)
    # A post is not a seat: a volunteer who stays away answers to the station.
    residents = [one for one in stayed_away if one.post_id is None]
    if residents:
        await _create_no_shows(residents, activity, now)


async def mark_attended(activity: Activity, *, now: datetime) -> None:
    """Mark bookings of the locked activity as attended if somebody in them checked in."""
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
    groups = ((NO_SHOW_EXEMPT, set(exempt)), (NO_SHOW, counted - behind), (NO_SHOW_PENALTY, behind))
    for template, whom in groups:
        recipients = {who for one in missed if one.person_id in whom for who in people_of(one)}
        await notifications.notify(recipients, template, subject_id=activity.id, now=now, activity=activity.title)


async def _find_exempt(people: set[int], activity: Activity) -> dict[int, Exemption]:
    """Return people whose no-show does not count: old people, and people on their first booking."""
    age = await policies.number("no_show_exempt_age")
    born_before = activity.starts_at.astimezone(SHANGHAI).year - age
    old = Person.filter(id__in=sorted(people), birth_year__lt=born_before)
    earlier = Booking.filter(person_id__in=sorted(people), status__in=[S.ATTENDED, S.NO_SHOW])
    known = set(await earlier.exclude(activity_id=activity.id).distinct().values_list("person_id", flat=True))
    firsts = dict.fromkeys(people - known, Exemption.FIRST_TIME)
    return firsts | dict.fromkeys([one.id for one in await old.only("id")], Exemption.AGE)


async def _find_seated_late(missed: list[Booking], activity: Activity) -> dict[int, Exemption]:
    """Return people who got their seats too late to cancel, and did not accept them through an offer."""
    auto_promotion = (await offer_terms.get_terms(activity.station_id)).auto_promotion
    since = min(activity.cancellation_until, activity.starts_at - auto_promotion)
    late = {one.id: one.person_id for one in missed if transitions.seated_since(one, since)}
    accepted = SeatOffer.filter(booking_id__in=list(late) or [0], state=SeatOfferStatus.ACCEPTED)
    for booking_id in await accepted.values_list("booking_id", flat=True):
        late.pop(booking_id, None)
    return dict.fromkeys(late.values(), Exemption.LATE_SEAT)


async def _update_waiting_list(people: Collection[int], now: datetime) -> set[int]:
    """Set until when these people's waiting bookings come last; return those of the people who have a penalty.

    A party has the place of the member with the longest penalty.
    """
    # Lock the people: of two changes to a person's no-shows at once the later counts both, and a booking made at this
    # moment is either seen here or sees the change itself.
    await Person.filter(id__in=sorted(people)).order_by("id").select_for_update().only("id")
    parties = await _waiting_with(people)
    behind = await _behind_by_person(set(people).union(*parties.values()), now)
    together: dict[datetime | None, list[int]] = defaultdict(list)
    for booking_id, party in parties.items():
        together[max((behind[one] for one in party & behind.keys()), default=None)].append(booking_id)
    for until, bookings in together.items():
        await Booking.filter(id__in=bookings, status=S.WAITING).update(penalty_until=until)
    return set(people) & behind.keys()


async def _waiting_with(people: Collection[int]) -> dict[int, set[int]]:
    """Return the waiting bookings with any of these people in them, each with all its people."""
    parties: dict[int, set[int]] = defaultdict(set)
    theirs = Attendee.filter(person_id__in=sorted(people), current=1, booking__status=S.WAITING)
    if ids := sorted(set(await theirs.values_list("booking_id", flat=True))):
        # Lock before reading the attendees: some may be leaving just now.
        await Booking.filter(id__in=ids).order_by("id").select_for_update().only("id")
        seated = Attendee.filter(booking_id__in=ids, current=1, person_id__not_isnull=True)
        for booking_id, person_id in await seated.values_list("booking_id", "person_id"):
            parties[booking_id].add(person_id)
    return parties


@db.transaction
async def excuse(no_show_id: int, reason: str, *, by: int, now: datetime) -> NoShow:
    """Store, once, the person's reason for not coming; raises NotFound for a person with no part in the booking.

    Raises NoShowNotCounted, AlreadyExcused.
    """
    no_show = await NoShow.filter(id=no_show_id).select_for_update().first()
    if no_show is None or not await access.may_answer(no_show.booking_id, by):
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
    """Forgive 免除 a no-show: it counts no more, and the waiting lists are put in order again.

    Raises NotAllowed for officers, who may only read, NotFound for others, OwnNoShow for a relative, NoShowNotCounted.
    """
    no_show = await _lock_for_decision(no_show_id, by, now)
    await _write(no_show, exemption=Exemption.FORGIVEN, decided_by_id=by.person_id, decided_at=now, decision=reason)
    await _update_waiting_list([no_show.person_id], now)
    await _notify_decision(no_show, NO_SHOW_FORGIVEN, reason=reason, now=now)
    await audit.note("no_show.forgiven", f"no_show:{no_show.id}", by=by.person_id, now=now, reason=reason)
    return no_show


@db.transaction
async def uphold(no_show_id: int, reason: str, *, by: Staff, now: datetime) -> NoShow:
    """Reject the excuse: the no-show still counts, but may be forgiven later.

    Raises NoExcusePending without an undecided excuse; else as `forgive`.
    """
    no_show = await _lock_for_decision(no_show_id, by, now)
    if no_show.excused_at is None or no_show.decided_at is not None:
        raise NoExcusePending
    await _write(no_show, decided_by_id=by.person_id, decided_at=now, decision=reason)
    await _notify_decision(no_show, NO_SHOW_UPHELD, reason=reason, now=now)
    await audit.note("no_show.upheld", f"no_show:{no_show.id}", by=by.person_id, now=now, reason=reason)
    return no_show


async def _lock_for_decision(no_show_id: int, by: Staff, now: datetime) -> NoShow:
    """Return a counted no-show of the worker's station, locked; raises OwnNoShow for a relative."""
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
