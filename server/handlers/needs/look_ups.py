"""Look-ups of needs by a whole phone number, a slip code or a whole name."""

from miniprogram_contract.look_ups import FoundNeeds, NeedLookUp
from server.adapters.clock import Moment
from server.domain.needs import look_ups
from server.errors import TooManyLookUps
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.serializers import need_row


@endpoint(
    "POST",
    "/station/needs/look-ups",
    body=NeedLookUp,
    reply=FoundNeeds,
    roles=Roles.STAFF,
    refuses=(TooManyLookUps,),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def look_up_needs(body: NeedLookUp, caller: Caller, now: Moment) -> FoundNeeds:
    """Find needs by a whole phone number, slip code or name; logged, limited, and seen by the persons found."""
    found = await look_ups.find(**body.model_dump(), by=caller.scope, now=now)
    return FoundNeeds(items=[need_row(item, now) for item in found.needs], left=found.left)
