"""Who I am, where I live, which roles I hold."""

from typing import Literal

from pydantic import ConfigDict, Field

from miniprogram_contract.shapes import Changes, Id, Phone, Shape, line


class Home(Shape):
    """A home community."""

    area_id: Id

    model_config = ConfigDict(json_schema_extra={"examples": [{"area_id": 42}]})


class MeChanges(Changes):
    """What of it changes; a field left out stays as it is, null removes it."""

    name: line(30) | None = None  # type: ignore[valid-type]
    phone: Phone | None = None
    birth_year: int | None = Field(None, ge=1900, le=2100, description="Not later than this year")

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "王秀英", "phone": "13812345678"}]})


class MyRole(Shape):
    kind: Literal["volunteer", "social_worker", "station_head", "county_officer", "city_officer"]
    station_id: Id | None
    station_name: str | None
    area_id: Id | None
    area_name: str | None


class HomeShown(Shape):
    """Where the person lives, with its path: a name alone does not say which village it is."""

    area_id: Id
    town_id: Id = Field(description="The town or street it lies in: its `area` finds what is near home")
    county_id: Id
    name: str
    path: str = Field(examples=["泸州市 · 江阳区 · 邻玉街道 · 团结村"])


class Me(Shape):
    id: Id
    name: str | None
    phone: str | None = Field(description="Whole: it is the caller's own")
    birth_year: int | None
    home: HomeShown | None
    home_choices: list[HomeShown] = Field(description="Not empty: the home was split; ask which of these it is now")
    visitor: bool = Field(description="No home community chosen yet")
    roles: list[MyRole]
