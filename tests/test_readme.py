"""READMEs, deploy files, lock files and the demonstration agree with the code."""

import configparser
import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from GeoToolCN import GeoTool

from scripts import settings_table
from scripts.demo_network import NETWORK
from server.adapters.county_borders import PackageBorders
from server.database import db
from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys
from server.domain.policies import POLICIES
from server.models import TransferKind
from tests.conftest import NOW

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "scripts" / "deploy"
FOLDERS = ("miniprogram_contract", "scripts", "server", "tests")
READMES = [
    ROOT / "README.md",
    *(
        path
        for name in FOLDERS
        for path in sorted((ROOT / name).rglob("README.md"))
        if "node_modules" not in path.parts
    ),
]
COUNTIES = dict(
    zip(("江阳区", "纳溪区", "龙马潭区", "泸县", "合江县", "叙永县", "古蔺县"),
        ("510502", "510503", "510504", "510521", "510522", "510524", "510525"), strict=True)
)  # fmt: skip
# A path in backticks: with a slash inside, or with a file ending of this project.
PATH = re.compile(r"(?:\./)?[\w@-]+(?:[./][\w@.-]+)*/?")
OURS = {"py", "md", "json", "sql", "csv", "toml", "conf", "service", "timer", "env", "lock", "geojson"}
NOT_OURS = {"application/json", "multipart/form-data"}


def quoted(readme: Path) -> list[str]:
    """Return the words in backticks, outside of blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", readme.read_text(), flags=re.DOTALL))


def is_path(word: str) -> bool:
    if word in NOT_OURS or not PATH.fullmatch(word):
        return False
    return "/" in word or word.rpartition(".")[2] in OURS


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_a_readme_names_exists(readme):
    words = [word.removeprefix("./") for said in quoted(readme) for word in said.split() if is_path(word)]
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", readme.read_text())

    assert [path for path in [*words, *links] if not names_a_file(path, readme)] == []


def names_a_file(name: str, readme: Path) -> bool:
    """Return whether there is such a file beside the README or in the project; a bare name may be anywhere below."""
    below = readme.parent.rglob(name) if "/" not in name else ()
    return (readme.parent / name).exists() or (ROOT / name).exists() or any(below)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_heading_a_readme_links_to_exists(readme):
    missing = [
        f"{file}#{anchor}"
        for file, anchor in re.findall(r"\]\((?!https?://)([^)#\s]*)#([^)\s]+)\)", readme.read_text())
        if anchor not in anchors((readme.parent / file) if file else readme)
    ]

    assert missing == []


def anchors(readme: Path) -> set[str]:
    """Return the anchors of a README's headings, as GitHub creates them."""
    headings = re.findall(r"^#+ (.+)$", readme.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_operation_a_readme_names_is_in_the_contract():
    paths = json.loads((ROOT / "miniprogram_contract" / "openapi.json").read_text())["paths"]
    declared = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    named = {
        (method, path if path.startswith("/api/") else f"/api/v1{path}")
        for readme in READMES
        for method, path in re.findall(r"`(GET|POST|PUT|DELETE|PATCH) (/[^`\s]+)`", readme.read_text())
        if path != "/metrics"  # on a port of its own
    }

    assert named - declared == set()


def test_readme_of_the_domain_names_every_noun():
    domain = ROOT / "server" / "domain"
    nouns = {
        f"{path.name}/" if path.is_dir() else path.name for path in domain.iterdir() if not path.name.startswith("_")
    }

    assert nouns - set(quoted(domain / "README.md")) == {"README.md"}


def test_every_script_a_readme_names_can_be_run():
    named = {name for readme in READMES for name in re.findall(r"\./scripts/(\w+)", readme.read_text())}

    assert {"dev", "test", "serve", "worker", "migrate"} <= named
    assert [name for name in sorted(named) if not os.access(ROOT / "scripts" / name, os.X_OK)] == []


def test_administrators_manual_names_every_script():
    manual = (ROOT / "scripts" / "README.md").read_text()
    scripts = [path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix]

    assert [name for name in scripts if f"./scripts/{name}`" not in manual] == []


def test_table_of_settings_is_up_to_date():
    text = settings_table.README.read_text()

    assert text == settings_table.with_table(text)


def test_every_name_of_the_glossary_is_in_the_code():
    glossary = (ROOT / "miniprogram_contract" / "README.md").read_text().partition("## Glossary")[2]
    names = re.findall(r"\| `([\w.]+)` \|$", glossary, re.MULTILINE)
    code = "\n".join(
        path.read_text() for folder in ("server", "miniprogram_contract") for path in (ROOT / folder).rglob("*.py")
    )
    words = set(re.findall(r"\w+", code))

    assert len(names) > 50
    assert [name for name in names if not words.issuperset(name.split("."))] == []


def test_every_policy_a_readme_names_exists():
    named = {name for readme in READMES for name in re.findall(r"policy\s+`(\w+)`", readme.read_text())}

    assert named
    assert named - POLICIES.keys() == set()


def test_every_plan_rule_the_code_cites_is_explained():
    page = (ROOT / "server" / "domain" / "README.md").read_text().partition("## The plan's rules")[2]
    explained = {number for cell in re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE) for number in cell.split(", ")}
    cited = {
        number
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for said in re.findall(r"[Pp]lan rules? (\d+(?:(?:, | and )\d+)*)", path.read_text())
        for number in re.findall(r"\d+", said)
    }

    assert cited
    assert cited - explained == set()


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_every_systemd_unit_starts_an_existing_script(unit):
    parser = configparser.RawConfigParser(strict=False, delimiters="=")
    parser.optionxform = str
    parser.read(unit)

    scripts = re.findall(r"/srv/stations/(scripts/\w+)", parser["Service"]["ExecStart"])

    assert [os.access(ROOT / script, os.X_OK) for script in scripts] == [True]


def test_every_example_setting_exists():
    lines = (DEPLOY / "stations.env").read_text().splitlines()
    named = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]

    assert [name for name in named if name.lower() not in settings_table.Settings.model_fields] == []


def test_lock_files_name_no_host_and_no_folder():
    for lock in (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"):
        text = lock.read_text()
        assert text.count("--hash=sha256:") > text.count("==")
        assert not re.search(r"https?://|file:|/work/|/home/|/root/|--index|--find-links", text)


def test_every_demonstration_station_lies_in_its_county():
    borders = PackageBorders(GeoTool)

    for premises in NETWORK:
        place = premises.page(1)["place"]
        code = borders.county_code(gcj02=place.as_gcj02(), wgs84=place.as_wgs84())
        assert COUNTIES[premises.path[0]] == code, premises.name


async def test_comparison_with_a_backup_finds_rewritten_history(empty_database, tmp_path):
    if not empty_database.startswith("sqlite"):
        pytest.skip("asked of two files of SQLite as if they were one database")
    was, went_on, rewritten = [
        await ledger_of(
            amounts, shutil.copy(db.sqlite_file(empty_database), tmp_path / f"{len(amounts)}{amounts[0]}.db")
        )
        for amounts in ([60, 30], [60, 30, 15], [600, 30, 15])
    ]

    assert differing(was, went_on) == []
    assert differing(was, rewritten) == [("person:7", MINUTES), ("station:3:issuing", MINUTES)]


async def ledger_of(amounts: list[int], file: Path) -> Path:
    """A correct ledger in which the station issued these minutes, one after the other."""
    async with db.connected(f"sqlite:///{file}", pool=2):
        for number, amount in enumerate(amounts):
            accounts = account_keys.issuing(3, MINUTES), account_keys.person(7, MINUTES)
            await ledger.post(ledger.NewTransfer(f"earned:{number}", TransferKind.SERVICE, amount, *accounts), now=NOW)
        assert (await ledger.audit()).holds
    return file


def differing(yesterday: Path, today: Path) -> list[tuple[str, str]]:
    """Return what the administrator's query finds."""
    query = (DEPLOY / "compare_with_backup.sql").read_text()
    with closing(sqlite3.connect(":memory:")) as link:
        for name, file in (("yesterday", yesterday), ("stations", today)):
            link.execute(f"ATTACH '{file}' AS {name}")
        return sorted(link.execute(query))
