"""The love supermarket 爱心超市: goods, donations, stock-taking. Orders are in `orders`."""

from datetime import date
from enum import StrEnum

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Amount, Changes, ContractModel, Day, Id, Moment, StationPageQuery, line, prose
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import StationReference

Limit = Field(None, description="Pieces a calendar month; null: none")
UseBy = Field(description="Last day on which it may be used, by Shanghai's calendar; null: keeps")


class GoodFilter(StationPageQuery):
    query: line(40) | None = Field(None, description="Part of the name")  # type: ignore[valid-type]


class GoodDetail(ContractModel):
    """A good that can be redeemed for points."""

    id: Id
    station: StationReference
    name: str
    text: str
    points_price: int = Field(description="Points a piece; an order keeps the price it was placed at")
    use_by: date | None = UseBy
    person_month_limit: int | None = Limit
    household_month_limit: int | None = Limit
    pieces_left: int = Field(description="That can be ordered now")
    photos: list[PhotoLinks]


class StaffGoodDetail(GoodDetail):
    """A good with details for its station."""

    pieces_on_shelf: int = Field(description="Held ones included")
    pieces_held: int = Field(description="Promised to orders that were not fetched yet")
    low_stock_pieces: int
    low_stock: bool = Field(description="No more than `low_stock_pieces` are left")
    past_use_by: bool = Field(description="Cannot be ordered any more")
    active: bool = Field(description="On the list")
    created_at: Moment


class NewGood(ContractModel):
    """A new good; the same product with another use-by date is another good."""

    station_id: Id
    name: line(40)  # type: ignore[valid-type]
    text: prose(500, 0) = ""  # type: ignore[valid-type]
    points_price: Amount = Field(description="Points a piece")
    use_by: Day | None = Field(None, description="Last day on which it may be used; null: keeps")
    person_month_limit: Amount | None = Limit
    household_month_limit: Amount | None = Limit
    low_stock_pieces: int = Field(
        0, ge=0, le=1_000_000, description="Staff are notified when no more than this are left"
    )
    photo_ids: list[Id] = Field(default=[], max_length=9, description="Of `POST /photos`")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "station_id": 4,
                    "name": "大米5公斤",
                    "text": "当季新米，每袋5公斤。",
                    "points_price": 50,
                    "use_by": "2027-06-30",
                    "person_month_limit": 1,
                    "household_month_limit": 2,
                    "low_stock_pieces": 5,
                }
            ]
        }
    )


class GoodChanges(Changes):
    """Changes to a good; its name and use-by date stay."""

    text: prose(500, 0) = ""  # type: ignore[valid-type]
    points_price: Amount = Field(1, description="Of orders placed from now on")
    person_month_limit: Amount | None = Limit
    household_month_limit: Amount | None = Limit
    low_stock_pieces: int = Field(0, ge=0, le=1_000_000)
    active: bool = Field(default=True, description="False takes it off the list; orders that were placed stay")
    photo_ids: list[Id] = Field(default=[], max_length=9, description="All it shall have")

    model_config = ConfigDict(json_schema_extra={"examples": [{"points_price": 45, "household_month_limit": None}]})


class NewDonation(ContractModel):
    """Donated pieces of a good."""

    pieces: Amount
    donor: line(100, 0) = Field("", description="As the page of thanks shall say; may be empty when anonymous")  # type: ignore[valid-type]
    anonymous: bool = Field(default=False, description="The page of thanks says 爱心人士")

    model_config = ConfigDict(json_schema_extra={"examples": [{"pieces": 100, "donor": "泸州某食品公司"}]})


class DonationDetail(ContractModel):
    id: Id
    good_id: Id
    good_name: str
    pieces: int
    donor: str = Field(description="Masked when they gave anonymously")
    anonymous: bool
    received_at: Moment
    reversed_at: Moment | None = Field(description="When it was taken back as a mistake")


class DonationReversal(ContractModel):
    reason: line(100) = Field(description="Stands in the shelf's statement; names no person")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "数量录错，重新录入"}]})


class DonationThanks(ContractModel):
    """A donation on the page of thanks."""

    donor: str = Field(description="As given, or 爱心人士")
    good_name: str
    pieces: int
    received_at: Moment


class NewStockTaking(ContractModel):
    """A count of the pieces on the shelf."""

    counted_pieces: int = Field(ge=0, le=1_000_000, description="Those held for orders included")
    reason: line(100) = Field(description="Names no person")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"counted_pieces": 42, "reason": "月度盘点"}]})


class StockTakingDetail(ContractModel):
    id: Id
    good_id: Id
    counted_pieces: int
    expected_pieces: int = Field(description="By the ledger, at that moment")
    difference_pieces: int = Field(description="Counted less expected: what was posted")
    reason: str
    counted_by: str
    counted_at: Moment


class StockMovementKind(StrEnum):
    DONATED = "donated"
    HANDED_OVER = "handed_over"
    COUNTED = "counted"
    REVERSAL = "reversal"


MOVE_WORDS = {
    StockMovementKind.DONATED: "入库",
    StockMovementKind.HANDED_OVER: "兑换领取",
    StockMovementKind.COUNTED: "盘点",
    StockMovementKind.REVERSAL: "冲正",
}


class StockMovement(ContractModel):
    """Pieces that came to the shelf or left it."""

    number: int = Field(description="1 for the first; none is missing")
    at: Moment
    kind: StockMovementKind
    kind_words: str
    pieces: int = Field(description="Below zero: they left")
    pieces_on_shelf: int = Field(description="After it")
    note: str
