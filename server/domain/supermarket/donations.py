"""链接社会资源: pieces somebody gave, put on the shelf and thanked for in public."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from server.database import db
from server.domain import audit, ledger
from server.domain.ledger import account_keys
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.domain.supermarket import access
from server.domain.supermarket.goods import must_not_be_past
from server.domain.supermarket.stock import subject_key
from server.errors import AlreadyReversed, DonorRequired, NotAllowed, NotFound, StockLimit
from server.models import Donation, Station, Transfer, TransferKind

# What is counted on a shelf is no more either, so that a difference is never more than the ledger moves at once.
MOST_PIECES = 1_000_000


@dataclass(frozen=True)
class Gift:
    """How many pieces, and from whom; given anonymously, the station alone knows the name, if it does."""

    pieces: int
    donor: str = ""
    anonymous: bool = False


@db.transaction
async def receive(good_id: int, gift: Gift, *, by: Staff, now: datetime) -> Donation:
    """Put given pieces on the shelf.

    Raises DonorRequired when neither named nor anonymous, UseByPassed, and StockLimit beyond MOST_PIECES.
    """
    good = await access.by_staff(good_id, by)
    if not gift.donor and not gift.anonymous:
        raise DonorRequired
    must_not_be_past(good.use_by, now)
    await _must_have_room(good.id, gift.pieces)
    donation = await Donation.create(
        good=good,
        station_id=good.station_id,
        pieces=gift.pieces,
        donor=gift.donor,
        anonymous=gift.anonymous,
        received_by_id=by.person_id,
        received_at=now,
    )
    facts = {"donation": donation.id, "pieces": gift.pieces}
    await audit.note("donation.received", subject_key(good.id), by=by.person_id, now=now, **facts)
    source, target = account_keys.donors(good.id), account_keys.shelf(good.id)
    cause, kind = _cause(donation.id), TransferKind.DONATED
    await ledger.post(ledger.Move(cause, kind, gift.pieces, source, target, by.person_id), now=now)
    return donation


async def _must_have_room(good_id: int, pieces: int) -> None:
    shelf, donors = account_keys.shelf(good_id), account_keys.donors(good_id)
    left = max(MOST_PIECES - (await ledger.lock([shelf, donors]))[shelf].balance, 0)
    if pieces > left:
        raise StockLimit(limit=MOST_PIECES, left=left)


def _cause(donation_id: int) -> str:
    return f"donation:{donation_id}"


@db.transaction
async def reverse(donation_id: int, *, reason: str, by: Staff, now: datetime) -> Donation:
    """Take a donation entered by mistake off the shelf and the page of thanks; by the station's head, once.

    Raises AlreadyReversed, and NotEnoughStock when pieces of it were handed out or are held for orders.
    """
    donation = await _by_head(donation_id, by)
    if not await Donation.filter(id=donation_id, reversed_at=None).update(reversed_at=now):
        raise AlreadyReversed
    facts = {"donation": donation_id, "reason": reason}
    await audit.note("donation.reversed", subject_key(donation.good_id), by=by.person_id, now=now, **facts)
    posted = await Transfer.get(cause=_cause(donation_id))
    await ledger.reverse(posted.id, note=reason, by=by.person_id, now=now)
    return donation.update_from_dict({"reversed_at": now})


async def _by_head(donation_id: int, by: Staff) -> Donation:
    donation = await Donation.filter(by.of_stations(), id=donation_id).select_related("good").first()
    if donation is None:
        raise NotFound
    if donation.station_id not in by.station_ids:
        raise NotAllowed
    access.must_head(donation.station_id, by)
    return donation


async def thanked(station_id: int, window: Window) -> tuple[Station, list[Donation]]:
    """The station and a page of what it was given, newest first; NotFound when there is no such station."""
    station = await Station.get_or_none(id=station_id)
    if station is None:
        raise NotFound
    given = Donation.filter(station_id=station_id, reversed_at=None)
    return station, await _newest(given, window)


async def of_good(good_id: int, by: Staff, window: Window) -> list[Donation]:
    """A page of all donations of a good of the caller's stations or counties, newest first."""
    await access.must_be_visible(good_id, by)
    return await _newest(Donation.filter(good_id=good_id), window)


async def _newest(donations: QuerySet[Donation], window: Window) -> list[Donation]:
    found = donations.filter(older("received_at", window.after)).order_by("-received_at", "-id")
    return await found.limit(window.limit).select_related("good")
