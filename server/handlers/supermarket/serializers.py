"""Goods, donations and stock movements as contract types."""

from datetime import datetime

from miniprogram_contract.base import PageQuery
from miniprogram_contract.supermarket import (
    MOVE_WORDS,
    DonationDetail,
    DonationThanks,
    GoodDetail,
    StaffGoodDetail,
    StockMovement,
    StockMovementKind,
    StockTakingDetail,
)
from server.adapters import Dependencies
from server.domain import stations
from server.domain.ledger import StatementLine
from server.domain.masking import mask_name
from server.domain.pagination import Window
from server.domain.supermarket.stock import GoodWithStock
from server.handlers.http import cursor
from server.handlers.needs.serializers import station_reference
from server.handlers.photos.links import photo_links
from server.models import Donation, StockTaking

ANONYMOUS = "爱心人士"


def window(query: PageQuery) -> Window:
    return Window(cursor.after(query.after), query.limit)


def good_detail(one: GoodWithStock, dependencies: Dependencies, now: datetime) -> GoodDetail:
    return GoodDetail(**_good_fields(one, dependencies, now))


def _good_fields(one: GoodWithStock, dependencies: Dependencies, now: datetime) -> dict[str, object]:
    good = one.good
    return {
        "id": good.id,
        "station": station_reference(good.station),
        "name": good.name,
        "text": good.text,
        "points_price": good.points_price,
        "use_by": good.use_by,
        "person_month_limit": good.person_month_limit,
        "household_month_limit": good.household_month_limit,
        "pieces_left": one.pieces.spendable,
        "photos": photo_links(one.photos, dependencies, now),
    }


def staff_good_detail(one: GoodWithStock, dependencies: Dependencies, now: datetime) -> StaffGoodDetail:
    good = one.good
    return StaffGoodDetail(
        **_good_fields(one, dependencies, now),
        pieces_on_shelf=one.pieces.balance,
        pieces_held=one.pieces.held,
        low_stock_pieces=good.low_stock_pieces,
        low_stock=one.is_low,
        past_use_by=one.is_past(stations.today(now)),
        active=good.active,
        created_at=good.created_at,
    )


def donation_detail(donation: Donation) -> DonationDetail:
    return DonationDetail(
        id=donation.id,
        good_id=donation.good_id,
        good_name=donation.good.name,
        pieces=donation.pieces,
        donor=mask_name(donation.donor) if donation.anonymous else donation.donor,
        anonymous=donation.anonymous,
        received_at=donation.received_at,
        reversed_at=donation.reversed_at,
    )


def donation_thanks(donation: Donation) -> DonationThanks:
    return DonationThanks(
        donor=ANONYMOUS if donation.anonymous else donation.donor,
        good_name=donation.good.name,
        pieces=donation.pieces,
        received_at=donation.received_at,
    )


def stock_taking_detail(taking: StockTaking) -> StockTakingDetail:
    return StockTakingDetail(
        id=taking.id,
        good_id=taking.good_id,
        counted_pieces=taking.counted_pieces,
        expected_pieces=taking.expected_pieces,
        difference_pieces=taking.counted_pieces - taking.expected_pieces,
        reason=taking.reason,
        counted_by=taking.counted_by.name or "工作人员",
        counted_at=taking.counted_at,
    )


def stock_movement(entry: StatementLine) -> StockMovement:
    kind = StockMovementKind(entry.kind)
    return StockMovement(
        number=entry.number,
        at=entry.at,
        kind=kind,
        kind_words=MOVE_WORDS[kind],
        pieces=entry.amount,
        pieces_on_shelf=entry.balance,
        note=entry.note,
    )
