"""The check-in code 签到码 on the station's screen: it changes every 30 seconds and cannot be made without the secret.

It holds the activity, the time step, and 80 bits of an HMAC over both.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from server.domain.check_ins import stewards
from server.domain.check_ins.hours import get_hours, require_not_over
from server.domain.staff import Staff
from server.errors import CodeExpired, CodeOfOtherActivity, CodeUnknown
from server.models import Activity

STEP_SECONDS = 30
# Clocks differ a little and scanning takes a moment, so the codes before and after are accepted too.
STEP_TOLERANCE = 1
MAC_BYTES = 10
# Only letters and digits that a QR code stores compactly.
CODE_PATTERN = re.compile(r"([0-9A-F]{1,14})-([0-9A-F]{1,10})-([A-Z2-7]{16})", re.ASCII)


@dataclass(frozen=True)
class Code:
    """The code that the screen shows, and when it changes."""

    text: str
    changes_at: datetime


async def get_current_code(activity_id: int, *, by: Staff, now: datetime) -> Code:
    """Return the code of an activity of the caller's station, until a day after its end.

    Only staff may have it, because it earns volunteers their hours. Raises NotFound, ActivityOver, and NotAllowed
    for officers.
    """
    activity = await stewards.get_for_staff(activity_id, by)
    require_not_over(activity, (await get_hours(activity)).until, now)
    return current_code(activity, now)


def current_code(activity: Activity, now: datetime) -> Code:
    """Return the activity's code at this moment."""
    step = step_at(now)
    return Code(_text(activity, step), datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC))


def step_at(now: datetime) -> int:
    """Return the number of the 30-second step of this moment."""
    return int(now.timestamp()) // STEP_SECONDS


def _text(activity: Activity, step: int) -> str:
    mac = sign(activity, "check-in", str(step))[:MAC_BYTES]
    return f"{activity.id:X}-{step:X}-{base64.b32encode(mac).decode()}"


def sign(activity: Activity, what: str, message: str) -> bytes:
    """Return an HMAC-SHA256 under the activity's secret; `what` names the use of the signature."""
    signed = f"{what}:{activity.id}:{message}".encode()
    return hmac.digest(activity.check_in_secret.encode(), signed, hashlib.sha256)


def verify(text: str, activity: Activity, now: datetime) -> int:
    """Return the step of a valid code; raises CodeUnknown, CodeOfOtherActivity or CodeExpired."""
    match = CODE_PATTERN.fullmatch(text)
    if match is None:
        raise CodeUnknown
    if int(match[1], 16) != activity.id:
        raise CodeOfOtherActivity
    step = int(match[2], 16)
    if not hmac.compare_digest(_text(activity, step), text):
        raise CodeUnknown
    if abs(step - step_at(now)) > STEP_TOLERANCE:
        raise CodeExpired
    return step
