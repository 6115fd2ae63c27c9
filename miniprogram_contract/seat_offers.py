"""Seat offers 候补名额: freed seats, held for a time for the first in the waiting list."""

from enum import StrEnum

from pydantic import Field

from miniprogram_contract.base import ContractModel, Id, Moment
from miniprogram_contract.stations import StationReference


class SeatOfferStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OFFER_WORDS = {
    SeatOfferStatus.OPEN: "待确认",
    SeatOfferStatus.ACCEPTED: "已确认",
    SeatOfferStatus.REFUSED: "已放弃",
    SeatOfferStatus.EXPIRED: "已过期",
    SeatOfferStatus.WITHDRAWN: "已收回",
}


class ActivityReference(ContractModel):
    """An activity with its place and time."""

    id: Id
    title: str
    place: str
    starts_at: Moment
    ends_at: Moment
    station: StationReference


class SeatOfferDetail(ContractModel):
    """Seats held for a booking in the waiting list, until it is accepted, refused or its time is over."""

    id: Id
    status: SeatOfferStatus
    status_words: str
    activity: ActivityReference
    booking_id: Id
    is_mine: bool = Field(description="The booking is the caller's, not a relative's")
    name: str = Field(description="The holder's name, masked")
    seats: int = Field(description="For the whole party, all or none")
    offered_at: Moment
    expires_at: Moment = Field(description="Accept or refuse before this; later the next in line get the offer")
    ended_at: Moment | None


class PromotionDetail(ContractModel):
    """A waiting booking that got its seats from staff, out of turn."""

    booking_id: Id
    activity_id: Id
    name: str = Field(description="Masked")
    seats: int
    seated_at: Moment
