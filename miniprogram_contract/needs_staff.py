"""Needs for station staff."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from miniprogram_contract.base import ContractModel, CounterChannel, Id, Moment, Page, PageQuery, line
from miniprogram_contract.needs import JoinedNeed, NeedStatus, NewNeed, Urgency
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.roles import StandInCapacity
from miniprogram_contract.stations import StationReference


class NeedScope(StrEnum):
    """The stations whose needs are listed.

    `own`: needs of the caller's stations. `referred`: needs referred to them and not answered yet. `overseen`: overdue,
    urgent or appealed needs that they oversee.
    """

    OWN = "own"
    REFERRED = "referred"
    OVERSEEN = "overseen"


class NeedSort(StrEnum):
    """The order of the list. `most_urgent`: emergencies first, then by `next_due_at`; those without one come last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_URGENT = "most_urgent"


class NeedEventKind(StrEnum):
    """The kind of a timeline entry of a need; `task_…` entries are about its task."""

    SUBMITTED = "submitted"
    OPENED = "opened"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    HANDED_BACK = "handed_back"
    STARTED = "started"
    NOTE = "note"
    CONTACT_READ = "contact_read"
    WORDS_READ = "words_read"
    CONTACT_SHARING = "contact_sharing"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    REMINDED = "reminded"
    REFERRED = "referred"
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_RETURNED = "referral_returned"
    REFERRAL_RECALLED = "referral_recalled"
    HEAD_DECIDES = "head_decides"
    PLACE_NOTED = "place_noted"
    REROUTED = "rerouted"
    MERGED = "merged"
    TOOK_OVER = "took_over"
    PARTED = "parted"
    EXTENSION_REQUESTED = "extension_requested"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    APPEALED = "appealed"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_REFUSED = "appeal_refused"
    CALLED_BACK = "called_back"
    CRISIS = "crisis"
    RESIDENT_WROTE = "resident_wrote"
    CRISIS_OPENED = "crisis_opened"
    STAND_IN_OPENED = "stand_in_opened"
    OPENING_ENDED = "opening_ended"
    CRISIS_ACKNOWLEDGED = "crisis_acknowledged"
    CRISIS_WRITTEN = "crisis_written"
    BECAME_EMERGENCY = "became_emergency"
    RESPONSE_NEARLY_DUE = "response_nearly_due"
    RESPONSE_OVERDUE = "response_overdue"
    COMPLETION_NEARLY_DUE = "completion_nearly_due"
    COMPLETION_OVERDUE = "completion_overdue"
    MINUTES_OFFERED = "minutes_offered"
    OFFER_WITHDRAWN = "offer_withdrawn"
    TASK_PUBLISHED = "task_published"
    TASK_CLAIMED = "task_claimed"
    TASK_CLAIM_WITHDRAWN = "task_claim_withdrawn"
    TASK_CLAIM_REFUSED = "task_claim_refused"
    TASK_CONFIRMED = "task_confirmed"
    TASK_CONTACT_READ = "task_contact_read"
    TASK_STARTED = "task_started"
    TASK_FINISHED = "task_finished"
    TASK_NOT_STARTED = "task_not_started"
    TASK_NOT_FINISHED = "task_not_finished"
    TASK_UNCONFIRMED = "task_unconfirmed"
    TASK_SERVICE_CONFIRMED = "task_service_confirmed"
    TASK_APPROVED = "task_approved"
    TASK_SERVICE_DECLINED = "task_service_declined"
    TASK_SERVICE_REVERSED = "task_service_reversed"
    TASK_DISPUTED = "task_disputed"
    TASK_DISPUTE_STATEMENT = "task_dispute_statement"
    TASK_DISPUTE_DECIDED = "task_dispute_decided"
    TASK_DISPUTE_APPEALED = "task_dispute_appealed"
    TASK_DISPUTE_SETTLED = "task_dispute_settled"
    TASK_PAYMENT_EXPIRED = "task_payment_expired"
    TASK_VOLUNTEER_BANNED = "task_volunteer_banned"
    TASK_CANCELLED = "task_cancelled"
    TASK_NO_SHOW = "task_no_show"


class NewCounterNeed(NewNeed):
    """A need entered at the counter or on the telephone (代录)."""

    channel: CounterChannel
    area_id: Id = Field(description="Community of the person")
    person_id: Id | None = Field(None, description="A person whom the station served before; null: a new person")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel": "counter",
                    "category": "elder_care",
                    "text": "刘大爷听力不好，请人陪同就医。",
                    "contact_name": "刘福贵",
                    "contact_phone": "0830-2345678",
                    "area_id": 42,
                }
            ]
        }
    )


def _no_number(words: str) -> str:
    digits = re.sub(r"[\s().+-]", "", unicodedata.normalize("NFKC", words))
    if re.search(r"\d{5}", digits):
        raise ValueError("电话号码请用“按号码查找”，并说明原因")
    return words


SearchWords = Annotated[line(100), AfterValidator(_no_number)]  # type: ignore[valid-type]


class StaffNeedFilter(PageQuery):
    """Filters of the list; those left out do not narrow it."""

    scope: NeedScope = NeedScope.OWN
    status: list[NeedStatus] = Field(default=[], description="May be given several times")
    category: list[line(40)] = Field(default=[], description="Codes; may be given several times")  # type: ignore[valid-type]
    urgency: Urgency | None = None
    assignee: Id | None = Field(None, description="Person id of the assigned worker")
    unassigned: bool = False
    overdue: bool = Field(default=False, description="Only needs whose `next_due_at` has passed")
    submitted_from: Moment | None = None
    submitted_until: Moment | None = None
    text: SearchWords | None = Field(  # type: ignore[valid-type]
        None,
        description="Part of the text of a need that is not confidential, and that has not ended or was submitted in"
        " the last 30 days or in the period asked for. Phone numbers, slip codes and names are looked up by"
        " `POST /station/needs/look-ups`",
    )
    station: Id | None = None
    sort: NeedSort = NeedSort.NEWEST


class NeedRow(ContractModel):
    """A need in the staff's list. A confidential need shows the category alone: open it to read it."""

    id: Id
    status: NeedStatus
    status_words: str
    category: str
    category_name: str
    confidential: bool
    urgency: Urgency
    station: StationReference
    area: str | None
    name: str | None = Field(description="Masked: 王**")
    phone: str | None = Field(description="Masked: 138****5678")
    excerpt: str | None = Field(description="The first 60 characters; null for a confidential need")
    assignee: str | None
    assignee_id: Id | None
    submitted_at: Moment
    response_due_at: Moment
    completion_due_at: Moment
    next_due_at: Moment | None = Field(
        description="The deadline to keep next: the response until the need is accepted, then the completion; null once"
        " it is resolved or has ended"
    )
    overdue: bool = Field(description="`next_due_at` has passed")
    reminders: int = Field(description="Number of reminders by the resident")


class NeedCounts(ContractModel):
    """Needs by status. Those that ended count when submitted in the last 30 days or in the period asked for.

    Of an ended status, 100 means 100 or more.
    """

    submitted: int
    accepted: int
    assigned: int
    in_progress: int
    resolved: int
    closed: int
    declined: int
    referred: int
    withdrawn: int
    reopened: int
    merged: int


class StaffNeedPage(Page[NeedRow]):
    """A page of the list. The first one also counts the needs of each status, whatever statuses are asked for."""

    counts: NeedCounts | None = Field(description="Null on following pages: keep those of the first page")


class StaffTimelineEntry(ContractModel):
    """An entry of a need's timeline, as staff read it."""

    number: int
    at: Moment
    kind: NeedEventKind
    actor: str = Field(description="The person who did it: a worker, 志愿者 (masked), 居民, or 系统")
    message: str = Field(description="What the resident reads; empty: nothing")
    note: str
    from_status: NeedStatus | None
    to_status: NeedStatus | None
    service_minutes: int
    stands_in: StandInCapacity | None = Field(description="Set if nobody worked at the station they acted for")
    photos: list[PhotoLinks] = Field(description="Those that came with it")


class SimilarNeed(ContractModel):
    """Another open need that may be the same."""

    id: Id
    similarity_percent: int | None = Field(
        description="Similarity of the texts; null: the same person asked for the same kind of help in other words"
    )
    same_household: bool = Field(description="Only such needs can be merged")
    status: NeedStatus
    excerpt: str | None = Field(description="Null for a confidential need: open it")
    submitted_at: Moment


class CrisisState(StrEnum):
    NONE = "none"
    UNANSWERED = "unanswered"
    ACKNOWLEDGED = "acknowledged"


class StaffNeedAction(StrEnum):
    """The last part of the path that does it."""

    ACCEPTANCE = "acceptance"
    DECLINE = "decline"
    ASSIGNMENT = "assignment"
    START = "start"
    NOTE = "note"
    CONTACT = "contact"
    PLACE = "place"
    REFERRAL = "referral"
    REFERRAL_RECALL = "referral-recall"
    RESOLUTION = "resolution"
    EXTENSION = "extension"
    REFERRAL_ACCEPTANCE = "referral-acceptance"
    REFERRAL_RETURN = "referral-return"


class StaffNeedDetail(NeedRow):
    """A need with all details for staff; hidden fields of a confidential need are null."""

    person_id: Id | None = Field(
        description="The person it is for; used for their deeds, household and orders at the counter"
    )
    text: str | None
    relation: str | None
    help_times: str
    may_share_contact: bool
    at_home: bool
    place_missing: bool = Field(description="Help is needed at home, and no address is known yet")
    route: str
    outcome: str | None
    first_worker: str | None = Field(description="首问责任人")
    escalated: bool
    times_returned: int = Field(description="How often a station returned its referral")
    crisis: CrisisState
    crisis_opened: bool = Field(
        description="Whether the caller has opened the crisis: only then may they acknowledge it"
    )
    service_minutes: int = Field(description="Time spent so far")
    photos: list[PhotoLinks] = Field(description="Those that the need was filed with")
    timeline: list[StaffTimelineEntry] = Field(description="The newest 200 entries, oldest first")
    similar_needs: list[SimilarNeed]
    joined_needs: list[JoinedNeed] = Field(description="Merged into this one; empty if it is not readable")
    allowed_actions: list[StaffNeedAction] = Field(description="Steps the caller can take now", examples=[["note"]])
    merged_into_id: Id | None
