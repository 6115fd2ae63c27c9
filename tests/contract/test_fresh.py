"""The files of the contract are what the declarations say, and Redocly has nothing against them."""

import os
import shutil
import subprocess
import sys

import pytest

from scripts import contract


def test_the_files_are_fresh():
    assert contract.stale(contract.FOLDER) == [], "run scripts/contract"


def test_a_changed_or_missing_file_is_stale_until_it_is_written(tmp_path):
    assert contract.write(tmp_path) == ["openapi.json", "errors.json"]
    (tmp_path / "errors.json").write_text("{}", encoding="utf-8")
    (tmp_path / "openapi.json").unlink()

    assert contract.stale(tmp_path) == ["openapi.json", "errors.json"]
    assert contract.write(tmp_path) == ["openapi.json", "errors.json"]
    assert contract.stale(tmp_path) == []


def test_the_script_checks_without_writing():
    files = {name: (contract.FOLDER / name).stat().st_mtime_ns for name in contract.generated()}

    said = subprocess.run(
        [sys.executable, "-m", "scripts.contract", "--check"], capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stdout) == (0, "The contract is up to date.\n")
    assert files == {name: (contract.FOLDER / name).stat().st_mtime_ns for name in files}


def test_redocly_finds_nothing():
    if not shutil.which("npm"):
        missing = "npm IS MISSING: the contract was not linted. Install Node.js 20."
        pytest.fail(missing, pytrace=False) if os.environ.get("CI") == "true" else pytest.skip(missing)

    passed, said = contract.lint()

    assert passed, said
