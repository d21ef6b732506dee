import pytest
from jinja2 import UndefinedError

from proxy.cli.templating import FOLDER, filled


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        filled("report.xml", {})


def test_values_are_escaped_in_every_template() -> None:
    found = filled("report.xml", {}, suites=[], timestamp='"<&')
    assert "<&" not in found
    assert {path.name for path in FOLDER.iterdir()} == {"report.css", "report.html", "report.xml"}
