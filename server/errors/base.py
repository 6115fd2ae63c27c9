"""The base of every "no", and the list of them all."""

from typing import Any, ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """A "no" with a code, an HTTP status and a sentence a resident understands.

    Keyword arguments become `details` of the answer: public facts only, never a secret or somebody's data.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    message: ClassVar[str]
    retry_after_seconds: ClassVar[int | None] = None

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details


def catalogue() -> dict[str, type[Refusal]]:
    """Every refusal there is, by its code."""
    found: dict[str, type[Refusal]] = {}
    waiting = list(Refusal.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.__dict__.get("code"):
            assert found.get(kind.code, kind) is kind, f"two refusals share the code {kind.code}"
            found[kind.code] = kind
    return dict(sorted(found.items()))
