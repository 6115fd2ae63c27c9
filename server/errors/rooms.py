"""Refusals about rooms."""

from server.errors.base import Refusal


class RoomTaken(Refusal):
    """A room is never used by two at once. Details: `days`, in Shanghai, on which it is taken at that time."""

    code = "room_taken"
    status = 409
    message = "这个房间在所选时间已有安排，请换个时间或换个房间"


class RoomTooSmall(Refusal):
    """More seats than people the room holds. Details: `people_most`."""

    code = "room_too_small"
    status = 409
    message = "这个房间坐不下这么多人，请减少名额或换个房间"


class RoomNotActive(Refusal):
    """The room is not given out any more."""

    code = "room_not_active"
    status = 409
    message = "这个房间已停用，请换个房间"


class RoomExists(Refusal):
    """A station's rooms have different names."""

    code = "room_exists"
    status = 409
    message = "本站已有同名的房间"


class TooManyRooms(Refusal):
    """Details: `most` a station."""

    code = "too_many_rooms"
    status = 409
    message = "本站登记的房间太多了，请修改已有的房间"


class RoomPromised(Refusal):
    """Activities to come have more seats in it than it would hold. Details: `seats`."""

    code = "room_promised"
    status = 409
    message = "已安排在这个房间的活动名额更多，请先调整活动"


class RoomTimeWrong(Refusal):
    """It ends after now, after it begins, and within a day or so. Details: `fields`."""

    code = "room_time_wrong"
    status = 409
    message = "使用时间有误，请检查开始和结束时间"


class RoomUseOver(Refusal):
    """Its time is over, or it was given back."""

    code = "room_use_over"
    status = 409
    message = "这次使用已经结束或已退还"


class RoomUseOfActivity(Refusal):
    """An activity's room is given back by moving or ending the activity. Details: `activity`."""

    code = "room_use_of_activity"
    status = 409
    message = "这个时段由活动使用，请在活动中更换房间或取消活动"
