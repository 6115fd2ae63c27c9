import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pymysql
import pytest

from scripts import nginx, programs, services
from scripts.programs import Group
from tests.services import chosen_database, require_mariadb, require_nginx

ROOT = Path(__file__).parent.parent.parent

# A parent that starts one of each, says where they are and waits to be stopped.
PARENT = """
import sys
from pathlib import Path
from scripts.programs import Group
from scripts.services import free_port, mariadb, valkey

with Group() as group:
    folder, port = Path(sys.argv[1]), free_port()
    ports = [server.url.split(":")[2].split("/")[0] for server in (
        group.enter_context(valkey(folder / "valkey")), group.enter_context(mariadb(folder / "mariadb")))]
    group.start("files", [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)])
    print(*ports, port, flush=True)
    group.first_to_end()
print("all stopped")
"""


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def comes_true(happened) -> bool:
    """Whether it happens; after minutes the answer is no."""
    for _ in range(30_000):
        if happened():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def needs_mariadb() -> None:
    require_mariadb()


@pytest.fixture
def parent(needs_mariadb: None, tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, "-u", str(script), str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def ports_of(parent) -> list[int]:
    ports = [int(word) for word in parent.stdout.readline().split()]
    assert len(ports) == 3
    for port in ports:
        assert comes_true(lambda port=port: answers(port))
    return ports


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_when_asked_to_stop_everything_stops_in_good_order(parent, how: signal.Signals):
    ports = ports_of(parent)

    parent.send_signal(how)

    assert parent.stdout.read().endswith("all stopped\n")
    assert parent.wait() == 0
    assert not any(answers(port) for port in ports)


def test_a_parent_that_is_killed_leaves_nothing_running(parent):
    ports = ports_of(parent)

    parent.kill()

    assert comes_true(lambda: not any(answers(port) for port in ports))


def test_a_valkey_answers_until_it_is_stopped(tmp_path: Path):
    with services.valkey(tmp_path) as server:
        port = int(server.url.removesuffix("/0").rpartition(":")[2])
        assert answers(port)

        server.stop()
        assert not answers(port)
        assert server.process.returncode == 0


def test_a_frozen_server_can_be_stopped(tmp_path: Path):
    with services.valkey(tmp_path) as server:
        server.process.send_signal(signal.SIGSTOP)

    assert server.process.returncode == 0


def test_a_port_that_is_taken_is_not_mistaken_for_ours(tmp_path: Path):
    port = services.free_port()
    with (
        services.valkey(tmp_path / "first", port) as first,
        pytest.raises(services.NotStarted, match="Address already in use"),
        services.valkey(tmp_path / "second", port),
    ):
        pytest.fail("two servers on one port")
    assert first.url.endswith(f":{port}/0")


def test_a_free_port_that_somebody_took_meanwhile_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with services.valkey(tmp_path / "first") as first:
        taken = int(first.url.removesuffix("/0").rpartition(":")[2])
        ports = iter([taken, services.free_port()])
        monkeypatch.setattr(services, "free_port", lambda: next(ports))

        with services.valkey(tmp_path / "second") as second:
            assert second.url != first.url


def test_a_mariadb_speaks_every_character_and_is_durable_unless_told_otherwise(needs_mariadb: None, tmp_path: Path):
    asked = "SELECT '😀', @@character_set_server, @@innodb_flush_log_at_trx_commit"
    for settings, flush in [({}, 1), ({"innodb_flush_log_at_trx_commit": 2}, 2)]:
        with (
            services.mariadb(tmp_path, **settings) as server,
            pymysql.connect(host="127.0.0.1", port=server.port, user="root", charset="utf8mb4") as link,
            link.cursor() as cursor,
        ):
            cursor.execute(asked)
            assert cursor.fetchone() == ("😀", "utf8mb4", flush)


def test_a_mariadb_keeps_its_data_from_one_start_to_the_next(needs_mariadb: None, tmp_path: Path):
    with services.mariadb(tmp_path) as server:
        url = server.create_database("stations")
        assert url == f"mysql://root@127.0.0.1:{server.port}/stations"
        assert server.process.poll() is None
    assert server.process.returncode == 0, "it was shut down, not killed"

    with (
        services.mariadb(tmp_path) as server,
        pymysql.connect(host="127.0.0.1", port=server.port, user="root", database="stations") as link,
    ):
        assert link.open


def test_the_mariadb_of_the_session_has_empty_databases(mariadb: services.MariaDB, mariadb_url: str):
    assert mariadb.create_database("once").startswith(mariadb_url)
    with pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root", database="once") as link:
        link.cursor().execute("CREATE TABLE leftover (id INT)")

    mariadb.create_database("once")

    with pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root", database="once") as link:
        assert link.cursor().execute("SHOW TABLES") == 0


def test_the_first_program_to_end_is_named_with_its_status():
    with Group() as group:
        group.start("worker", [sys.executable, "-c", "import time; time.sleep(60)"])
        group.start(
            "app",
            [sys.executable, "-c", "import os; raise SystemExit(int(os.environ['STATUS']))"],
            STATUS="3",
        )

        assert group.first_to_end() == ("app", 3)


def test_program_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(programs, "STOP_SECONDS", 0.2)
    port = services.free_port()
    deaf = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"subprocess.run([sys.executable, '-m', 'http.server', '--bind', '127.0.0.1', '{port}'])"
    )
    with Group() as group:
        process = group.start("deaf", [sys.executable, "-c", deaf])
        assert comes_true(lambda: answers(port))

    assert process.returncode == -signal.SIGKILL
    assert comes_true(lambda: not answers(port))


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing installed but what a test puts into this folder."""
    monkeypatch.setattr(services, "SYSTEM_FOLDERS", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def test_where_mariadb_cannot_be_installed_that_is_said_loudly(bare_machine: Path, capsys: pytest.CaptureFixture[str]):
    assert services.install_mariadb() is False

    assert "NOT run" in capsys.readouterr().err


def test_mariadb_is_installed_without_a_question(bare_machine: Path, capsys: pytest.CaptureFixture[str]):
    apt_get = bare_machine / "apt-get"
    apt_get.write_text(
        '#!/bin/sh\n[ "$2" = update ] || for program in mariadbd mariadb-install-db mariadb-dump; do\n'
        f'echo "$DEBIAN_FRONTEND $*" > {bare_machine}/$program; /bin/chmod +x {bare_machine}/$program\ndone\n'
    )
    apt_get.chmod(0o755)

    assert services.install_mariadb() is True

    assert (bare_machine / "mariadbd").read_text().startswith("noninteractive -qq install --yes")
    assert "NOT run" not in capsys.readouterr().err


def test_output_of_failed_apt_is_shown(bare_machine: Path, capsys: pytest.CaptureFixture[str]):
    (bare_machine / "apt-get").write_text("#!/bin/sh\necho no such mirror >&2; exit 100\n")
    (bare_machine / "apt-get").chmod(0o755)

    assert services.install_mariadb() is False

    assert "no such mirror" in capsys.readouterr().err


def test_nginx_is_unpacked_and_not_installed(bare_machine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nginx, "UNPACKED", bare_machine / "unpacked")
    (bare_machine / "apt-get").write_text('#!/bin/sh\n[ "$2" = update ] || echo "$*" > nginx_1.deb\n')
    (bare_machine / "dpkg").write_text('#!/bin/sh\n/bin/mkdir -p "$3/usr/sbin"; /bin/cp "$2" "$3/usr/sbin/nginx"\n')
    for program in ("apt-get", "dpkg"):
        (bare_machine / program).chmod(0o755)

    assert nginx.install_nginx() is True

    assert Path(nginx.find_nginx() or "").read_text() == "-qq download nginx\n"


def test_where_nginx_cannot_be_had_its_tests_are_skipped_loudly(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(nginx, "UNPACKED", bare_machine / "unpacked")

    assert nginx.install_nginx() is False

    assert "What needs nginx is NOT run" in capsys.readouterr().err
    with pytest.raises(pytest.skip.Exception, match="nginx IS MISSING"):
        require_nginx()


def test_without_mariadb_its_tests_are_skipped_at_home_and_fail_in_ci(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="nothing was tested on it"):
        require_mariadb()

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nothing was tested on it"):
        require_mariadb()


def test_a_database_that_does_not_exist_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TEST_DATABASE", raising=False)
    assert chosen_database() == "sqlite"

    monkeypatch.setenv("TEST_DATABASE", "oracle")
    with pytest.raises(pytest.UsageError, match="oracle"):
        chosen_database()


def test_a_missing_mariadb_is_named(bare_machine: Path):
    with (
        pytest.raises(services.NotStarted, match="mariadb-install-db is missing"),
        services.mariadb(bare_machine),
    ):
        pytest.fail("nothing could start")
