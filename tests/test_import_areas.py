"""The administrator's command shows the changes of a list and applies them only after a confirmation."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from server.models import Area, AreaEdition
from tests.factories.areas import LITTLE, changed, csv_of, imported, little

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(database, tmp_path):
    """Import a text as the administrator does, with `typed` as the typed answer."""

    def import_areas(
        csv: str | bytes, *more: str, typed: str = "", system: str = "nbs"
    ) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "list.csv"
        file.write_bytes(csv if isinstance(csv, bytes) else csv.encode("utf-8-sig"))
        command = [sys.executable, "-m", "scripts.import_areas", str(file), "--name", "名单", "--code-system", system]
        return subprocess.run(
            [*command, "--valid-from", "2026-03-01", *more],
            cwd=ROOT, env={**os.environ, "DATABASE_URL": database}, input=typed, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return import_areas


async def test_typed_yes_applies_the_shown_changes(run):
    made = await little()

    done = run(changed({"510502004201": "红星村村民委员会"}), typed="yes\n")

    assert done.returncode == 0, done.stderr
    assert "reading ... 12 rows" in done.stdout
    assert "1 renamed\n    510502004201 泸州市 · 江阳区 · 邻玉街道 · 红星村; was 团结村村民委员会" in done.stdout
    assert (await Area.get(id=made["510502004201"].id)).name == "红星村村民委员会"


@pytest.mark.parametrize("typed", ["", "no\n", "y\n"])
async def test_any_other_answer_changes_nothing(run, typed):
    done = run(csv_of(LITTLE), typed=typed)

    assert (done.returncode, done.stdout.splitlines()[-1].endswith("nothing was changed")) == (1, True)
    assert not await Area.exists()
    assert (await AreaEdition.get()).status == "discarded"


async def test_script_confirms_beforehand_and_reads_open_decisions(run):
    await little()
    merger = ["510502004209,团锋村村民委员会,,510502004201;510502004202,"]

    done = run(changed(without=["510502004201", "510502004202"], more=merger), "--apply", "--covers", "community")

    assert done.returncode == 0, done.stderr
    assert "先锋村; now 泸州市 · 江阳区 · 邻玉街道 · 团锋村" in done.stdout
    assert "covers community" in done.stdout


async def test_long_change_sets_are_cut_and_moves_say_from_where(run):
    await little()
    more = [f"5105020043{number},{number}村村民委员会,,," for number in range(10, 35)]
    moved = ["510502005201,团结村村民委员会,,,"]

    done = run(changed(without=["510502004201"], more=more + moved))

    assert "25 added" in done.stdout
    assert "... and 5 more" in done.stdout
    assert "had 510502004201; from 泸州市 · 江阳区 · 邻玉街道" in done.stdout


async def test_wrong_lines_are_named(run):
    done = run("code,name\n7,短\n")

    assert (done.returncode, done.stderr) == (
        1, "line 2: 代码“7”应为 2、4、6、9 或 12 位数字\nnothing was changed\n",
    )  # fmt: skip


async def test_refusal_is_printed_as_one_sentence(run):
    await imported(csv_of(LITTLE), day=date(2026, 3, 5))

    done = run(csv_of(LITTLE))

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("refused, edition_too_old: ")


@pytest.mark.parametrize("wrong", [["--code-system", "N B S"], ["--valid-from", "tomorrow"], ["--covers", "street"]])
async def test_wrong_arguments_are_named(run, wrong):
    done = run(csv_of(LITTLE), *wrong)

    assert done.returncode == 2
    assert wrong[0] in done.stderr


def test_missing_file_is_named():
    done = subprocess.run(
        [sys.executable, "-m", "scripts.import_areas", "nowhere.csv", "--name", "x", "--code-system", "nbs", "--valid-from", "2026-01-01"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "there is no file nowhere.csv" in done.stderr
