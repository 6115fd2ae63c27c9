"""The code on the station's screen, as text and as an image."""

import io

import segno

from miniprogram_contract.check_ins import CheckInCode
from server.adapters.clock import Moment
from server.domain.check_ins import codes
from server.domain.check_ins.codes import STEP_SECONDS
from server.errors import ActivityOver
from server.handlers.http import Caller, RawResponse, Roles, endpoint

DOT_PIXELS = 24


@endpoint(
    "GET",
    "/station/activities/<activity_id:int>/check-in-code",
    reply=CheckInCode,
    roles=Roles.STAFF,
    refuses=(ActivityOver,),
)
async def get_check_in_code(activity_id: int, caller: Caller, now: Moment) -> CheckInCode:
    """Return the code that people scan now, and when it changes; for staff of the station."""
    code = await codes.get_current_code(activity_id, by=caller.scope, now=now)
    return CheckInCode(code=code.text, changes_at=code.changes_at, step_seconds=STEP_SECONDS, server_time=now)


@endpoint(
    "GET",
    "/station/activities/<activity_id:int>/check-in-code.png",
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.STAFF,
    refuses=(ActivityOver,),
)
async def get_check_in_code_image(activity_id: int, caller: Caller, now: Moment) -> RawResponse:
    """Return the same code as a QR code image, to show full screen and fetch again when it changes."""
    code = await codes.get_current_code(activity_id, by=caller.scope, now=now)
    drawn = io.BytesIO()
    segno.make(code.text, error="m", micro=False).save(drawn, kind="png", scale=DOT_PIXELS, border=4)
    return RawResponse(drawn.getvalue(), "image/png")
