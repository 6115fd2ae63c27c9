"""Misbehaviour on demand: what goes wrong, how often, and where."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = frozenset(
    {
        "delay",  # answers after `seconds`
        "hang",  # never answers
        "reset",  # cuts the connection instead of answering
        "bad_gateway",  # an HTML page with status 502
        "truncated",  # half of the JSON, or of the picture
        "hollow_picture",  # begins and ends as one, and holds nothing
        "errcode",  # the given `errcode`, and nothing is carried out
        "numbers_as_strings",  # every number in quotes
        "wrong_content_type",  # JSON that calls itself HTML
    }
)
MOST_TIMES = 1000
MOST_WAITING = 100
LONGEST_DELAY_SECONDS = 60.0
ALARMS = "/alarms"


@dataclass
class Fault:
    """All kinds but `errcode` strike on the way back: the call itself has been carried out by then."""

    kind: str
    times: int = 1
    path: str | None = None
    seconds: float = 0.0
    errcode: int = -1
    errmsg: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {sorted(KINDS)}")
        if not 1 <= self.times <= MOST_TIMES:
            raise ValueError(f"times must be 1 to {MOST_TIMES}")
        if not 0 <= self.seconds <= LONGEST_DELAY_SECONDS:
            raise ValueError(f"seconds must be 0 to {LONGEST_DELAY_SECONDS}")

    def strikes(self, path: str) -> bool:
        """Without a path a fault strikes WeChat, and leaves the alarm gateway alone."""
        return path == self.path if self.path else path != ALARMS


class Faults:
    """The faults still to come, first ordered first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, wanted: Mapping[str, Any]) -> None:
        """Put a fault in line, or raise ValueError when there is no such fault."""
        try:
            fault = Fault(**wanted)
        except TypeError as error:
            raise ValueError(str(error)) from error
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise ValueError("too many faults are waiting")
            self._waiting.append(fault)

    def next_for(self, path: str) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._waiting if fault.strikes(path)), None)
            if fault is not None:
                fault.times -= 1
                self._waiting = [fault for fault in self._waiting if fault.times > 0]
            return fault

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
