"""The base of every refusal, and the catalogue of them all.

One code is one class of the catalogue: it has the HTTP status, a message and its details. A noun may say the same
refusal in its own words: a subclass without a code of its own inherits everything and sets `message`, and where it
helps `fixed` details (`rule`, `role`) or more `detail_types`. Verbs raise the subclass and endpoints declare it in
`refuses=`; the contract shows the code, with each message an operation may answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

DetailType = Literal[
    "boolean",
    "codes",  # words of a closed set, such as codes of categories
    "day",
    "days",
    "fields",  # wrong fields, each with its place in the request and the problem in Chinese
    "id",
    "ids",
    "integer",
    "lines",  # wrong lines of a file, each with its number and the problem in Chinese
    "moment",
    "month",
    "places",  # places in a list of the request, from 0
    "string",
]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Detail:
    """One declared detail: its type, whether every such refusal has it, and whether it may be null."""

    type: DetailType
    required: bool = True
    nullable: bool = False


def required(**types: DetailType) -> dict[str, Detail]:
    """Declare details that every such refusal has."""
    return {name: Detail(type_) for name, type_ in types.items()}


def optional(**types: DetailType) -> dict[str, Detail]:
    """Declare details that a refusal may leave out."""
    return {name: Detail(type_, required=False) for name, type_ in types.items()}


def nullable(**types: DetailType) -> dict[str, Detail]:
    """Declare details that every such refusal has and that may be null."""
    return {name: Detail(type_, nullable=True) for name, type_ in types.items()}


def fixed(**details: str | int) -> dict[str, str | int]:
    """Set details that are the same for every refusal of a class."""
    return dict(details)


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """A "no" with a code, an HTTP status and a sentence a resident understands.

    Keyword arguments become `details` of the answer: public facts only, never a secret or personal data. A message may
    name details in braces; moments and days in it are shown in Chinese, in Shanghai's time. `possible_from` is rounded
    up to the minute, so that at the moment shown the action is possible.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    message: str
    retry_after_seconds: ClassVar[int | None] = None
    detail_types: ClassVar[Mapping[str, Detail]] = {}
    fixed_details: ClassVar[Mapping[str, str | int]] = {}

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = {**self.fixed_details, **details}
        undeclared = set(self.details) - set(self.detail_types)
        missing = {name for name, one in self.detail_types.items() if one.required} - set(self.details)
        assert not undeclared, f"{type(self).__name__} declares no detail {undeclared}"
        assert not missing, f"{type(self).__name__} needs the details {missing}"
        if "{" in self.message:
            shown = dict(self.details)
            if "possible_from" in shown:
                shown["possible_from"] = _rounded_up(shown["possible_from"])
            self.message = self.message.format(**{name: _in_chinese(fact) for name, fact in shown.items()})


def _rounded_up(moment: datetime) -> datetime:
    minute = moment.replace(second=0, microsecond=0)
    return minute if minute == moment else minute + timedelta(minutes=1)


def _in_chinese(fact: Any) -> str:
    if isinstance(fact, datetime):
        there = fact.astimezone(SHANGHAI)
        return f"{_in_chinese(there.date())} {there:%H:%M}"
    return f"{fact.year}年{fact.month}月{fact.day}日" if isinstance(fact, date) else str(fact)


def catalogue() -> dict[str, type[Refusal]]:
    """Return the class of each code, by code."""
    found: dict[str, type[Refusal]] = {}
    for kind in _below(Refusal):
        if "code" in kind.__dict__:
            assert kind.code not in found, f"two refusals share the code {kind.code}"
            found[kind.code] = kind
    return dict(sorted(found.items()))


def variants(kind: type[Refusal]) -> list[type[Refusal]]:
    """Return the class of a code and its subclasses, which say it in the words of a noun, by name."""
    return [kind, *sorted(_below(kind), key=lambda one: one.__name__)]


def _below(kind: type[Refusal]) -> list[type[Refusal]]:
    return [one for child in kind.__subclasses__() for one in (child, *_below(child))]
