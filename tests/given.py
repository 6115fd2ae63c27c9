"""What a path of the authorisation table is asked about: made anew for each request, on one side of the city."""

import io
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from PIL import Image

from server.models import Need, Notice, Session
from tests.world import Side, sign_in

NUMBERS = itertools.count()


@dataclass(frozen=True)
class Given:
    """What a request names: of the path and query all, of the body what its example does not say."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] | None = None


async def nothing(_: Side) -> Given:
    return Given()


async def code(_: Side) -> Given:
    """A sign-in of somebody new."""
    return Given(body={"code": f"dev-newcomer{next(NUMBERS)}"})


async def session(side: Side) -> Given:
    await sign_in(side.people["owner"], side.now)
    newest = await Session.filter(person_id=side.people["owner"]).order_by("-expires_at", "-id").first()
    return Given(path={"session_id": newest.id})


async def notice(side: Side) -> Given:
    words = {"template": "test", "title": "通知", "body": "请查看", "created_at": side.now}
    made = await Notice.create(person_id=side.people["owner"], **words)
    return Given(path={"notice_id": made.id})


async def upload(_: Side) -> Given:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (next(NUMBERS) % 256, 0, 0)).save(picture, "PNG")
    return Given(files={"photo": ("photo.png", picture.getvalue(), "image/png")})


async def forged_link(_: Side) -> Given:
    """A photo's link opens it to whoever was given the link, and one nobody was given opens nothing."""
    return Given(path={"photo_id": 1}, query={"size": "large", "until": 2**35, "signature": "0" * 40})


def need(state: str, **body: Any) -> Callable[[Side], Awaitable[Given]]:
    """The owner's need in the state."""

    async def given(side: Side) -> Given:
        return _of(await getattr(side, state)(), **body)

    return given


def _of(made: Need, **body: Any) -> Given:
    return Given(path={"need_id": made.id, "code": made.slip_code}, body=body)


async def extendable(side: Side) -> Given:
    """The worker's need, and a later day to ask for."""
    made = await side.assigned()
    return _of(made, until=(made.completion_due_at + timedelta(hours=1)).isoformat())


async def twice(side: Side) -> Given:
    """A need that the owner filed twice."""
    first, second = await side.submitted(), await side.submitted()
    return _of(second, into=first.id)


async def extension(side: Side) -> Given:
    return Given(path={"extension_id": (await side.extension()).id})


async def appeal(side: Side) -> Given:
    return Given(path={"appeal_id": (await side.appeal()).id})
