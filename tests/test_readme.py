"""What the README, the lock files and the demonstration say is so."""

import os
import re
from pathlib import Path

from GeoToolCN import GeoTool
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from scripts.demo_network import NETWORK
from server.outside.borders import PackageBorders
from server.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COUNTIES = dict(
    zip(("江阳区", "纳溪区", "龙马潭区", "泸县", "合江县", "叙永县", "古蔺县"),
        ("510502", "510503", "510504", "510521", "510522", "510524", "510525"), strict=True)
)  # fmt: skip


def test_the_readme_tells_every_setting_its_default_and_its_meaning():
    told = [line for line in README.splitlines() if re.match(r"\| `[A-Z_]+` \|", line)]

    assert told == [row_of(name, field) for name, field in Settings.model_fields.items()]


def row_of(name: str, field: FieldInfo) -> str:
    hidden = isinstance(field.default, SecretStr) or field.default == ""
    default = "" if hidden else f"`{field.default}`"
    return f"| `{name.upper()}` | {default} | {field.description} |"


def test_every_script_the_readme_names_can_be_run():
    named = set(re.findall(r"\bscripts/(\w+)", README))

    assert {"dev", "test", "serve", "worker", "migrate"} <= named
    assert [name for name in sorted(named) if not os.access(ROOT / "scripts" / name, os.X_OK)] == []


def test_the_lock_files_name_no_host_and_no_folder():
    for lock in (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"):
        text = lock.read_text()
        assert text.count("--hash=sha256:") > text.count("==")
        assert not re.search(r"https?://|file:|/work/|/home/|/root/|--index|--find-links", text)


def test_every_station_of_the_demonstration_stands_in_its_county():
    borders = PackageBorders(GeoTool())

    for premises in NETWORK:
        place = premises.page(1)["place"]
        code = borders.county_code(gcj02=place.as_gcj02(), wgs84=place.as_wgs84())
        assert COUNTIES[premises.path[0]] == code, premises.name
