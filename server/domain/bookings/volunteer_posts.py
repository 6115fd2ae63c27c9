"""Volunteers' posts 志愿岗位: places are given in the order of asking, without a waiting list."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain import volunteers
from server.domain.bookings import booking, eligibility, party, seats
from server.domain.bookings.booking import BookingRequest
from server.domain.bookings.party import PartyRequest
from server.errors import NotFound, PostFull, VolunteerRequired
from server.models import Booking, BookingStatus, Channel, Post, Volunteer, VolunteerStatus


@db.transaction
async def take(activity_id: int, post_id: int, *, by: int, now: datetime) -> Booking:
    """Take a place in a post; a person with a seat at the activity cannot.

    Raises NotFound, NotBookable, BookingNotOpen, BookingClosed, VolunteerRequired, AlreadyBooked, PostFull.
    """
    activity = await eligibility.get_published(activity_id)
    eligibility.require_booking_open(activity, Channel.PHONE_APP, now)
    post = await Post.get_or_none(id=post_id, activity_id=activity_id)
    if post is None:
        raise NotFound(kind="post", ids=[post_id])
    post.activity = activity
    return await fill(post, by=by, now=now)


async def fill(post: Post, *, by: int, now: datetime) -> Booking:
    """Check the request on the unlocked post, then lock the activity and take a place."""
    if not await Volunteer.filter(person_id=by, status=VolunteerStatus.APPROVED).exists():
        raise VolunteerRequired
    request = BookingRequest(await party.build(post.activity_id, PartyRequest(), by), {}, by)
    eligibility.require_not_booked(request.party)
    if post.taken >= post.places:
        raise PostFull
    activity = await booking.lock_open_activity(post.activity, request, now=now)
    await volunteers.lock_approved(by)
    if not await seats.take_post(post.id):
        raise PostFull
    seated: dict[str, Any] = {"status": BookingStatus.BOOKED, "seated_at": now}
    made = await booking.create_booking(activity, request, {}, now=now, post_id=post.id, **seated)
    made.post = post
    return made
