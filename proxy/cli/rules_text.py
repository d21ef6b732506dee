"""Suggested rules as YAML to paste, each with its evidence as a comment.

Law of this file: what came over the wire stands in double-quoted scalars, which JSON's escapes make safe, or in a
comment of one line.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proxy.cli import finding_words
from proxy.cli.words import count, pair, printable
from proxy.evidence.noise import Judgement
from proxy.evidence.suggestions import suggestion
from proxy.store.answers import Noise

_ROOM = 60


@dataclass(frozen=True, slots=True)
class Suggested:
    """One rule and what it rests on. `type` None: no rule can say it, `why` says what to do."""

    type: str | None
    path: str
    fields: tuple[tuple[str, str], ...]
    why: str
    noise: Noise


def suggested(noises: Sequence[Noise]) -> tuple[Suggested, ...]:
    """A rule for each cause that is judged noise."""
    return tuple(_suggested(noise) for noise in noises if noise.field.is_noise)


def _suggested(noise: Noise) -> Suggested:
    field = noise.field
    found = suggestion(field.pattern, field.kind, (*noise.pairs, (field.legacy, field.candidate)))
    return Suggested(found.type, field.pattern, found.fields, found.why, noise)


def yaml_text(route: str, noises: Sequence[Noise]) -> str:
    return "\n".join(_lines(route, noises))


def _lines(route: str, noises: Sequence[Noise]) -> Iterator[str]:
    rules = suggested(noises)
    unknown = [noise for noise in noises if noise.field.noise and noise.field.noise.judgement is Judgement.UNKNOWN]
    if not noises:
        yield f"# nothing was learned on {_comment(route)}: it has no noise control (shadow.noise), or no mismatch"
        return
    yield f"# learned on {_comment(route)}: {count(len(rules), 'rule')}, for `rules` of its compare policy"
    for rule in rules:
        yield from _rule(rule)
    for noise in unknown:
        yield f"# not suggested: {_comment(noise.field.pattern)}, {_evidence(noise)}"


def _rule(rule: Suggested) -> Iterator[str]:
    noise = rule.noise
    yield f"# {_evidence(noise)}; {_comment(rule.why)}"
    for legacy, second in noise.pairs[-1:]:
        ours, theirs = pair(legacy, second, _ROOM)
        yield f"# legacy {_comment(ours)} and, asked again, {_comment(theirs)}"
    if rule.type is not None:
        said = "".join(f", {name}: {json.dumps(value)}" for name, value in rule.fields)
        yield f"- {{path: {json.dumps(rule.path)}, type: {rule.type}{said}}}"


def _evidence(noise: Noise) -> str:
    field = noise.field
    words = finding_words.noise(field.noise) if field.noise is not None else "no pairs"
    return f"{finding_words.what(field)}: {words}; finding {finding_words.short(field.id)}"


def _comment(text: str) -> str:
    return printable(text).replace("\n", " ").replace("\t", " ")
