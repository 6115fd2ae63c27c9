"""The administrator's command that shuts people out, readmits them, and ends sessions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import accounts
from server.models import Person, Session, ShutOut
from tests.conftest import NOW
from tests.sides import sign_in

ROOT = Path(__file__).parents[1]


def act(*words: str):
    return accounts.act(accounts.read(words), now=NOW)


async def test_person_is_shut_out_and_readmitted_by_openid(city):
    await Person.filter(id=city.grandma.id).update(openid="openid-wang")
    whose = ("--openid", "openid-wang", "--reason", "账号被盗")

    await act("shut-out", *whose)
    assert (await Person.get(id=city.grandma.id)).disabled_at == NOW
    await act("readmit", *whose)

    assert (await Person.get(id=city.grandma.id)).disabled_at is None
    assert (await ShutOut.get()).readmitted_by_id is None


async def test_sessions_of_one_person_and_of_everybody_end(city):
    worker = city.staff["陈社工"].person_id
    for person in (city.grandma.id, worker, worker):
        await sign_in(person, NOW)

    assert "1 sessions" in await act("end-sessions", "--person", str(city.grandma.id), "--reason", "手机遗失")
    assert "2 sessions" in await act("end-sessions", "--everybody")
    assert not await Session.filter(revoked_at=None).exists()


@pytest.mark.parametrize(
    "words",
    [
        ["shut-out"],
        ["shut-out", "--person", "1"],
        ["shut-out", "--person", "1", "--reason", "…"],
        ["shut-out", "--everybody", "--reason", "演练"],
        ["end-sessions", "--person", "1", "--openid", "x", "--reason", "演练"],
        ["forgive", "--person", "1", "--reason", "演练"],
    ],
)
def test_conflicting_arguments_are_refused_before_any_change(words, capsys):
    with pytest.raises(SystemExit):
        accounts.read(words)

    assert "error:" in capsys.readouterr().err


async def test_command_reports_success_and_refusal(city, database):
    def command(*words):
        return subprocess.run(
            [sys.executable, "-m", "scripts.accounts", *words],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database},
            capture_output=True,
            text=True,
            check=False,
        )

    whose = ("--person", str(city.grandma.id), "--reason", "账号被盗")
    done, again, unknown = (
        command("shut-out", *whose),
        command("shut-out", *whose),
        command("readmit", "--openid", "x", *whose[2:]),
    )

    line = f"person {city.grandma.id} is shut out; their sessions and roles have ended\n"
    assert (done.returncode, done.stdout) == (0, line)
    assert (again.returncode, again.stderr.split(":")[0]) == (1, "refused, invalid_state")
    assert (unknown.returncode, unknown.stderr.split(":")[0]) == (1, "refused, not_found")
