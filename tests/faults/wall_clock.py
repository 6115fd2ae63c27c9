"""A clock on the wall of programs under test: it can be put anywhere while they run, and they cannot tell it from theirs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass
class WallClock:
    """What programs started with `environ` take for the time of day; how long something takes they measure rightly."""

    library: Path
    file: Path
    _ahead: timedelta = field(default_factory=timedelta)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",  # it looks at the file every time
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def put(self, moment: datetime) -> None:
        """Put it to this moment, from which it goes on."""
        self._ahead = moment - datetime.now(UTC)
        # Under its name only when whole: who looks at half of it would see a third time.
        whole = self.file.with_suffix(".new")
        whole.write_text(f"{self._ahead.total_seconds():+f}\n")
        whole.replace(self.file)

    def move(self, **span: float) -> None:
        self.put(self.now() + timedelta(**span))
