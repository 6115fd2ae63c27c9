"""Whether a need's contact may be passed to a volunteer: the resident's word, given or taken back at any time."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.needs import access, timeline
from server.domain.needs.timeline import Line
from server.domain.needs.transitions import OPEN, must_be
from server.domain.staff import Staff
from server.domain.tasks import cancellation
from server.errors import ResidentMustConsent
from server.models import Need, Person

SAID = {
    True: "同意在站点确认后，把联系方式告诉志愿者。",
    False: "不再同意把联系方式告诉志愿者。",
}


@db.transaction
async def set_by_resident(need_id: int, *, allowed: bool, by: int, now: datetime) -> Need:
    """Give or take back one's consent; taken back, a task nobody has begun is cancelled."""
    need = await access.by_resident(need_id, by)
    must_be(need, *OPEN)
    await _set(need, Line("contact_sharing", by, said=SAID[allowed]), allowed=allowed, now=now)
    return need


async def _set(need: Need, line: Line, *, allowed: bool, now: datetime) -> None:
    await timeline.add(need, line, now=now, may_share_contact=allowed)
    if not allowed:
        await cancellation.cancel_for_need(need, now=now)


@db.transaction
async def record(need_id: int, *, how: str, by: Staff, now: datetime) -> Need:
    """Write down the consent of somebody without WeChat, who was asked; ResidentMustConsent for all others."""
    need = await access.by_station(need_id, by)
    must_be(need, *OPEN)
    if await has_wechat(need):
        raise ResidentMustConsent
    line = Line("contact_sharing", by.person_id, said=f"已征得您本人{SAID[True]}", note=how)
    await _set(need, line, allowed=True, now=now)
    await audit.note("need.contact_sharing", f"need:{need.id}", by=by.person_id, now=now)
    return need


async def has_wechat(need: Need) -> bool:
    """Whether somebody on the resident's side can answer for themselves on a phone."""
    return await Person.filter(id__in=sorted(access.residents_of(need)), openid__isnull=False).exists()
