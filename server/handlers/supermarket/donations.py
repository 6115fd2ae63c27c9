"""Donations, and the public page of thanks."""

from miniprogram_contract.base import Page, PageQuery, StationPageQuery
from miniprogram_contract.supermarket import DonationDetail, DonationReversal, DonationThanks, NewDonation
from server.adapters.clock import Moment
from server.domain.supermarket import donations
from server.domain.supermarket.donations import DonatedPieces
from server.errors import (
    AlreadyReversed,
    DonorRequired,
    HeadRequired,
    NotEnoughStock,
    NotFound,
    StockLimit,
    UseByPassed,
)
from server.handlers import subjects
from server.handlers.http import Caller, RawResponse, Roles, cursor, endpoint
from server.handlers.supermarket.serializers import donation_detail, donation_thanks, window
from server.handlers.supermarket.thanks_page import thanks_page
from server.models import Donation

OF_GOOD = "/station/goods/<good_id:int>/donations"


@endpoint(
    "POST",
    OF_GOOD,
    body=NewDonation,
    reply=DonationDetail,
    subject=subjects.DONATION,
    status=201,
    roles=Roles.STAFF,
    refuses=(DonorRequired, UseByPassed, StockLimit),
)
async def create_donation(good_id: int, body: NewDonation, caller: Caller, now: Moment) -> DonationDetail:
    """Put donated pieces on the shelf of a station that the caller works for."""
    made = await donations.receive(good_id, DonatedPieces(**dict(body)), by=caller.scope, now=now)
    return donation_detail(made)


@endpoint("GET", OF_GOOD, query=PageQuery, reply=Page[DonationDetail], roles=Roles.STAFF)
async def list_donations(good_id: int, query: PageQuery, caller: Caller) -> Page[DonationDetail]:
    """List the donations of a good, newest first; reversed ones are marked."""
    found = await donations.list_for_good(good_id, caller.scope, window(query))
    following = cursor.following(found, query.limit, _place)
    return Page[DonationDetail](items=[donation_detail(one) for one in found], next=following)


@endpoint(
    "POST",
    "/station/donations/<donation_id:int>/reversal",
    body=DonationReversal,
    reply=DonationDetail,
    subject=subjects.DONATION,
    roles=Roles.STAFF,
    refuses=(HeadRequired, AlreadyReversed, NotEnoughStock),
)
async def reverse_donation(donation_id: int, body: DonationReversal, caller: Caller, now: Moment) -> DonationDetail:
    """Reverse a donation entered by mistake, as the head, while all its pieces are available."""
    return donation_detail(await donations.reverse(donation_id, reason=body.reason, by=caller.scope, now=now))


@endpoint(
    "GET",
    "/supermarket/donations",
    query=StationPageQuery,
    reply=Page[DonationThanks],
    roles=Roles.ANYONE,
    refuses=(NotFound,),
)
async def list_donation_thanks(query: StationPageQuery) -> Page[DonationThanks]:
    """List the donations that a station gives thanks for, newest first."""
    _, found = await donations.list_thanks(query.station, window(query))
    following = cursor.following(found, query.limit, _place)
    return Page[DonationThanks](items=[donation_thanks(one) for one in found], next=following)


@endpoint(
    "GET",
    "/supermarket/thanks",
    query=StationPageQuery,
    reply=RawResponse,
    content_type="text/html",
    roles=Roles.ANYONE,
    refuses=(NotFound,),
)
async def get_thanks_page(query: StationPageQuery) -> RawResponse:
    """Return these donations as a page for a browser, opened by a QR code at the station's door."""
    station, found = await donations.list_thanks(query.station, window(query))
    return thanks_page(station, [donation_thanks(one) for one in found], cursor.following(found, query.limit, _place))


def _place(one: Donation) -> cursor.Place:
    return one.received_at, one.id
