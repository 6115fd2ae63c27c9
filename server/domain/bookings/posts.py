"""Volunteers' posts 志愿岗位: a place of each for whoever comes first, without a line."""

from datetime import datetime

from server import db
from server.domain import volunteers
from server.domain.activities import locked as activities
from server.domain.bookings import booking, eligibility, party, seats
from server.domain.bookings.booking import Asking
from server.domain.bookings.party import Wanted
from server.errors import NotFound, PostFull
from server.models import Booking, BookingStatus, Channel, Post


@db.transaction
async def take(activity_id: int, post_id: int, *, by: int, now: datetime) -> Booking:
    """Take a place in a post of the activity; who sits in the audience cannot.

    Raises NotFound, NotBookable, BookingNotOpenYet, BookingClosed, NotAVolunteer, AlreadyBooked, PostFull.
    """
    seen = await eligibility.published(activity_id)
    eligibility.must_be_open(seen, Channel.PHONE_APP, now)
    post = await Post.get_or_none(id=post_id, activity_id=activity_id)
    if post is None:
        raise NotFound(post=post_id)
    await eligibility.must_have_none(activity_id, [by])
    if post.taken >= post.places:
        raise PostFull
    alone = await party.of(Wanted(), by)
    activity = await activities.any_activity(activity_id)
    activity.station = seen.station
    eligibility.must_be_open(activity, Channel.PHONE_APP, now)
    await volunteers.hold_approved(by)
    if not await seats.take_post(post_id):
        raise PostFull
    asking = Asking(alone, {}, by)
    return await booking.write(activity, asking, now=now, post=post, status=BookingStatus.BOOKED, seated_at=now)
