"""The words and small values that the bare apps share, so that they answer the same. It needs no library."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

STATUS_WORDS = {
    "submitted": "待受理",
    "accepted": "已受理",
    "assigned": "已派单",
    "in_progress": "服务中",
    "resolved": "已办结",
    "closed": "已归档",
    "declined": "不予受理",
    "referred": "转介中",
    "withdrawn": "已撤回",
    "reopened": "重新办理",
    "merged": "已合并办理",
}
URGENCIES = ("normal", "urgent", "emergency")
BOOKED = "报名成功"
BOOKING_OPEN = "报名中"
NOTICE_TITLE = "有一条新需求待受理"
NOTICE_BODY = "请在承诺的期限内受理并答复居民。"
STAFF_KINDS = ("station_head", "social_worker")
RESPONSE, COMPLETION = timedelta(days=2), timedelta(days=7)
PHONE = r"^1[3-9]\d{9}$"
EXCERPT, PAGE, PAGE_MOST = 60, 20, 50
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_id() -> int:
    """Return a random id of 53 bits, which JavaScript can hold."""
    return secrets.randbits(52) + 1


def new_slip_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def now() -> datetime:
    """Return the time in UTC, without an offset, as MariaDB keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def moment(at: datetime) -> str:
    return f"{at.isoformat()}Z"


def route_to(station: str) -> str:
    return f"由{station}受理。"


def submitted(route: str) -> str:
    return f"需求已提交。{route}"


def actor(actor_id: int | None, name: str | None, station: str | None, reader: int) -> str:
    """Return the words for the person who did it, as the reader sees them."""
    if actor_id is None:
        return "系统"
    return "您" if actor_id == reader else f"{name}（{station}）"


def masked_name(name: str) -> str:
    return f"{name[:1]}**"


def masked_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}"


def due_rank(urgency: str) -> int:
    """Return the rank of an open need: emergencies come first."""
    return 0 if urgency == "emergency" else 1


def is_overdue(next_due_at: datetime | None, at: datetime) -> bool:
    """Tell whether an open need waits too long."""
    return next_due_at is not None and next_due_at < at


def counts(found: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the number of needs of each status."""
    return dict.fromkeys(STATUS_WORDS, 0) | dict(found)
