"""The in-app inbox."""

from pydantic import Field

from miniprogram_contract.shapes import Cursor, Id, Moment, Page, Shape


class NoticeQuery(Shape):
    after: Cursor | None = None
    limit: int = Field(20, ge=1, le=50)
    unread: bool = Field(default=False, description="Only those not read yet")


class NoticeShape(Shape):
    id: Id
    template: str
    title: str
    body: str
    about: dict[str, Id] = Field(description="What it is about, by id", examples=[{"need": 4503599627370495}])
    created_at: Moment
    read_at: Moment | None


class Inbox(Page[NoticeShape]):
    unread: int = Field(description="All that are not read yet")
