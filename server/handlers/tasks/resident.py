"""The resident's side of a task: minutes offered for help, consent, and the confirmation of the service."""

from miniprogram_contract.needs import NeedDetail
from miniprogram_contract.tasks import ContactSharing, NewMinutesOffer
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.needs import contact_consent
from server.domain.needs.resident_queries import get_detail
from server.domain.tasks import minutes_offers, service_confirmation
from server.errors import InvalidNeedState, InvalidRecordState, InvalidTaskState, NotAllowed, NotEnoughMinutes, TaskOpen
from server.handlers import subjects
from server.handlers.http import Caller, endpoint
from server.handlers.needs.serializers import need_detail

OFFER = "/needs/<need_id:int>/minutes-offer"


async def _get_need(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    return need_detail(await get_detail(need_id, caller.person_id, now=now), dependencies, now, caller.person_id)


@endpoint(
    "POST",
    OFFER,
    body=NewMinutesOffer,
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(NotAllowed, InvalidNeedState, TaskOpen, NotEnoughMinutes),
)
async def offer_minutes(
    need_id: int, body: NewMinutesOffer, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Offer minutes of the caller's time bank for help; they are held when a task is published."""
    await minutes_offers.offer_minutes(need_id, body.minutes, by=caller.person_id, now=now)
    return await _get_need(need_id, caller, dependencies, now)


@endpoint("DELETE", OFFER, reply=NeedDetail, refuses=(NotAllowed, TaskOpen))
async def withdraw_minutes_offer(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """Withdraw the offer while no task is open."""
    await minutes_offers.withdraw(need_id, by=caller.person_id, now=now)
    return await _get_need(need_id, caller, dependencies, now)


@endpoint(
    "PUT",
    "/needs/<need_id:int>/contact-sharing",
    body=ContactSharing,
    reply=NeedDetail,
    refuses=(NotAllowed, InvalidNeedState),
)
async def set_contact_sharing(
    need_id: int, body: ContactSharing, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Allow a confirmed volunteer to read the contact, or forbid it; then a task that has not begun is cancelled."""
    await contact_consent.set_by_resident(need_id, allowed=body.allowed, by=caller.person_id, now=now)
    return await _get_need(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/tasks/<task_id:int>/beneficiary-confirmation",
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(InvalidTaskState, InvalidRecordState),
)
async def confirm_service(task_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """Confirm, once, that the volunteer served; the reply is the need with its thread."""
    task = await service_confirmation.confirm_by_beneficiary(task_id, by=caller.person_id, now=now)
    assert task.need_id is not None
    return await _get_need(task.need_id, caller, dependencies, now)
