"""Offers: a seat that became free, held for a while for who is first in the waiting list 候补."""

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
    """What an activity is, where and when."""

    id: Id
    title: str
    place: str
    starts_at: Moment
    ends_at: Moment
    station: StationReference


class SeatOfferDetail(ContractModel):
    """Seats held for a booking in the waiting list, until it is accepted, refused or its time is over."""

    id: Id
    state: SeatOfferStatus
    state_words: str
    activity: ActivityReference
    booking_id: Id
    mine: bool = Field(description="The booking is one's own, not a relative's")
    name: str = Field(description="Masked: whose booking it is")
    seats: int = Field(description="For the whole party, all or none")
    offered_at: Moment
    expires_at: Moment = Field(description="Accepted or refused before that, or the next in line are asked")
    ended_at: Moment | None


class PromotionDetail(ContractModel):
    """A booking whose turn it was not, with the seats staff gave it."""

    booking_id: Id
    activity_id: Id
    name: str = Field(description="Masked")
    seats: int
    seated_at: Moment
