"""Real processes for tests: started in a session of their own, awaited, ended by pid, and seen to have ended.

Law of this file: what a test starts is gone when it ends, with all that it started itself; what is left behind is ended
here and fails the test.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.files import ROOT
from tests.support.polling import wait_until

_PROC = Path("/proc")


class Process:
    """A running process; `stdout` and `stderr` grow in files, so that it never waits for a reader."""

    def __init__(
        self, arguments: Sequence[str | Path], folder: Path, environment: Mapping[str, str], cwd: Path
    ) -> None:
        folder.mkdir(parents=True)
        self._command = " ".join(map(str, arguments))
        self._stdout, self._stderr = folder / "stdout", folder / "stderr"
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self._popen = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=cwd,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; -N if signal N ended it."""
        return self._popen.poll()

    @property
    def stdout(self) -> str:
        return self._stdout.read_text(encoding="utf-8", errors="replace")

    @property
    def stderr(self) -> str:
        return self._stderr.read_text(encoding="utf-8", errors="replace")

    def wait_until(self, condition: Callable[["Process"], bool], timeout: float = 10.0) -> None:
        """Waits for `condition`; AssertionError with the end of stderr if the process ends first, or time runs out."""
        try:
            wait_until(lambda: condition(self) or self.returncode is not None, "its condition held", timeout)
            assert condition(self), f"it ended with {self.returncode} first"
        except AssertionError as error:
            raise AssertionError(f"{self._command}: {error}; stderr ends: {self.stderr[-2000:]}") from None

    def wait(self, timeout: float = 10.0) -> int:
        """Its exit code, once it has ended by itself."""
        wait_until(lambda: self.returncode is not None, f"process {self.pid} ended", timeout)
        return self._popen.wait()

    def signal(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def stop(self, timeout: float = 10.0, grace: float = 3.0) -> int:
        """SIGTERM; its exit code. AssertionError if it had to be killed, or its children outlive it by `grace` s."""
        self._popen.terminate()
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._popen.wait()
            raise AssertionError(f"process {self.pid} did not end within {timeout:g} s of SIGTERM") from None
        self._assert_nothing_left(grace)
        return code

    def _assert_nothing_left(self, grace: float) -> None:
        try:
            wait_until(lambda: not members(self.pid), "its children ended", grace)
        except AssertionError:
            left = members(self.pid)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not members(self.pid), f"the processes {left} ended after SIGKILL")
            raise AssertionError(f"process {self.pid} left processes behind: {left}") from None


def members(group: int) -> list[int]:
    """The living processes of a process group; [] where there is no /proc to ask."""
    return [int(entry.name) for entry in _PROC.glob("[0-9]*") if _group(entry) == group]


def _group(entry: Path) -> int | None:
    """The process group of a /proc entry; None for one that has ended, waited for or not."""
    try:
        state, _, group, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else int(group)


class Processes:
    """What the fixture `run_process` gives: call it to start one; `close` ends all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []

    def __call__(
        self,
        arguments: Sequence[str | Path],
        until: Callable[[Process], bool] | None = None,
        *,
        timeout: float = 10.0,
        environment: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Process:
        """Starts a process and waits until `until` holds."""
        process = Process(arguments, self._folder / f"process-{len(self._started)}", environment or {}, cwd)
        self._started.append(process)
        if until is not None:
            process.wait_until(until, timeout)
        return process

    def close(self) -> None:
        """Ends what still runs, last first; AssertionError naming what would not end or left something behind."""
        complaints = [complaint for process in reversed(self._started) if (complaint := _complaint(process))]
        assert not complaints, "; ".join(complaints)


def _complaint(process: Process) -> str | None:
    try:
        process.stop()
    except AssertionError as error:
        return str(error)
    return None
