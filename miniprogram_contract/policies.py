"""Policies, which are numbers that officers may change, and the calendar of working days."""

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from miniprogram_contract.base import ContractModel, Day, Id, line


class PolicyName(StrEnum):
    APPEAL_DAYS = "appeal_days"
    RATING_DAYS = "rating_days"
    RATING_CHANGE_HOURS = "rating_change_hours"
    REOPENING_DAYS = "reopening_days"
    AUTO_CLOSE_DAYS = "auto_close_days"
    CALL_BACK_DAYS = "call_back_days"
    CALL_BACK_ASSISTED_PERCENT = "call_back_assisted_percent"
    CALL_BACK_SAMPLE_PERCENT = "call_back_sample_percent"
    CALL_BACK_PARENT_PERCENT = "call_back_parent_percent"
    REFERRAL_RETURN_LIMIT = "referral_return_limit"
    REMIND_AT_PERCENT = "remind_at_percent"
    REMINDER_INTERVAL_HOURS = "reminder_interval_hours"
    COMPLAINT_DAYS = "complaint_days"
    COMPLAINT_APPEAL_DAYS = "complaint_appeal_days"
    CRISIS_REPEAT_MINUTES = "crisis_repeat_minutes"
    CRISIS_TAKEOVER_SECONDS = "crisis_takeover_seconds"
    CRISIS_JOIN_AFTER = "crisis_join_after"
    CRISIS_JOIN_MINUTES = "crisis_join_minutes"
    POLICE_PHONE = "police_phone"
    AMBULANCE_PHONE = "ambulance_phone"
    COUNSELLING_PHONE = "counselling_phone"
    DUTY_SHIFTS_PER_WEEK = "duty_shifts_per_week"
    DUTY_SHIFTS_PER_MONTH = "duty_shifts_per_month"
    DUTY_GAP_NOTICE_HOURS = "duty_gap_notice_hours"
    JOINING_UNDO_DAYS = "joining_undo_days"
    MIN_RATINGS_FOR_AVERAGE = "min_ratings_for_average"
    DUPLICATE_SIMILARITY_PERCENT = "duplicate_similarity_percent"
    LOOK_UPS_PER_HOUR = "look_ups_per_hour"
    MINUTES_BALANCE_LIMIT = "minutes_balance_limit"
    DAILY_SERVICE_MINUTES_LIMIT = "daily_service_minutes_limit"
    CHECK_OUT_GRACE_MINUTES = "check_out_grace_minutes"
    BACK_ENTRY_DAYS = "back_entry_days"
    MONTHLY_BACK_ENTRY_MINUTES_LIMIT = "monthly_back_entry_minutes_limit"
    CONFIRMATION_DAYS = "confirmation_days"
    DISPUTE_APPEAL_DAYS = "dispute_appeal_days"
    STAR_1_HOURS = "star_1_hours"
    STAR_2_HOURS = "star_2_hours"
    STAR_3_HOURS = "star_3_hours"
    STAR_4_HOURS = "star_4_hours"
    STAR_5_HOURS = "star_5_hours"
    POINTS_PER_HOUR = "points_per_hour"
    DAILY_HOUR_POINTS_LIMIT = "daily_hour_points_limit"
    MONTHLY_HOUR_POINTS_LIMIT = "monthly_hour_points_limit"
    POINTS_EXPIRY_YEARS = "points_expiry_years"
    PUBLIC_NOTICE_DAYS = "public_notice_days"
    PICKUP_DAYS = "pickup_days"
    NEAR_EXPIRY_DAYS = "near_expiry_days"
    OFFER_MINUTES = "offer_minutes"
    SAME_DAY_OFFER_MINUTES = "same_day_offer_minutes"
    AUTO_PROMOTION_MINUTES = "auto_promotion_minutes"
    QUIET_HOURS_BEGIN = "quiet_hours_begin"
    QUIET_HOURS_END = "quiet_hours_end"
    NO_SHOW_LIMIT = "no_show_limit"
    NO_SHOW_WINDOW_DAYS = "no_show_window_days"
    NO_SHOW_PENALTY_DAYS = "no_show_penalty_days"
    NO_SHOW_EXEMPT_AGE = "no_show_exempt_age"
    CHECK_IN_OPENS_MINUTES = "check_in_opens_minutes"
    ACTIVITY_REMINDER_HOURS = "activity_reminder_hours"
    AUTO_FINISH_HOURS = "auto_finish_hours"
    MORNING_OPENS = "morning_opens"
    MORNING_CLOSES = "morning_closes"
    AFTERNOON_OPENS = "afternoon_opens"
    AFTERNOON_CLOSES = "afternoon_closes"
    CALENDAR_ALARM_MONTH = "calendar_alarm_month"


class PolicyUnit(StrEnum):
    """`minute_of_day`: minutes after midnight; `month`: 1 to 12; `phone`: a short number such as 110."""

    MINUTE_OF_DAY = "minute_of_day"
    SECONDS = "seconds"
    HOURS = "hours"
    DAYS = "days"
    PERCENT = "percent"
    TIMES = "times"
    MINUTES = "minutes"
    RATINGS = "ratings"
    POINTS = "points"
    YEARS = "years"
    WORKING_DAYS = "working_days"
    MONTH = "month"
    PHONE = "phone"


class PolicyFilter(ContractModel):
    """The scope: a station, a county, or, without either, the city."""

    station: Id | None = None
    county: Id | None = None


class PolicyDetail(ContractModel):
    """A policy with the number that applies in the scope."""

    name: PolicyName
    description: str = Field(examples=["居民两次催办之间至少相隔的小时数"])
    value: int
    unit: PolicyUnit
    source: str = Field(
        description="The document or office that set it; a default says that it is not the city's policy"
    )
    scope: str | None = Field(description="`city`, `area:3`, `station:7`; null: the default", examples=["area:3"])
    default: int
    min: int
    max: int
    city_wide: bool = Field(description="Can be set only for the whole city")


class PolicyList(ContractModel):
    items: list[PolicyDetail]


class NewPolicyValue(ContractModel):
    """A new number for a station, a county or, without either, the city."""

    value: int | None = Field(
        ge=0, le=1_000_000, description="null: remove it, so that the number of the wider scope applies"
    )
    source: line(200) = Field(description="Who decided it")  # type: ignore[valid-type]
    station: Id | None = None
    county: Id | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"value": 12, "source": "江阳区民政局2026年3月通知", "county": 3}]}
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.station is not None and self.county is not None:
            raise ValueError("station 和 county 只能填一个")
        return self


class NewCalendarDay(ContractModel):
    """Whether stations work on the day."""

    working: bool

    model_config = ConfigDict(json_schema_extra={"examples": [{"working": False}]})


class CalendarDay(ContractModel):
    day: Day
    working: bool


class NewCalendarYear(ContractModel):
    """All days of a year that are entered by hand: holidays on weekdays, and working weekends 调休."""

    days: list[CalendarDay] = Field(max_length=366, description="Each day of the year at most once")

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": [{"day": "2027-01-01", "working": False}]}]})

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.day for one in self.days}) != len(self.days):
            raise ValueError("同一天只能填一次")
        return self


class CalendarYear(ContractModel):
    """The days of the year entered by hand; other days follow the national calendar."""

    days: list[CalendarDay]
    missing_years: list[int] = Field(description="Years whose calendar should have been entered by now")
