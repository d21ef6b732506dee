"""Something wrong at a path of the document, before anybody has looked up its line.

Law of this file: a path is made of the names and indexes of the file, as its user wrote them.
"""

from dataclasses import dataclass

from proxy.config.errors import Severity
from proxy.config.yaml_reader import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """A message about a path. `at_key`: it is the key there that is wrong, not its value."""

    path: Path
    message: str
    severity: Severity = Severity.ERROR
    at_key: bool = False


def written(path: Path) -> str:
    """`spec.routes[0].stage`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
