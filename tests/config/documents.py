"""Small documents for the tests of this room."""

from collections.abc import Mapping

from proxy.config.errors import ConfigError
from proxy.config.load import inspect_text

BACKENDS = """
    - {name: old, url: "http://127.0.0.1:8001", effects: live}
    - {name: new, url: "http://127.0.0.1:8003", effects: live, healthCheck: {path: /up}}"""
ROUTE = "{name: all, stage: legacy, backendRefs: {legacy: old, candidate: new}}"


def document(*routes: str, backends: str = BACKENDS, spec: str = "") -> str:
    """A whole file; `routes` are flow mappings, one a line from line 8 on, `spec` is what comes after them."""
    listed = "\n".join(f"    - {route}" for route in routes or (ROUTE,))
    return f"""apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: t}}
spec:
  backends:{backends}
  routes:
{listed}
{spec}"""


def route(name: str, fields: str = "", stage: str = "legacy") -> str:
    """A route as a flow mapping."""
    more = f", {fields}" if fields else ""
    return f"{{name: {name}, stage: {stage}, backendRefs: {{legacy: old, candidate: new}}{more}}}"


def problems(text: str, environ: Mapping[str, str] | None = None) -> tuple[ConfigError, ...]:
    """Everything that is said about a text."""
    return inspect_text(text, "t.yaml", environ or {}).problems


def messages(text: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Path -> message, for a text whose problems all have paths of their own."""
    found = problems(text, environ)
    said = {problem.path: problem.message for problem in found}
    assert len(said) == len(found)
    return said
