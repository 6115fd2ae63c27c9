"""Child programs that stop in order and never outlive this program."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 15
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

Command = Sequence[str | Path]


class Group(ExitStack):
    """A group of servers and programs, stopped in reverse order at the end, also by Ctrl-C or SIGTERM.

    Ctrl-C ends the `with` block quietly. A second Ctrl-C does not wait.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self.callback(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return super().__exit__(kind, error, trace) or kind is KeyboardInterrupt

    def start(self, name: str, command: Command, **environ: str) -> subprocess.Popen[bytes]:
        process = start(command, environ=environ)
        self.callback(stop, process)
        self._programs[name] = process
        return process

    def first_to_end(self) -> tuple[str, int]:
        """Wait until a program ends by itself: its name and exit status."""
        while True:
            for name, process in self._programs.items():
                status = process.poll()
                if status is not None:
                    return name, status
            time.sleep(0.1)


def start(
    command: Command, *, environ: Mapping[str, str] | None = None, log: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a program that the kernel kills when the calling thread ends, even by SIGKILL (on Linux).

    It has its own process group: Ctrl-C in the terminal reaches only its parent, which stops it in order.
    """
    with ExitStack() as files:
        output = files.enter_context(log.open("wb")) if log else None
        # Setting this up between fork and exec is unsafe where threads run, so this file does it and then
        # becomes the program.
        return subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environ or {})},
            process_group=0,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the program to end, and kill it and what it started when it has not after `STOP_SECONDS`."""
    if process.poll() is not None:
        return
    process.terminate()
    process.send_signal(signal.SIGCONT)  # a frozen one would not hear
    try:
        process.wait(STOP_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _become(parent: int, command: list[str]) -> None:
    """Turn into the program, bound to the parent's life."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    # The parent may have ended before the line above took effect.
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
