import pytest

from benchmarks.contestants.strangler import role


@pytest.mark.parametrize(
    ("command_line", "expected"),
    [
        ("/venv/bin/python -m proxy.runtime worker --index 0", "proxy"),
        ("/venv/bin/python -m proxy.runtime runner", "runner"),
        ("/venv/bin/python -m proxy.runtime control --admin 127.0.0.1:1", "control"),
        ("/venv/bin/python /venv/bin/strangler serve -c routes.yaml --workers 1", "supervisor"),
    ],
)
def test_only_a_worker_stands_between_the_client_and_its_answer(command_line: str, expected: str) -> None:
    assert role(command_line) == expected
