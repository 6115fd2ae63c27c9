"""The base of every type of the contract, and the types that many nouns share."""

import contextlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from miniprogram_contract.text import clean_text, forbidden_character, is_visible, plain_phone

T = TypeVar("T")
D = TypeVar("D", bound=date)

_SHANGHAI = ZoneInfo("Asia/Shanghai")
BIGGEST_ID = 2**53
# A longer text is refused by its length, before anything else checks it.
LONGEST = 20_000
YEARS = (1900, 2199)
WRITTEN_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)


class ContractModel(BaseModel):
    """Base of every request and reply: frozen, and a field that is not declared is refused."""

    # A type is built when it is first used: building all four hundred would delay every start.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null", defer_build=True
    )


class Changes(ContractModel):
    """A partial change: a field left out stays as it is, so the contract shows no default for it."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        for field in schema.get("properties", {}).values():
            field.pop("default", None)
        return schema


class Page(ContractModel, Generic[T]):
    """A page of a list. `next` goes into `after` of the next request; null: this is the last page."""

    items: list[T]
    next: str | None = None


def wrong(field: str, problem: str) -> PydanticCustomError:
    """Return the error of fields that do not fit together: it names the field to correct and the problem."""
    return PydanticCustomError("wrong_field", "{problem}", {"field": field, "problem": problem})


def _clean(text: Any) -> Any:
    # Checked before it is normalised: forbidden characters could make that slow.
    if not isinstance(text, str) or len(text) > LONGEST:
        return text
    if found := forbidden_character(text):
        raise ValueError(f"含有不能使用的字符（{found}）")
    return clean_text(text)


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("不能换行")
    return text


def shown_moment(moment: datetime) -> str:
    """Return the moment in Asia/Shanghai, to the second."""
    return moment.astimezone(_SHANGHAI).isoformat(timespec="seconds")


def _written(kind: type[date], form: re.Pattern[str], problem: str) -> BeforeValidator:
    """Take only a written moment or day: pydantic would take numbers, and texts of digits, for seconds since 1970."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and form.match(value):
            with contextlib.suppress(ValueError):
                return kind.fromisoformat(value)
        if isinstance(value, kind):
            return value
        raise ValueError(problem)

    return BeforeValidator(read)


def _in_range(day: D) -> D:
    # At the ends of the calendar another offset, or another day, would give an impossible year.
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError(f"应在 {YEARS[0]} 年到 {YEARS[1]} 年之间")
    return day


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("时间需要带时区，例如 2026-11-24T09:00:00+08:00")
    return _in_range(moment).astimezone(UTC)


def _visible(text: str) -> str:
    if text and not is_visible(text):
        raise ValueError("至少1个看得见的字")
    return text


def prose(most: int, least: int = 1) -> Any:
    """Free text of several lines: trimmed, `least` to `most` characters, no control or private-use characters.

    A text that is not empty has at least one visible letter, digit or sign.
    """
    limits = StringConstraints(min_length=least, max_length=most)
    return Annotated[str, BeforeValidator(_clean), limits, AfterValidator(_visible)]


def line(most: int, least: int = 1) -> Any:
    """One line of text: as `prose`, without line breaks."""
    limits = StringConstraints(min_length=least, max_length=most)
    return Annotated[str, BeforeValidator(_clean), limits, AfterValidator(_one_line), AfterValidator(_visible)]


NO_PHONE = "请填写正确的手机号，或带区号的座机号"


def _phone(raw: str) -> str:
    plain = plain_phone(raw)
    if plain is None:
        raise ValueError(NO_PHONE)
    return plain


def _a_phone(raw: Any, check: Callable[[Any], str]) -> str:
    """Replace pydantic's message about a short number by a sentence for residents."""
    try:
        return check(raw)
    except ValidationError:
        if not isinstance(raw, str):
            raise
        raise ValueError(NO_PHONE) from None


Phone = Annotated[
    str,
    StringConstraints(min_length=5, max_length=30),
    AfterValidator(_phone),
    WrapValidator(_a_phone),
    Field(
        description="Mobile or landline with area code; spaces, dashes and +86 are tolerated", examples=["13812345678"]
    ),
]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID - 1)]
# Replies are in Asia/Shanghai; requests must carry an offset.
Moment = Annotated[
    datetime,
    _written(datetime, WRITTEN, "应为时间，例如 2026-11-24T09:00:00+08:00"),
    AfterValidator(_aware),
    PlainSerializer(shown_moment, return_type=str, when_used="json-unless-none"),
    Field(examples=["2026-11-24T09:00:00+08:00"], json_schema_extra={"format": "date-time"}),
]
# A day in a request, by Shanghai's calendar.
Day = Annotated[
    date,
    _written(date, WRITTEN_DAY, "应为日期，例如 2026-11-24"),
    AfterValidator(_in_range),
    Field(json_schema_extra={"format": "date"}),
]
# Minutes, points or pieces: a whole number, written as one.
Amount = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Cursor = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_=-]+$")]


class ReferenceKind(StrEnum):
    ACTIVITY = "activity"
    BAN = "ban"
    BOOKING = "booking"
    CALL_BACK = "call_back"
    COMPLAINT = "complaint"
    DUTY_SHIFT = "duty_shift"
    EARNING = "earning"
    HOUSEHOLD = "household"
    NEED = "need"
    OBJECTION = "objection"
    ORDER = "order"
    PUBLIC_NOTICE = "public_notice"
    SEAT_OFFER = "seat_offer"
    SERVICE_RECORD = "service_record"
    STATION = "station"
    TASK = "task"
    TEAM = "team"
    VOLUNTEER = "volunteer"


class Reference(ContractModel):
    """Something that another thing points at."""

    kind: ReferenceKind
    id: Id


# One limit for all lists.
PAGE_DEFAULT = 20
PAGE_MOST = 50
PageLimit = Annotated[int, Field(ge=1, le=PAGE_MOST, description="Most items of the page")]


class PageQuery(ContractModel):
    """The page of a list."""

    after: Cursor | None = Field(None, description="`next` of the page before")
    limit: PageLimit = PAGE_DEFAULT


class IdPageQuery(ContractModel):
    """The page of a list whose `next` is an id."""

    after: Id | None = Field(None, description="`next` of the page before")
    limit: PageLimit = PAGE_DEFAULT


class StationPageQuery(PageQuery):
    """The page of a list of one station."""

    station: Id


class StaffPageQuery(PageQuery):
    """The page of a list for staff."""

    station: Id | None = Field(None, description="One of the caller's stations; null: all of them")


class Empty(ContractModel):
    """An empty object."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class Reason(ContractModel):
    """A reason."""

    reason: prose(500)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "还没有人联系我"}]})


class OptionalReason(ContractModel):
    """A reason that may be empty."""

    reason: prose(500, 0) = ""  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "已经解决了"}]})


class AccessReason(ContractModel):
    """Why personal data is read. Each reading is logged, and the persons concerned can see it."""

    reason: prose(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "明天上午上门，需要地址"}]})


class Channel(StrEnum):
    PHONE_APP = "phone_app"
    COUNTER = "counter"
    TELEPHONE = "telephone"


class CounterChannel(StrEnum):
    COUNTER = "counter"
    TELEPHONE = "telephone"


class SignedLink(ContractModel):
    """Part of a link that the server made. A client uses the link as it is."""

    until: int = Field(ge=0, le=2**40, description="Seconds since 1970")
    signature: str = Field(pattern="^[0-9a-f]{40}$")


class PersonalLink(SignedLink):
    """Part of a link that the server made for one person."""

    reader: Id = Field(description="The person it was made for")
