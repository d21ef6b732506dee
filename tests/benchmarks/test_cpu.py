import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks import cpu

BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"
WAIT = "print('done', flush=True)\nimport sys; sys.stdin.read()\n"
CHILD = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {code!r}], stdin=subprocess.PIPE)\n"


@contextmanager
def python(code: str) -> Iterator[int]:
    """A Python that runs `code` until it says `done`, and waits for the end of its input; yields its pid."""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        yield process.pid
        process.communicate()


def used(pid: int) -> int:
    return sum(cpu.by_role(pid, lambda _: "all").values())


def test_a_process_that_burnt_half_a_second_is_charged_half_a_second() -> None:
    with python(BURN.format(seconds=0.5) + WAIT) as pid:
        assert 490 <= used(pid) <= 620


def test_a_living_child_is_charged_to_the_family() -> None:
    with python(CHILD.format(code=BURN.format(seconds=0.3) + WAIT) + "sys.stdin.read(); child.communicate()\n") as pid:
        assert len(cpu.family(pid)) == 2
        assert 290 <= used(pid) <= 480


def test_a_child_that_has_ended_stays_charged() -> None:
    with python(CHILD.format(code=BURN.format(seconds=0.3)) + "child.communicate()\n" + WAIT) as pid:
        assert len(cpu.family(pid)) == 1
        assert 290 <= used(pid) <= 480


def test_roles_are_told_apart_by_the_command_line() -> None:
    parent = BURN.format(seconds=0.1) + CHILD.format(code=BURN.format(seconds=0.3) + WAIT)
    with python(parent + "sys.stdin.read(); child.communicate()\n") as pid:
        root = cpu.command_line(pid)
        by_role = cpu.by_role(pid, lambda line: "parent" if line == root else "child")
    assert by_role["child"] >= 290
    assert 90 <= by_role["parent"] < 290


def test_a_name_with_spaces_and_brackets_does_not_shift_the_fields() -> None:
    fields = "S 7 6 1 0 -1 4194304 0 0 0 0 11 22 33 44 20 0 1 0 100 0 0"
    assert cpu.parse_stat(f"42 (a) b (c) {fields}") == cpu.Stat(42, 7, 6, 33, 77)


def test_the_difference_of_two_readings_keeps_roles_that_came_and_went() -> None:
    assert cpu.spent({"a": 100, "b": 50}, {"a": 130, "c": 5}) == {"a": 30, "b": -50, "c": 5}


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pid = process.pid
    assert cpu.family(pid) == []
    assert cpu.command_line(pid) == ""
    assert used(pid) == pytest.approx(0)
