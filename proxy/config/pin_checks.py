"""What is wrong with a pin beyond its schema: where its key and its scope are.

Law of this file: as checks.py.
"""

import re
from collections.abc import Iterator

from comparators.paths import PathError, parse_path
from proxy.config.problems import Problem
from proxy.config.schema_routes import PinSpec
from proxy.config.values import TOKEN
from proxy.config.yaml_reader import Path
from proxy.redaction.headers import SECRET_HEADERS

_KINDS = ("header", "query", "jwt")
_CREDENTIAL = "is a credential, which is another one in a retry: take a merchant's identity, like jwt:sub"


def problems(spec: PinSpec | None, path: Path) -> Iterator[Problem]:
    """`path`: of the pin."""
    if spec is None:
        return
    for place, text in enumerate(spec.key):
        yield from _key(text, (*path, "key", place))
    if spec.scope is not None and spec.scope != "none":
        yield from _scope(spec.scope, (*path, "scope"))


def _key(text: str, path: Path) -> Iterator[Problem]:
    kind, _, name = text.partition(":")
    if kind == "body":
        yield from _body(name, path)
    elif kind not in _KINDS:
        yield Problem(path, "a key is in header:X, body:$.a, query:x or jwt:claim")
    else:
        yield from _named(kind, name, path)


def _scope(text: str, path: Path) -> Iterator[Problem]:
    kind, _, name = text.partition(":")
    if kind == "header" and name.lower() in SECRET_HEADERS:
        yield Problem(path, f"{name} {_CREDENTIAL}")
    elif kind not in _KINDS:
        yield Problem(path, "a scope is a merchant's identity in jwt:sub, header:X or query:x; or none")
    else:
        yield from _named(kind, name, path)


def _named(kind: str, name: str, path: Path) -> Iterator[Problem]:
    if kind == "header" and not re.fullmatch(TOKEN, name):
        yield Problem(path, "must name a header, like header:Idempotency-Key")


def _body(text: str, path: Path) -> Iterator[Problem]:
    try:
        segments = parse_path(text)
    except PathError as error:
        yield Problem(path, f"{error.problem}, at character {error.offset + 1} of the path")
        return
    if not segments or any(segment.deep or segment.selector is None for segment in segments):
        yield Problem(path, "names the whole way to one field, like body:$.idempotency_key")
