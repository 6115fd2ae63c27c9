"""Measure the ledger on a private MariaDB: beside the same statements sent bare, and beside django-hordak."""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvloop

from scripts.benchmarks import growth, orders, transfers
from scripts.benchmarks.measuring import Measured
from scripts.services import MariaDB, mariadb

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".data" / "bench-peers" / "bin" / "python"
FOUND = ROOT / ".data" / "bench.json"


def measure_transfers(server: MariaDB, count: int, hordak: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    heads = ("ours/s", "ceiling/s", "hordak/s", "CPU µs", "ceiling", "× CPU", "× hordak")
    print(f"\n{'':30}" + "".join(f"{head:>11}" for head in heads))
    for name, maker in transfers.KINDS.items():
        ours, ceiling = uvloop.run(transfers.both(server, maker, count))
        peer = hordak.get(name)
        found[name] = {"ours": asdict(ours), "ceiling": asdict(ceiling), "hordak": peer}
        rates = [ours.rate, ceiling.rate, peer and peer["rate"], ours.cpu_us, ceiling.cpu_us]
        print(f"{name:30}" + "".join(f"{one:11.0f}" if one else f"{'-':>11}" for one in rates), end="")
        print(f"{ours.cpu_us / ceiling.cpu_us:11.2f}{ours.rate / peer['rate'] if peer else 0:11.1f}", flush=True)
    return found


def measure_orders(server: MariaDB, count: int, folder: Path) -> dict[str, Any]:
    ours, ceiling = orders.both(server, count, folder)
    heads = ("a second", "p50 ms", "p99 ms", "CPU µs", "× CPU")
    print(f"\n{'an order, placed and handed over':34}" + "".join(f"{head:>10}" for head in heads))
    for name, one in {"ours, two requests": ours, "ceiling, one request": ceiling}.items():
        seen, times = one.seen, one.server_us / ceiling.server_us
        print(f"{name:34}{seen.rate:10.0f}{seen.p50_ms:10.1f}{seen.p99_ms:10.1f}{one.server_us:10.0f}{times:10.2f}")
    return {"ours": asdict(ours), "ceiling": asdict(ceiling)}


def measure_hordak(server: MariaDB, count: int) -> dict[str, Any]:
    """The same through django-hordak, by the Python that has it."""
    server.create_database("hordak")
    said = subprocess.run(
        [PEERS, Path(__file__).parent / "benchmarks" / "hordak_side.py", str(server.port), str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def measure_growth(server: MariaDB, entries: list[int], folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    readings: list[dict[str, Measured]] = []
    for number in entries:
        url = growth.fill(server, f"entries_{number}", number, folder)
        readings.append(uvloop.run(growth.read(url, number)))
        seconds, megabytes, said = growth.audited(url)
        print(f"\n{said}\n  audited in {seconds:.1f} s, at most {megabytes:.0f} MB", flush=True)
        found[str(number)] = {name: asdict(one) for name, one in readings[-1].items()}
        found[str(number)] |= {"audit_seconds": seconds, "audit_megabytes": megabytes}
    print(f"\n{'p50 in ms at entries':30}" + "".join(f"{number:>12,}" for number in entries) + f"{'×':>8}")
    for name in readings[0]:
        medians = [one[name].p50_ms for one in readings]
        print(f"{name:30}" + "".join(f"{one:12.2f}" for one in medians) + f"{medians[-1] / medians[0]:8.2f}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--transfers", type=int, default=4000, help="of each kind")
    parser.add_argument("--orders", type=int, default=400, help="placed and handed over")
    parser.add_argument("--alone", action="store_true", help="without django-hordak")
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 5_000_000], help="sizes of the ledger")
    arguments = parser.parse_args()
    machine = f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"
    found: dict[str, Any] = {"machine": machine}
    print(machine)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with mariadb(folder / "mariadb", innodb_buffer_pool_size="1G", local_infile=1) as server:
            hordak = {} if arguments.alone else measure_hordak(server, arguments.transfers // 4)
            found["transfers"] = measure_transfers(server, arguments.transfers, hordak)
            found["orders"] = measure_orders(server, arguments.orders, folder)
            found["growth"] = measure_growth(server, arguments.entries, folder)
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps(found, indent=2))
    print(f"\nwritten to {FOUND.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
