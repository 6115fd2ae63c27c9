"""Check-ins as contract types."""

from dataclasses import asdict
from typing import Any

from miniprogram_contract.check_ins import (
    OUTCOME_WORDS,
    CheckInEntry,
    CheckOutEntry,
    RosterDetail,
    RosterEntry,
    ScanOutcome,
    ScanReport,
    ScanResult,
)
from server.domain.check_ins.check_out import CheckOut
from server.domain.check_ins.eligibility import name_of
from server.domain.check_ins.offline_scans import MergedScan
from server.domain.check_ins.roster import Roster, RosterProof
from server.domain.check_ins.scan_matching import DONE
from server.domain.masking import mask_name
from server.models import Attendee


def check_in_entry(attendee: Attendee) -> CheckInEntry:
    return CheckInEntry(**_attendee(attendee))


def _attendee(attendee: Attendee) -> dict[str, Any]:
    return {
        "attendee_id": attendee.id,
        "name": mask_name(name_of(attendee)),
        "post": attendee.booking.post.title if attendee.booking.post is not None else None,
        "checked_in_at": attendee.checked_in_at,
        "checked_out_at": attendee.checked_out_at,
    }


def check_out_entry(checked_out: CheckOut) -> CheckOutEntry:
    return CheckOutEntry(
        **_attendee(checked_out.attendee), service_record_id=checked_out.record.id, minutes=checked_out.record.minutes
    )


def roster_detail(roster: Roster, proof: RosterProof) -> RosterDetail:
    return RosterDetail(
        activity_id=roster.activity_id,
        issued_at=proof.issued_at,
        check_in_opens_at=roster.opens_at,
        check_in_closes_at=roster.ends_at,
        expires_at=roster.expires_at,
        people=[RosterEntry(**asdict(one)) for one in roster.people],
        signature=proof.signature,
    )


def scan_report(results: list[MergedScan]) -> ScanReport:
    shown = [_result(one) for one in results]
    return ScanReport(results=shown, conflicts=sum(one.conflict for one in shown))


def _result(one: MergedScan) -> ScanResult:
    outcome = ScanOutcome(one.outcome)
    return ScanResult(
        client_id=one.client_id,
        outcome=outcome,
        outcome_words=OUTCOME_WORDS[outcome],
        conflict=one.outcome not in DONE,
    )
