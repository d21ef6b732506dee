"""comparePolicies -> comparators.

Law of this file: a rule is what `comparators` says that it is; here it only gets its words from the file.
"""

import re
from collections.abc import Iterator
from typing import assert_never

from comparators import DecimalRule, IgnoreRule, PathError, Rule, TimestampRule, compile_policy
from comparators.paths import ALLOWED
from proxy.config.problems import Problem
from proxy.config.schema_policies import (
    ComparePolicySpec,
    DecimalSpec,
    IgnoreSpec,
    MoneySpec,
    PatternSpec,
    RuleSpec,
    SeveritySpec,
    TimestampSpec,
    TwinSpec,
    UnorderedSpec,
)
from proxy.config.values import TOKEN
from proxy.config.yaml_reader import Path
from proxy.redaction import RedactionRules
from proxy.routing.table import ComparePolicy

DEFAULT = "default"
_HEADER = "header:"


def default_policy() -> ComparePolicy:
    """The policy of routes that name none: JSON, the headers content-type and location, no rule."""
    return ComparePolicy(DEFAULT, compile_policy(), RedactionRules(json_paths=(), headers=()))


def compile_spec(spec: ComparePolicySpec) -> ComparePolicy:
    """A policy that `problems` had nothing to say about. Raises PathError otherwise."""
    policy = compile_policy(
        content_types=spec.content_types,
        headers=[name.lower() for name in spec.headers.include],
        rules=[rule for rule in map(_rule, spec.rules) if rule is not None],
    )
    return ComparePolicy(spec.name, policy, _redaction(spec.redact))


def _rule(spec: RuleSpec) -> Rule | None:
    match spec:
        case IgnoreSpec():
            return IgnoreRule(spec.path)
        case DecimalSpec():
            return DecimalRule(spec.path, spec.tolerance)
        case TimestampSpec():
            return TimestampRule(spec.path, spec.tolerance)
        case MoneySpec() | PatternSpec() | UnorderedSpec() | TwinSpec() | SeveritySpec():
            return None
        case _:
            assert_never(spec)


def _redaction(entries: list[str]) -> RedactionRules:
    headers = tuple(entry.removeprefix(_HEADER).lower() for entry in entries if entry.startswith(_HEADER))
    return RedactionRules(
        json_paths=tuple(entry for entry in entries if not entry.startswith(_HEADER)), headers=headers
    )


def problems(spec: ComparePolicySpec, path: Path) -> Iterator[Problem]:
    """What is wrong with the paths of one policy, each with the place of its rule."""
    found = [
        *(_path_problem(rule.path, (*path, "rules", place, "path")) for place, rule in enumerate(spec.rules)),
        *(_redact_problem(entry, (*path, "redact", place)) for place, entry in enumerate(spec.redact)),
    ]
    wrong = [problem for problem in found if problem is not None]
    yield from wrong or _whole_problem(spec, path)


def _path_problem(text: str, path: Path) -> Problem | None:
    try:
        compile_policy(rules=[IgnoreRule(text)])
    except PathError as error:
        return Problem(path, _path_message(error))
    return None


def _path_message(error: PathError) -> str:
    return f"{error.problem}, at character {error.offset + 1}; {ALLOWED}"


def _redact_problem(entry: str, path: Path) -> Problem | None:
    if not entry.startswith(_HEADER):
        return _path_problem(entry, path)
    is_name = re.fullmatch(TOKEN, entry.removeprefix(_HEADER))
    return None if is_name else Problem(path, "must name a header, like header:cookie")


def _whole_problem(spec: ComparePolicySpec, path: Path) -> Iterator[Problem]:
    try:
        compile_spec(spec)
    except PathError as error:
        yield Problem((*path, "rules"), _path_message(error))
