"""What the README, the lock files and the demonstration say is so."""

import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from GeoToolCN import GeoTool
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from scripts.demo_network import NETWORK
from server import db
from server.domain import ledger
from server.domain.ledger import MINUTES, keys
from server.models import TransferKind
from server.outside.borders import PackageBorders
from server.settings import Settings
from tests.conftest import NOW

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
    borders = PackageBorders(GeoTool)

    for premises in NETWORK:
        place = premises.page(1)["place"]
        code = borders.county_code(gcj02=place.as_gcj02(), wgs84=place.as_wgs84())
        assert COUNTIES[premises.path[0]] == code, premises.name


async def test_the_query_against_a_backup_finds_history_that_somebody_wrote_anew(empty_database, tmp_path):
    if not empty_database.startswith("sqlite"):
        pytest.skip("asked of two files of SQLite as if they were one database")
    was, went_on, rewritten = [
        await ledger_of(amounts, shutil.copy(db.file_of(empty_database), tmp_path / f"{len(amounts)}{amounts[0]}.db"))
        for amounts in ([60, 30], [60, 30, 15], [600, 30, 15])
    ]

    assert differing(was, went_on) == []
    assert differing(was, rewritten) == [("person:7", MINUTES), ("station:3:issuing", MINUTES)]


async def ledger_of(amounts: list[int], file: Path) -> Path:
    """A ledger that holds, by which the station issued so many minutes, one after the other."""
    async with db.connected(f"sqlite:///{file}", pool=2):
        for number, amount in enumerate(amounts):
            accounts = keys.issuing(3, MINUTES), keys.person(7, MINUTES)
            await ledger.post(ledger.Move(f"earned:{number}", TransferKind.SERVICE, amount, *accounts), now=NOW)
        assert (await ledger.audit()).holds
    return file


def differing(yesterday: Path, today: Path) -> list[tuple[str, str]]:
    """What the README's query finds."""
    query = README.partition("**What the hashes do not show:**")[2].partition("```sql\n")[2].partition("```")[0]
    with closing(sqlite3.connect(":memory:")) as link:
        for name, file in (("yesterday", yesterday), ("stations", today)):
            link.execute(f"ATTACH '{file}' AS {name}")
        return sorted(link.execute(query))
