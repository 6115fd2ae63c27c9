"""Measure speed on a private MariaDB: compared with bare statements, with other libraries, and with growing data."""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvloop

from scripts.benchmarks import (
    activities,
    beside_peers,
    browsing,
    endpoints,
    growth,
    instance,
    load,
    many_needs,
    transfers,
    uploads,
)
from scripts.benchmarks.measuring import Measured
from scripts.services import MariaDB, mariadb

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".data" / "bench-peers" / "bin" / "python"
FOUND = ROOT / ".data" / "bench.json"
Reading = Callable[[MariaDB, int, Path], dict[str, Measured]]
Part = Callable[[argparse.Namespace, MariaDB, Path], dict[str, Any]]
HEADS_OF_A_RUSH = ("seconds", "p50 ms", "p99 ms", "slowest", "CPU µs", "sent away", "× slowest")


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


def measure_hordak(server: MariaDB, count: int) -> dict[str, Any]:
    """Measure the same with django-hordak, in its own Python environment."""
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
    print_medians("p50 in ms at entries", entries, readings)
    return found


def measure_rush(server: MariaDB, people: int, folder: Path) -> dict[str, Any]:
    seen = activities.both(server, people, folder)
    print(f"\n{f'{people:,} book one activity at once':34}" + "".join(f"{head:>10}" for head in HEADS_OF_A_RUSH))
    for name, one in {"ours": seen.ours, "ceiling": seen.ceiling}.items():
        told = one.waited
        figures = [told.p50_ms, told.p99_ms, told.slowest_ms, one.server_us, one.turned_away]
        times = told.slowest_ms / seen.ceiling.waited.slowest_ms
        print(f"{name:34}{one.seconds:10.2f}" + "".join(f"{each:10.0f}" for each in figures) + f"{times:10.2f}")
    line, cancelled = seen.line, seen.cancelled
    first = "the first numbers are theirs" if line.booked_are_first else "NOT the first numbers"
    print(f"  {line.booked} booked ({first}), {line.waiting:,} in line")
    print(f"  {line.gaps} numbers missing, {line.out_of_order} out of the order of arrival. {seen.invariants_report}")
    print(
        f"  {cancelled.offered} of {cancelled.count} seats were offered to the next when their cancelling was answered"
    )
    print(f"\n{'when it is full, ms':34}{'p50':>10}{'p99':>10}{'slowest':>10}")
    for name, waited in (seen.locked | {"a cancellation with its offer": cancelled.waited}).items():
        print(f"{name:34}{waited.p50_ms:10.1f}{waited.p99_ms:10.1f}{waited.slowest_ms:10.1f}", flush=True)
    return asdict(seen)


def measure_sizes(title: str, measured: Reading, server: MariaDB, sizes: list[int], folder: Path) -> dict[str, Any]:
    readings = [measured(server, size, folder) for size in sizes]
    print_medians(title, sizes, readings)
    return {
        str(size): {name: asdict(one) for name, one in each.items()} for size, each in zip(sizes, readings, strict=True)
    }


def measure_needs(server: MariaDB, sizes: list[int], folder: Path) -> dict[str, Any]:
    """All sizes beside each other, in turns: their ratio does not depend on how busy the machine is."""
    readings = many_needs.measured(server, sizes, folder)
    print_medians("p50 in ms at needs", sizes, readings)
    return {
        str(size): {name: asdict(one) for name, one in each.items()} for size, each in zip(sizes, readings, strict=True)
    }


def measure_uploads(server: MariaDB, folder: Path) -> dict[str, Any]:
    found = uploads.measured(server, folder)
    uploads.show(found)
    return asdict(found)


def measure_instance(server: MariaDB, folder: Path) -> dict[str, Any]:
    found = instance.measured(server, folder)
    instance.show(found)
    return asdict(found)


def print_medians(title: str, sizes: list[int], readings: list[dict[str, Measured]]) -> None:
    print(f"\n{title:34}" + "".join(f"{size:>12,}" for size in sizes) + f"{'×':>8}")
    for name in readings[0]:
        medians = [one[name].p50_ms for one in readings]
        print(
            f"{name:34}" + "".join(f"{one:12.2f}" for one in medians) + f"{medians[-1] / medians[0]:8.2f}", flush=True
        )


PARTS: dict[str, Part] = {
    "transfers": lambda told, server, _: measure_transfers(server, told.transfers, hordak_of(server, told)),
    "growth": lambda told, server, folder: measure_growth(server, told.entries, folder),
    "rush": lambda told, server, folder: measure_rush(server, told.people, folder),
    "needs": lambda told, server, folder: measure_needs(server, told.needs, folder),
    "browsing": lambda told, server, folder: measure_sizes(
        "p50 in ms at activities", browsing.measured, server, told.browsed, folder
    ),
    "endpoints": lambda told, server, folder: endpoints.measured(server, folder, told.only, told.times),
    "peers": lambda told, server, folder: beside_peers.measured(server, folder, PEERS, told.times),
    "load": lambda told, server, folder: load.measured(server, folder, told.seconds),
    "uploads": lambda _, server, folder: measure_uploads(server, folder),
    "instance": lambda _, server, folder: measure_instance(server, folder),
}


def hordak_of(server: MariaDB, told: argparse.Namespace) -> dict[str, Any]:
    return {} if told.alone else measure_hordak(server, told.transfers // 4)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; none: all")
    parser.add_argument("--transfers", type=int, default=4000, help="of each kind")
    parser.add_argument("--alone", action="store_true", help="without django-hordak")
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 5_000_000], help="sizes of the ledger")
    parser.add_argument("--people", type=int, default=5000, help="who book one activity at once")
    parser.add_argument("--needs", type=int, nargs="+", default=[10_000, 1_000_000], help="needs to work among")
    parser.add_argument("--browsed", type=int, nargs="+", default=[1000, 100_000], help="activities to browse among")
    parser.add_argument("--only", nargs="+", default=[], choices=endpoints.NAMES, help="these endpoints")
    parser.add_argument("--times", type=int, default=600, help="each endpoint or act is asked")
    parser.add_argument("--seconds", type=float, default=10, help="each rate of the load lasts")
    parser.add_argument("--statements", action="store_true", help="print what each endpoint sends, and measure nothing")
    told = parser.parse_args()
    if wrong := sorted(set(told.parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(PARTS)}")
    if told.only and not told.parts:
        told.parts = ["endpoints"]
    return told


def main() -> None:
    told = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with mariadb(folder / "mariadb", innodb_buffer_pool_size="1G", local_infile=1) as server:
            if told.statements:
                endpoints.print_statements(server, folder, told.only)
            else:
                measure(told, server, folder)


def measure(told: argparse.Namespace, server: MariaDB, folder: Path) -> None:
    machine = f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"
    print(f"{machine}; others keep {os.getloadavg()[0]:.1f} of them busy")
    for part in told.parts or PARTS:
        keep(part, PARTS[part](told, server, folder) | {"machine": machine})
    print(f"\nwritten to {FOUND.relative_to(ROOT)}")


def keep(part: str, found: dict[str, Any]) -> None:
    """Write down what a part found; other parts stay as they were measured."""
    kept = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps({one: kept[one] for one in PARTS if one in kept} | {part: found}, indent=2))


if __name__ == "__main__":
    main()
