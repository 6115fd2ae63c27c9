"""A wall clock of programs under test: it can be set to any time while they run, without their knowing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass
class WallClock:
    """The time of day of programs started with `environ`; they still measure durations rightly."""

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
        """Set the clock to this moment, from which it goes on."""
        self._ahead = moment - datetime.now(UTC)
        # Under its name only when whole: who looks at half of it would see a third time.
        whole = self.file.with_suffix(".new")
        whole.write_text(f"{self._ahead.total_seconds():+f}\n")
        whole.replace(self.file)

    def move(self, **span: float) -> None:
        self.put(self.now() + timedelta(**span))
