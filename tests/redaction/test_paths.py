"""The automaton of rule paths: which steps lead to a value that a rule names."""

import pytest

from proxy.redaction.paths import PathSet


def named(path: str, *steps: str | int) -> bool:
    paths = PathSet((path,))
    states = paths.start
    for step in steps:
        states = paths.step(states, step)
    return paths.accepts(states)


@pytest.mark.parametrize(
    ("path", "steps", "expected"),
    [
        ("$.card.number", ("card", "number"), True),
        ("$.card.number", ("card",), False),
        ("$.card.number", ("x", "card", "number"), False),
        ("$..card.number", ("x", 0, "card", "number"), True),
        ("$..cvc", ("cvc",), True),
        ("$..cvc", ("cvc", "value"), False),
        ("$.lines[*].iban", ("lines", 7, "iban"), True),
        ("$.lines[0]", ("lines", 0), True),
        ("$.lines[0]", ("lines", "0"), False),
        ("$['a b']", ("a b",), True),
        ("$.*", ("anything",), True),
        ("$", (), True),
    ],
)
def test_names(path: str, steps: tuple[str | int, ...], expected: bool) -> None:
    assert named(path, *steps) is expected


def test_needed_names() -> None:
    assert PathSet(("$..card.number", "$.lines[*]")).needed_names() == ("number", "lines")
    assert PathSet(("$..*",)).needed_names() is None
    assert PathSet(()).needed_names() == ()


def test_a_path_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="card"):
        PathSet(("$.card[",))


def test_the_memory_of_steps_is_bounded() -> None:
    paths = PathSet(("$..x",))
    for number in range(20_000):
        paths.step(paths.start, f"name{number}")
    paths.step(paths.start, "n" * 10_000)
    assert len(paths._memory) <= 4096
    assert all(len(str(key)) <= 128 for _, key in paths._memory)
