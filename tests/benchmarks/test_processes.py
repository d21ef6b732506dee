import os
import signal
import sys
from pathlib import Path

import pytest

from benchmarks import cpu, processes

TREE = """
import signal, socket, subprocess, sys
child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.signal(15, signal.SIG_IGN); signal.pause()'])
server = socket.create_server(('127.0.0.1', int(sys.argv[1])))
signal.pause()
"""


def test_a_family_ends_with_its_block_though_a_child_ignores_sigterm(tmp_path: Path) -> None:
    port = processes.free_port()
    with processes.started("tree", [sys.executable, "-c", TREE, str(port)], tmp_path, [port]) as pid:
        members = [stat.pid for stat in cpu.family(pid)]
        assert len(members) == 2
    assert not any(map(alive, members))


def test_the_children_of_one_that_was_killed_end_too(tmp_path: Path) -> None:
    port = processes.free_port()
    with processes.started("tree", [sys.executable, "-c", TREE, str(port)], tmp_path, [port]) as pid:
        members = [stat.pid for stat in cpu.family(pid)]
        assert len(members) == 2
        os.kill(pid, signal.SIGKILL)
        while alive(pid):
            pass
    assert not any(map(alive, members))


def test_one_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    code = "import sys; sys.exit('no such thing')"
    broken = processes.started("broken", [sys.executable, "-c", code], tmp_path, [processes.free_port()])
    with pytest.raises(processes.StartError, match=r"broken ended with 1 \(port \d+\): no such thing"), broken:
        pass


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    return os.path.exists(f"/proc/{pid}") and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
