"""The base of every shape, and the texts and numbers shapes are made of."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

T = TypeVar("T")

# Control characters but tab and newline, lone surrogates, bidi overrides, private use, noncharacters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U000f0000-\U000fffff\U00100000-\U0010ffff]"
)
_SHANGHAI = ZoneInfo("Asia/Shanghai")
BIGGEST_ID = 2**53


class Shape(BaseModel):
    """Frozen; a field nobody declared is refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True, ser_json_inf_nan="null"
    )


class Page(Shape, Generic[T]):
    """A page of a list. `next` goes into `after` of the next request; null: that was all."""

    items: list[T]
    next: str | None = None


class Nothing(Shape):
    """An answer that says only that it was done."""


def _clean(text: Any) -> Any:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() if isinstance(text, str) else text


def _plain(text: str) -> str:
    if found := _FORBIDDEN.search(text):
        raise ValueError(f"含有不能使用的字符 U+{ord(found[0]):04X}")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("不能换行")
    return text


def _shown(moment: datetime) -> str:
    return moment.astimezone(_SHANGHAI).isoformat(timespec="seconds")


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("时间需要带时区，例如 2026-11-24T09:00:00+08:00")
    return moment.astimezone(UTC)


def text(most: int, least: int = 1) -> Any:
    """Free text of several lines: trimmed, `least` to `most` characters, no control or private-use characters."""
    limits = StringConstraints(min_length=least, max_length=most)
    return Annotated[str, BeforeValidator(_clean), limits, AfterValidator(_plain)]


def line(most: int, least: int = 1) -> Any:
    """One line of text: as `text`, without line breaks."""
    limits = StringConstraints(min_length=least, max_length=most)
    return Annotated[str, BeforeValidator(_clean), limits, AfterValidator(_plain), AfterValidator(_one_line)]


def _phone(raw: str) -> str:
    digits = re.sub(r"[\s\-－—()（）]", "", raw.translate(_HALF_WIDTH))
    digits = re.sub(r"^(\+|00)86", "", digits)
    if not re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7}|1[012]\d{3}|9\d{4}|400\d{7}", digits, re.ASCII):
        raise ValueError("请填写正确的手机号或带区号的座机号")
    return digits


_HALF_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("＋"): "+"}

Phone = Annotated[
    str,
    StringConstraints(min_length=5, max_length=30),
    AfterValidator(_phone),
    Field(description="Mobile or landline with area code; spaces, dashes and +86 are tolerated", examples=["13812345678"]),
]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID - 1)]
# What goes out is shown in Asia/Shanghai; what comes in must carry its offset.
Moment = Annotated[
    datetime,
    AfterValidator(_aware),
    PlainSerializer(_shown, return_type=str, when_used="json"),
    Field(examples=["2026-11-24T09:00:00+08:00"], json_schema_extra={"format": "date-time"}),
]
Cursor = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_=-]+$")]
