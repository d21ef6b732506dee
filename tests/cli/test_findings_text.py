import io
from dataclasses import replace

from rich.console import Console

from proxy.cli.findings_text import print_findings
from proxy.evidence.findings import Decided, Decision, State
from proxy.store.answers import Example, FieldFinding, Finding
from tests.cli.reports import EVIL, cause
from tests.store.made import NOON


def text(field: FieldFinding, *examples: Example) -> str:
    file = io.StringIO()
    print_findings(Console(file=file, width=80, soft_wrap=True), [Finding("create", field, 100, examples, False)])
    return file.getvalue()


def test_a_regression_is_loud_and_says_whose_word_it_was() -> None:
    back = replace(cause(), state=State.REGRESSED, decided=Decided(Decision.FIX, NOON, "alice", "4.2"))
    found = text(back, Example("x7", "$.amount", '"10.00"', None))
    assert found.count("REGRESSED") == 2
    assert "by alice: 4.2" in found
    assert "(absent)" in found


def test_values_never_command_the_terminal() -> None:
    found = text(cause(EVIL), Example(EVIL, EVIL, EVIL, EVIL))
    assert "\x1b" not in found
    assert "\u202e" not in found
