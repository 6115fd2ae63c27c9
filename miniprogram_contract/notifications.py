"""The in-app inbox."""

from enum import StrEnum

from pydantic import Field

from miniprogram_contract.base import ContractModel, Id, Moment, Page, PageQuery, Reference


class NotificationFilter(PageQuery):
    unread: bool = Field(default=False, description="Only those not read yet")


class NotificationTemplate(StrEnum):
    """The kinds of notices. A kind that is no longer written stays here: old notices have it."""

    ACTIVITIES_UNSETTLED = "activities_unsettled"
    ACTIVITY_CALL = "activity_call"
    ACTIVITY_CANCELLED = "activity_cancelled"
    ACTIVITY_CHANGED = "activity_changed"
    ACTIVITY_NOT_LEFT = "activity_not_left"
    ACTIVITY_RATED_LOW = "activity_rated_low"
    ACTIVITY_REMINDER = "activity_reminder"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_MADE = "appeal_made"
    APPEAL_REFUSED = "appeal_refused"
    BAN_APPEAL_GRANTED = "ban_appeal_granted"
    BAN_APPEAL_REFUSED = "ban_appeal_refused"
    BAN_APPEALED = "ban_appealed"
    BAN_LIFTED = "ban_lifted"
    BOOKED_FOR_YOU = "booked_for_you"
    BOOKING_CALL = "booking_call"
    BOOKING_CANCELLED = "booking_cancelled"
    CALENDAR_MISSING = "calendar_missing"
    CALL_BACK = "call_back"
    CALL_BACK_OVERDUE = "call_back_overdue"
    CALL_BACK_UNSATISFIED = "call_back_unsatisfied"
    CLAIM_REFUSED = "claim_refused"
    CLAIM_WITHDRAWN = "claim_withdrawn"
    COMPLETION_NEARLY_DUE = "completion_nearly_due"
    COMPLETION_OVERDUE = "completion_overdue"
    CONTACT_READ = "contact_read"
    CRISIS = "crisis"
    CRISIS_NOT_SOUNDED = "crisis_not_sounded"
    CRISIS_UNANSWERED = "crisis_unanswered"
    DATA_BROKEN = "data_broken"
    DEED_REFUSED = "deed_refused"
    DISPUTE_APPEALED = "dispute_appealed"
    DISPUTE_DECIDED = "dispute_decided"
    EXTENSION_ASKED = "extension_asked"
    GOODS_LOW_STOCK = "goods_low_stock"
    GOODS_NEAR_USE_BY = "goods_near_use_by"
    HOUSEHOLD_JOINED = "household_joined"
    HOUSEHOLD_LEFT = "household_left"
    LEDGER_BROKEN = "ledger_broken"
    MINUTES_GIVEN = "minutes_given"
    NEED_ACCEPTED = "need_accepted"
    NEED_ARRIVED = "need_arrived"
    NEED_ASSIGNED = "need_assigned"
    NEED_ASSIGNED_TO_YOU = "need_assigned_to_you"
    NEED_BOUNCED = "need_bounced"
    NEED_DECLINED = "need_declined"
    NEED_EXTENDED = "need_extended"
    NEED_FILED = "need_filed"
    NEED_HANDED_BACK = "need_handed_back"
    NEED_MERGED = "need_merged"
    NEED_MESSAGE = "need_message"
    NEED_MOVED = "need_moved"
    NEED_REFERRED = "need_referred"
    NEED_REOPENED = "need_reopened"
    NEED_RESOLVED = "need_resolved"
    NEED_TO_DECIDE = "need_to_decide"
    NEED_URGED = "need_urged"
    NEED_WITHDRAWN = "need_withdrawn"
    NO_SHOW = "no_show"
    NO_SHOW_EXCUSED = "no_show_excused"
    NO_SHOW_FORGIVEN = "no_show_forgiven"
    NO_SHOW_UPHELD = "no_show_upheld"
    OBJECTION_DECIDED = "objection_decided"
    OBJECTION_MADE = "objection_made"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_LAPSED = "offer_lapsed"
    OFFER_REFUSED = "offer_refused"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_EXPIRED = "order_expired"
    ORDER_EXPIRES_SOON = "order_expires_soon"
    ORDER_HANDED_OVER = "order_handed_over"
    ORDER_PLACED = "order_placed"
    ORDER_PUT_BACK = "order_put_back"
    ORDER_READY = "order_ready"
    POINTS_EXPIRED = "points_expired"
    POINTS_EXPIRING = "points_expiring"
    POINTS_FROZEN = "points_frozen"
    POINTS_GRANTED = "points_granted"
    POINTS_LISTED = "points_listed"
    POINTS_REFUSED = "points_refused"
    POINTS_TAKEN_BACK = "points_taken_back"
    POINTS_WAITING = "points_waiting"
    POST_CHECKED_OUT = "post_checked_out"
    POST_LEFT = "post_left"
    RESPONSE_NEARLY_DUE = "response_nearly_due"
    RESPONSE_OVERDUE = "response_overdue"
    SEAT_GIVEN = "seat_given"
    SEAT_OFFERED = "seat_offered"
    SERVICE_APPROVED = "service_approved"
    SERVICE_CLAIMED = "service_claimed"
    SERVICE_CONFIRMED = "service_confirmed"
    SERVICE_DECIDED = "service_decided"
    SERVICE_DECLINED = "service_declined"
    SERVICE_REVERSED = "service_reversed"
    TASK_CANCELLED = "task_cancelled"
    TASK_CLAIMED = "task_claimed"
    TASK_CONFIRMED = "task_confirmed"
    TASK_DISPUTED = "task_disputed"
    TASK_FINISHED = "task_finished"
    TASK_FREE_AGAIN = "task_free_again"
    TASK_NO_SHOW = "task_no_show"
    TASK_SILENT = "task_silent"
    TASK_UNBEGUN = "task_unbegun"
    TASK_UNENDED = "task_unended"
    TEAM_ENDED = "team_ended"
    TEAM_JOINED = "team_joined"
    TEAM_LEFT = "team_left"
    TRAINING_RECORDED = "training_recorded"
    VOLUNTEER_APPLIED = "volunteer_applied"
    VOLUNTEER_APPROVED = "volunteer_approved"
    VOLUNTEER_BANNED = "volunteer_banned"
    VOLUNTEER_DECLINED = "volunteer_declined"
    VOLUNTEER_LEFT = "volunteer_left"
    VOLUNTEER_MOVED = "volunteer_moved"


class NotificationDetail(ContractModel):
    id: Id
    template: NotificationTemplate
    title: str
    body: str
    opens: Reference | None = Field(description="What to show when the notice is tapped; null: nothing")
    created_at: Moment
    read_at: Moment | None


class NotificationPage(Page[NotificationDetail]):
    unread: int = Field(description="All that are not read yet")
