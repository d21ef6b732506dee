import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.process import Process, Processes, members

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print('up', flush=True); time.sleep(60)"
)


def up(process: Process) -> bool:
    return "up" in process.stdout


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_awaited_and_stopped(run_process: Processes) -> None:
    process = run_process([sys.executable, "-c", SLEEPER], up)
    assert process.returncode is None
    assert process.stop() == -signal.SIGTERM
    assert not alive(process.pid)


def test_all_are_ended_at_the_end(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    started = [processes([sys.executable, "-c", SLEEPER], up) for _ in range(2)]
    processes.close()
    assert [process.returncode for process in started] == [-signal.SIGTERM] * 2


def test_the_environment_is_passed_and_the_exit_code_seen(run_process: Processes) -> None:
    process = run_process([sys.executable, "-c", "import os; exit(int(os.environ['CODE']))"], environment={"CODE": "7"})
    assert process.wait() == 7


def test_one_that_ends_before_it_is_up_is_told_with_its_last_words(run_process: Processes) -> None:
    with pytest.raises(AssertionError, match=r"ended with 1 first; stderr ends: .*no such room"):
        run_process([sys.executable, "-c", "raise SystemExit('no such room')"], up)


def test_one_that_is_never_up_is_told(run_process: Processes) -> None:
    with pytest.raises(AssertionError, match="in vain until its condition held"):
        run_process([sys.executable, "-c", SLEEPER], lambda _: False, timeout=0.05)


def test_one_that_will_not_end_is_killed_and_told(run_process: Processes) -> None:
    process = run_process([sys.executable, "-c", STUBBORN], up)
    with pytest.raises(AssertionError, match=r"did not end within 0\.1 s of SIGTERM"):
        process.stop(timeout=0.1)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="what is left behind is found through /proc")
def test_one_that_leaves_a_child_behind_is_told_and_the_child_is_ended(run_process: Processes) -> None:
    process = run_process([sys.executable, "-c", PARENT], up)
    assert len(members(process.pid)) == 2
    with pytest.raises(AssertionError, match="left processes behind"):
        process.stop(grace=0.1)
    assert members(process.pid) == []
