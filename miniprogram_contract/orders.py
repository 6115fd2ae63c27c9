"""Orders 兑换: goods redeemed for points, picked up at the station with a code."""

from enum import StrEnum

from pydantic import ConfigDict, Field, field_validator

from miniprogram_contract.base import ContractModel, Id, Moment, PageQuery, line
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.stations import StationReference


class OrderStatus(StrEnum):
    PLACED = "placed"
    READY = "ready"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


STATUS_WORDS = {
    OrderStatus.PLACED: "备货中",
    OrderStatus.READY: "待领取",
    OrderStatus.HANDED_OVER: "已领取",
    OrderStatus.CANCELLED: "已取消",
    OrderStatus.EXPIRED: "逾期失效",
}


class NewOrderItem(ContractModel):
    good_id: Id
    pieces: int = Field(ge=1, le=100, strict=True)


class NewOrder(ContractModel):
    """Goods of one station to redeem; all of them are ordered, or none."""

    station_id: Id
    lines: list[NewOrderItem] = Field(min_length=1, max_length=10, description="Each good once")

    @field_validator("lines")
    @classmethod
    def _each_once(cls, lines: list[NewOrderItem]) -> list[NewOrderItem]:
        if len({one.good_id for one in lines}) != len(lines):
            raise ValueError("同一物品只能出现一次")
        return lines

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"station_id": 4, "lines": [{"good_id": 21, "pieces": 1}, {"good_id": 22, "pieces": 2}]}]
        }
    )


class NewCounterOrder(NewOrder):
    """An order for a person at the counter who has no phone."""

    person_id: Id = Field(description="Somebody the station has served: a need's `person_id`")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"station_id": 4, "person_id": 4503599627370495, "lines": [{"good_id": 21, "pieces": 1}]}]
        }
    )


class OrderItem(ContractModel):
    good_id: Id
    name: str
    pieces: int
    points_price: int = Field(description="Points a piece, as it was when the order was placed")


class _OrderBase(ContractModel):
    id: Id
    status: OrderStatus
    status_words: str
    station: StationReference
    lines: list[OrderItem]
    points: int = Field(description="Of all pieces; held until they are handed over")
    placed_at: Moment
    ready_at: Moment | None
    expires_at: Moment = Field(description="Not fetched by then, it expires and points and goods go back")
    ended_at: Moment | None
    reason: str = Field(description="Why it was cancelled; may be empty")


class OrderAction(StrEnum):
    """The last part of the step's path; only the person who placed the order cancels it."""

    CANCELLATION = "cancellation"
    PICKUP_CODE = "pickup-code"


class OrderDetail(_OrderBase, HeardReply):
    """An order for the person who placed it and, while it is open, for family members who may pick it up."""

    is_mine: bool = Field(description="The caller placed it; false: a family member did")
    pickup_code: str | None = Field(description="Six digits to show at the counter; null when it fetches nothing more")
    pickup_code_image: str | None = Field(description="A link to the code as a QR code (PNG), valid for an hour")
    picked_up_by_family: bool = Field(description="Handed over to another member of the household")
    allowed_actions: list[OrderAction] = Field(description="Steps the caller can take now", examples=[["pickup-code"]])


class OrderCancellation(ContractModel):
    reason: line(200, 0) = ""  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "暂时不需要了"}]})


class StaffOrderFilter(PageQuery):
    station: Id | None = Field(None, description="One of the caller's stations; null: all of them")
    status: OrderStatus | None = None


class PickupPerson(ContractModel):
    person_id: Id
    name: str = Field(description="Masked")


class StaffOrderAction(StrEnum):
    """The last part of the step's path; `hand-over` is `POST /station/orders/hand-over`, with the pickup code."""

    READINESS = "readiness"
    HAND_OVER = "hand-over"
    CANCELLATION = "cancellation"


class StaffOrderDetail(_OrderBase):
    """An order for the station, without its code, which the person at the counter shows."""

    person: str = Field(description="The person who placed it; masked unless the caller works for the station")
    pickup_people: list[PickupPerson] = Field(
        description="While the order is open: the person who placed it, then their household"
    )
    picked_up_by_family: bool
    allowed_actions: list[StaffOrderAction] = Field(
        description="Steps the caller can take now; none on an order of their own household", examples=[["hand-over"]]
    )


class StaffOrderCancellation(ContractModel):
    reason: line(200) = Field(description="The person reads it")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "物品破损，暂时缺货"}]})


class OrderHandOver(ContractModel):
    """The code shown at the counter, and the person who picks up if the order is not their own."""

    station_id: Id
    code: str = Field(pattern=r"^[0-9]{6}$", max_length=6)
    pickup_person_id: Id | None = Field(
        None, description="One of the order's `pickup_people`; null: the person who placed it"
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_id": 4, "code": "038214"}]})
