"""What station staff change of an activity people have booked, and why they cancel one."""

from pydantic import ConfigDict, Field

from miniprogram_contract.shapes import Changes, Id, Moment, Shape, line
from miniprogram_contract.station_activities import LEFT_OUT, PLACE, TEXT, TITLE, Seats


class ActivityChanges(Changes):
    """What changes of a published activity. Once it has begun, its start and place stay."""

    title: TITLE = LEFT_OUT
    text: TEXT = LEFT_OUT
    place: PLACE | None = Field(None, description="Null, or left out with another room: the room's name")
    room_id: Id | None = Field(None, description="Null: no room of the station")
    starts_at: Moment = Field(
        LEFT_OUT, description="In the future, at most two years ahead; the times below move along unless given"
    )
    ends_at: Moment = Field(LEFT_OUT, description="In the future, after the start, at most 7 days later")
    booking_closes_at: Moment = Field(LEFT_OUT, description="In the future, after booking opens, no later than the end")
    cancellation_until: Moment = Field(LEFT_OUT, description="After booking opens, no later than the start")
    seats: Seats = Field(LEFT_OUT, description="No fewer than booked and offered, no more than the room holds")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"starts_at": "2026-12-16T09:00:00+08:00", "place": "社工站二楼会议室"}]}
    )


class ActivityCancellation(Shape):
    """Why it is cancelled: everybody booked or waiting reads it."""

    reason: line(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "当天有暴雨"}]})
