"""Donations (链接社会资源): pieces put on the shelf, with thanks in public."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from server.database import db
from server.domain import audit, ledger, reference
from server.domain.ledger import account_keys
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.domain.supermarket import access
from server.domain.supermarket.goods import require_usable
from server.domain.supermarket.stock import subject_key
from server.errors import AlreadyReversed, DonorRequired, NotAllowed, NotFound, StockLimit
from server.models import Donation, Station, Transfer, TransferKind

# A counted number of pieces has the same limit, so a difference never exceeds what a transfer can move.
MAX_PIECES = 1_000_000


@dataclass(frozen=True)
class DonatedPieces:
    """Donated pieces and their donor; an anonymous donor's name is known only to the station, if at all."""

    pieces: int
    donor: str = ""
    anonymous: bool = False


@db.transaction
async def receive(good_id: int, gift: DonatedPieces, *, by: Staff, now: datetime) -> Donation:
    """Put donated pieces on the shelf.

    Raises `DonorRequired` if neither named nor anonymous, `UseByPassed`, and `StockLimit` beyond `MAX_PIECES`.
    """
    good = await access.lock_for_staff(good_id, by)
    if not gift.donor and not gift.anonymous:
        raise DonorRequired
    require_usable(good.use_by, now)
    source, target = account_keys.donors(good.id), account_keys.shelf(good.id)
    locked = await ledger.lock_accounts([source, target])
    left = max(MAX_PIECES - locked[target].balance, 0)
    if gift.pieces > left:
        raise StockLimit(limit=MAX_PIECES, left=left)
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
    move = ledger.NewTransfer(_cause(donation.id), TransferKind.DONATED, gift.pieces, source, target, by.person_id)
    await ledger.post(move, now=now, locked=locked)
    return donation


def _cause(donation_id: int) -> str:
    return f"donation:{donation_id}"


@db.transaction
async def reverse(donation_id: int, *, reason: str, by: Staff, now: datetime) -> Donation:
    """Reverse a donation entered by mistake, once, as the station's head; it also leaves the page of thanks.

    Raises `AlreadyReversed`, and `NotEnoughStock` if pieces of it were handed out or are on hold for orders.
    """
    donation = await _get_for_head(donation_id, by)
    if not await Donation.filter(id=donation_id, reversed_at=None).update(reversed_at=now):
        raise AlreadyReversed
    facts = {"donation": donation_id, "reason": reason}
    await audit.note("donation.reversed", subject_key(donation.good_id), by=by.person_id, now=now, **facts)
    posted = await Transfer.get(cause=_cause(donation_id))
    await ledger.reverse(posted.id, note=reason, by=by.person_id, now=now)
    return donation.update_from_dict({"reversed_at": now})


async def _get_for_head(donation_id: int, by: Staff) -> Donation:
    donation = await Donation.filter(by.of_stations(), id=donation_id).select_related("good").first()
    if donation is None:
        raise NotFound
    if donation.station_id not in by.station_ids:
        raise NotAllowed
    access.require_head(donation.station_id, by)
    return donation


async def list_thanks(station_id: int, window: Window) -> tuple[Station, list[Donation]]:
    """Return the station and a page of its donations, newest first. Raises `NotFound` for an unknown station."""
    station = await reference.station(station_id)
    if station is None:
        raise NotFound
    given = Donation.filter(station_id=station_id, reversed_at=None)
    return station, await _newest(given, window)


async def list_for_good(good_id: int, by: Staff, window: Window) -> list[Donation]:
    """Return a page of all donations of a good of the caller's stations or counties, newest first."""
    await access.require_visible(good_id, by)
    return await _newest(Donation.filter(good_id=good_id), window)


async def _newest(donations: QuerySet[Donation], window: Window) -> list[Donation]:
    found = donations.filter(older("received_at", window.after)).order_by("-received_at", "-id")
    return await found.limit(window.limit).select_related("good")
