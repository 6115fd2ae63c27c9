"""Points as contract types."""

from collections.abc import Iterable
from datetime import datetime

from miniprogram_contract.points import (
    EARNING_WORDS,
    DeedAction,
    DeedDecisionResult,
    DeedDetail,
    DeedRow,
    EarningStatus,
)
from miniprogram_contract.public_notices import ObjectionDetail, ObjectionRow, PublicNoticeEntry, PublicNoticeSummary
from server.adapters import Dependencies
from server.domain.masking import mask_name
from server.domain.staff import Staff
from server.handlers.needs.serializers import station_reference
from server.handlers.photos.links import photo_links
from server.models import Earning, Objection, Person, Photo, PublicNotice

NAMELESS = "未留姓名"


def _title(earning: Earning) -> str:
    assert earning.rule is not None, "deeds and listed lines have one"
    return earning.rule.title


def _masked(person: Person) -> str:
    return mask_name(person.name or "") or NAMELESS


def _state(earning: Earning) -> dict[str, object]:
    return {"id": earning.id, "status": EarningStatus(earning.status), "status_words": EARNING_WORDS[earning.status]}


def deed_detail(earning: Earning, photos: Iterable[Photo], dependencies: Dependencies, now: datetime) -> DeedDetail:
    return DeedDetail(
        **_state(earning),
        station=station_reference(earning.station),
        title=_title(earning),
        text=earning.text,
        day=earning.day,
        points=earning.points,
        claimed_at=earning.claimed_at,
        decided_at=earning.decided_at,
        decision=earning.decision,
        photos=photo_links(photos, dependencies, now, reader=earning.person_id),
    )


def deed_row(
    earning: Earning,
    photos: Iterable[Photo],
    dependencies: Dependencies,
    now: datetime,
    *,
    reader: Staff,
    may: Iterable[str],
) -> DeedRow:
    """Only workers of the station read text and photos; officers see that a deed waits. `may`: the reader's steps."""
    works_there = earning.station_id in reader.station_ids
    return DeedRow(
        **_state(earning),
        station=station_reference(earning.station),
        person_id=earning.person_id if works_there else None,
        name=_masked(earning.person),
        title=_title(earning),
        text=earning.text if works_there else None,
        day=earning.day,
        points=earning.points,
        claimed_at=earning.claimed_at,
        at_counter=earning.claimed_by_id != earning.person_id,
        photos=photo_links(photos if works_there else [], dependencies, now, reader=reader.person_id),
        allowed_actions=[DeedAction(action) for action in may],
    )


def decision_result(earning: Earning) -> DeedDecisionResult:
    return DeedDecisionResult(**_state(earning), points=earning.points)


def notice_summary(notice: PublicNotice) -> PublicNoticeSummary:
    return PublicNoticeSummary(
        id=notice.id,
        station=station_reference(notice.station),
        title=notice.title,
        published_at=notice.published_at,
        ends_at=notice.ends_at,
        ended=notice.ended_at is not None,
    )


def notice_entry(earning: Earning) -> PublicNoticeEntry:
    return PublicNoticeEntry(
        **_state(earning),
        name=_masked(earning.person),
        title=_title(earning),
        points=earning.points,
    )


def objection_detail(one: Objection) -> ObjectionDetail:
    return ObjectionDetail(**_objection_fields(one))


def objection_row(one: Objection) -> ObjectionRow:
    return ObjectionRow(
        **_objection_fields(one),
        station=station_reference(one.earning.station),
        owner=_masked(one.earning.person),
        raised_by=_masked(one.made_by),
    )


def _objection_fields(one: Objection) -> dict[str, object]:
    return {
        "id": one.id,
        "entry_id": one.earning_id,
        "title": _title(one.earning),
        "points": one.earning.points,
        "reason": one.reason,
        "raised_at": one.made_at,
        "granted": one.upheld,
        "decision": one.decision,
        "decided_at": one.decided_at,
    }
