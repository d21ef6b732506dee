"""Errors as lines that editors and people can follow."""

from proxy.config.errors import ConfigError, ConfigErrors, Severity, printable


def test_an_error_is_one_line_with_its_place() -> None:
    error = ConfigError("routes.yaml", 12, 9, "spec.routes[0].stage", "is wrong")
    assert str(error) == "routes.yaml:12:9: error: spec.routes[0].stage: is wrong"


def test_a_problem_of_the_whole_file_has_no_path() -> None:
    assert str(ConfigError("r", 1, 1, "", "is empty", Severity.WARNING)) == "r:1:1: warning: is empty"


def test_all_errors_are_told_at_once() -> None:
    errors = tuple(ConfigError("r", line, 1, "a", "b") for line in (1, 2))
    raised = ConfigErrors(errors)
    assert raised.errors == errors
    assert str(raised).splitlines() == ["r:1:1: error: a: b", "r:2:1: error: a: b"]


def test_what_a_terminal_would_obey_is_shown_as_a_sign() -> None:
    assert printable("a\x1b[2Jé\n") == "a�[2Jé�"
