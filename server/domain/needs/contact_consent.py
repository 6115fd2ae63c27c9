"""Consent to pass a need's contact to a volunteer: the resident gives or withdraws it at any time."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.needs import access, timeline
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN, require_status
from server.domain.staff import Staff
from server.domain.tasks import cancellation
from server.errors import ResidentMustConsent
from server.models import Need, Person

CONSENT_TEXT = {
    True: "同意在站点确认后，把联系方式告诉志愿者。",
    False: "不再同意把联系方式告诉志愿者。",
}


@db.transaction
async def set_by_resident(need_id: int, *, allowed: bool, by: int, now: datetime) -> Need:
    """Give or withdraw the resident's consent. Withdrawing it cancels a task that has not begun."""
    need = await access.lock_for_owner(need_id, by)
    require_status(need, *OPEN)
    await _set(need, TimelineEntry("contact_sharing", by, text=CONSENT_TEXT[allowed]), allowed=allowed, now=now)
    return need


async def _set(need: Need, entry: TimelineEntry, *, allowed: bool, now: datetime) -> None:
    await timeline.add(need, entry, now=now, may_share_contact=allowed)
    if not allowed:
        await cancellation.cancel_for_need(need, now=now)


@db.transaction
async def record_by_staff(need_id: int, *, how: str, by: Staff, now: datetime) -> Need:
    """Record the spoken consent of a resident without WeChat; `how` says how they were asked.

    Raises `ResidentMustConsent` if a person on the resident's side has WeChat, and `HeadRequired` if the need is
    confidential and the caller may not read it.
    """
    need = await access.lock_for_station(need_id, by)
    require_status(need, *OPEN)
    await access.require_reader(need, by)
    if await has_wechat(need):
        raise ResidentMustConsent
    entry = TimelineEntry("contact_sharing", by.person_id, text=f"已征得您本人{CONSENT_TEXT[True]}", note=how)
    await _set(need, entry, allowed=True, now=now)
    await audit.note("need.contact_sharing", f"need:{need.id}", by=by.person_id, now=now)
    return need


async def has_wechat(need: Need) -> bool:
    """Return whether a person on the resident's side can answer on their own phone."""
    return await Person.filter(id__in=sorted(await access.residents_of(need)), openid__isnull=False).exists()
