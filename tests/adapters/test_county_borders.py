"""County borders from a file or an installed package."""

import json
import sys
import types
from dataclasses import dataclass

import pytest

from server.adapters.county_borders import NoBorders, county_borders

SQUARE = [[105.0, 28.0], [106.0, 28.0], [106.0, 29.0], [105.0, 29.0], [105.0, 28.0]]
HOLE = [[105.4, 28.4], [105.6, 28.4], [105.6, 28.6], [105.4, 28.6], [105.4, 28.4]]
ISLAND = [[107.0, 28.0], [107.2, 28.0], [107.2, 28.2], [107.0, 28.0]]


def feature(rings, kind="Polygon", **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": rings}}


@pytest.fixture
def drawn(tmp_path):
    """Write borders into a file: `drawn([feature, …], coordinates="wgs84")` gives them read again."""

    def write(features, **members):
        file = tmp_path / "counties.json"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members), "utf-8")
        return county_borders(str(file))

    return write


def at(found, *point):
    return found.county_code(gcj02=point, wgs84=point)


def test_a_point_lies_in_the_county_around_it_and_in_none_outside(drawn):
    found = drawn([feature([SQUARE], code="510502")], coordinates="gcj02")

    assert at(found, 105.1, 28.1) == "510502"
    assert at(found, 104.9, 28.1) is None
    assert at(found, 105.1, 29.1) is None


def test_a_hole_belongs_to_the_county_that_fills_it(drawn):
    found = drawn([feature([SQUARE, HOLE], code="510502"), feature([HOLE], code="510503")], coordinates="gcj02")

    assert at(found, 105.5, 28.5) == "510503"
    assert at(found, 105.39, 28.5) == "510502"


def test_a_county_may_have_several_parts(drawn):
    found = drawn([feature([[SQUARE], [ISLAND]], "MultiPolygon", adcode=510502)], coordinates="wgs84")

    assert at(found, 107.1, 28.05) == "510502"
    assert at(found, 107.05, 28.15) is None


def test_a_code_with_the_countrys_number_before_it_is_the_same(drawn):
    assert at(drawn([feature([SQUARE], gb="156510502")], coordinates="wgs84"), 105.5, 28.5) == "510502"


@pytest.mark.parametrize(("system", "code"), [("gcj02", "510502"), ("wgs84", None)])
def test_borders_are_compared_in_the_system_they_are_drawn_in(drawn, system, code):
    found = drawn([feature([SQUARE], code="510502")], coordinates=system)

    assert found.county_code(gcj02=(105.001, 28.5), wgs84=(104.999, 28.5)) == code


@pytest.mark.parametrize("members", [{}, {"coordinates": "bd09"}])
def test_borders_that_do_not_say_their_system_are_refused(drawn, members):
    with pytest.raises(ValueError, match="gcj02 or wgs84"):
        drawn([feature([SQUARE], code="510502")], **members)


@pytest.mark.parametrize(
    "wrong", [feature([SQUARE]), feature([SQUARE], code="51"), feature([105.0, 28.0], "Point", code="510502")]
)
def test_features_that_are_no_counties_are_refused(drawn, wrong):
    with pytest.raises(ValueError, match="polygon and its county's code"):
        drawn([wrong], coordinates="wgs84")


def test_without_file_and_package_no_point_has_a_county(monkeypatch):
    monkeypatch.setitem(sys.modules, "GeoToolCN", None)

    found = county_borders("")

    assert isinstance(found, NoBorders)
    assert at(found, 105.5, 28.5) is None


@dataclass
class District:
    code: str


def test_an_installed_package_is_asked_in_its_own_system(monkeypatch):
    """A stand-in with the package's interface: latitude first, wgs84."""

    class Tool:
        def reverse(self, latitude, longitude):
            inside = (latitude, longitude) == (28.5, 105.5)
            return types.SimpleNamespace(district=District("510502") if inside else None)

    package = types.ModuleType("GeoToolCN")
    package.GeoTool = Tool
    monkeypatch.setitem(sys.modules, "GeoToolCN", package)

    found = county_borders("")

    assert found.county_code(gcj02=(0.0, 0.0), wgs84=(105.5, 28.5)) == "510502"
    assert found.county_code(gcj02=(105.5, 28.5), wgs84=(0.0, 0.0)) is None
