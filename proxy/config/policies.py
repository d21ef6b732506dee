"""comparePolicies -> comparators.

Law of this file: a rule is what `comparators` says that it is; here it only gets its words from the file.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import assert_never

from comparators import (
    DecimalRule,
    IgnoreRule,
    MoneyRule,
    PathError,
    PatternRule,
    Rule,
    Severity,
    SeverityRule,
    TimestampRule,
    TwinRule,
    Units,
    UnorderedRule,
    compile_policy,
)
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
    SideUnitsSpec,
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
        rules=[_rule(rule) for rule in spec.rules],
        cookies=spec.headers.cookies,
        families=spec.status.families,
    )
    return ComparePolicy(spec.name, policy, _redaction(spec.redact))


def _rule(spec: RuleSpec) -> Rule:
    match spec:
        case IgnoreSpec():
            return IgnoreRule(spec.path)
        case DecimalSpec():
            return DecimalRule(spec.path, spec.tolerance, spec.relative_tolerance, spec.minor_units, spec.currency)
        case MoneySpec():
            return _money(spec)
        case TimestampSpec():
            return TimestampRule(spec.path, spec.tolerance)
        case PatternSpec():
            return PatternRule(spec.path, spec.pattern)
        case UnorderedSpec():
            return UnorderedRule(spec.path, spec.key)
        case TwinSpec():
            return TwinRule(spec.path, spec.type)
        case SeveritySpec():
            return SeverityRule(spec.path, Severity(spec.severity))
        case _:
            assert_never(spec)


def _money(spec: MoneySpec) -> MoneyRule:
    sides = (
        spec.units if isinstance(spec.units, SideUnitsSpec) else SideUnitsSpec(legacy=spec.units, candidate=spec.units)
    )
    return MoneyRule(spec.path, spec.currency, spec.exponent, Units(sides.legacy), Units(sides.candidate))


def _redaction(entries: list[str]) -> RedactionRules:
    headers = tuple(entry.removeprefix(_HEADER).lower() for entry in entries if entry.startswith(_HEADER))
    return RedactionRules(
        json_paths=tuple(entry for entry in entries if not entry.startswith(_HEADER)), headers=headers
    )


def problems(spec: ComparePolicySpec, path: Path) -> Iterator[Problem]:
    """What is wrong with the paths of one policy, each with the place of its rule."""
    found = [
        *(_path_problem(rule.path, (*path, "rules", place, "path")) for place, rule in enumerate(spec.rules)),
        *(_field_problem(rule, (*path, "rules", place)) for place, rule in enumerate(spec.rules)),
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


def _field_problem(spec: RuleSpec, path: Path) -> Problem | None:
    """What is wrong with a rule besides its path: a sibling, key or expression that can't be read."""
    rule = replace(_rule(spec), path="$")
    try:
        compile_policy(rules=[rule])
    except PathError as error:
        field = next(part.name for part in fields(rule) if getattr(rule, part.name) == error.path)
        return Problem((*path, field), _path_message(error))
    except ValueError as error:
        return Problem((*path, "pattern"), str(error).removeprefix(f"{rule.name}: "))
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
