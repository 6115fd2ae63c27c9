"""The county of a place, where county borders are installed."""

import json

import pytest

from server.models import AreaCode
from tests import factories
from tests.factories.stations import TODAY

SQUARE = [[105.0, 28.0], [106.0, 28.0], [106.0, 29.5], [105.0, 29.5], [105.0, 28.0]]
COUNTY = {"properties": {"code": "510502"}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}


@pytest.fixture
def settings(settings, tmp_path):
    file = tmp_path / "counties.json"
    file.write_text(json.dumps({"coordinates": "gcj02", "features": [COUNTY]}))
    return settings.model_copy(update={"county_polygons": str(file)})


@pytest.fixture
async def city(app, clock) -> factories.City:
    """The small city, with the official code of 江阳区, behind the application."""
    made = await factories.city(clock.now())
    await AreaCode.create(area=made.areas["江阳区"], code_system="nbs", code="510502", valid_from=TODAY)
    return made


@pytest.mark.parametrize(
    ("longitude", "coordinates", "county"),
    [
        (105.44, "gcj02", "江阳区"),
        (105.44, "wgs84", "江阳区"),
        (104.44, "gcj02", None),
        # 105.999 lies inside as it is, and outside once it is shifted by the half kilometre it is off.
        (105.999, "gcj02", "江阳区"),
        (105.999, "wgs84", None),
    ],
)
async def test_place_is_in_the_county_whose_border_encloses_it(client, city, longitude, coordinates, county):
    point = {"longitude": longitude, "latitude": 28.88, "coordinates": coordinates}

    found = (await client.get("/api/v1/stations", params=point)).json()["county"]

    assert (found and found["name"]) == county
