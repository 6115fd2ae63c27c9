"""The contract is true of the running server: thousands of requests made up from it, right and wrong ones.

`--all` makes up a hundred thousand.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.served import Served, write_world
from tests.scale import scaled

HERE = Path(__file__).parent
# Requests of chance for each operation, beside some fifty that follow from its declaration; the same ones each time.
EXAMPLES, SEED = scaled(1, full=400), 2026
PLACES = ("path", "query", "body")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)


@pytest.mark.timeout(7200)  # a hundred thousand take a quarter of an hour on a quiet machine
def test_every_answer_to_made_up_requests_is_as_the_contract_says(served: Served, tmp_path: Path):
    said = _schemathesis(served, tmp_path)

    found = said.stdout[said.stdout.find("= FAILURES") :]
    assert said.returncode == 0, f"{found[:8000]}\n{said.stderr[-2000:]}\n{served.log.read_text()[-3000:]}"


def _schemathesis(served: Served, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "schemathesis.toml").write_text(_settings(served.world["ids"]), encoding="utf-8")
    environ = {
        "CONTRACT_WORLD": str(write_world(served, folder / "world.json")),
        "PYTHONPATH": str(HERE.parents[1]),
    }
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", folder / "schemathesis.toml", "run", f"{served.url}/openapi.json"]
    return subprocess.run(command, cwd=folder, env=os.environ | environ, capture_output=True, text=True, check=False)


def _settings(ids: dict[str, list]) -> str:
    """Its configuration: what to check, how long, and ids of rows that are there for paths that name one."""
    lines = [
        f"seed = {SEED}",
        f'hooks = "{HERE.relative_to(HERE.parents[1]).as_posix().replace("/", ".")}.hooks"',
        "color = false",
        f"checks = {{ enabled = false, {', '.join(f'{check} = {{ enabled = true }}' for check in CHECKS)} }}",
        f'generation = {{ max-examples = {EXAMPLES}, no-shrink = true, database = "none" }}',
        "phases = { stateful = { enabled = false } }",
        *(f"dictionaries.{name} = {{ values = {json.dumps(values)} }}" for name, values in ids.items()),
        *(
            f'parameters."{place}.{name}" = {{ dictionary = "{name}", probability = 0.7 }}'
            for name in ids
            for place in PLACES
        ),
    ]
    return "\n".join(lines) + "\n"
