"""What is kept of one entity as a shadow's backend knows it, and of a sandbox. Pure words.

Law of this file: no id of the primary is here: an entity is found by a keyed token of it. The id that the sandbox gave
is kept as it is, since it must be sent again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Twin:
    """`token`: of the primary's system, the entity's name and the primary's id; `twin`, `twin_token`: the sandbox's id
    and a keyed token of it, None where there is none or it is not known; `gap`: why no later exchange on it can be
    compared; `finding`: after which difference the two sides go apart; `at`: Unix seconds of the last change.
    """

    backend: str
    token: str
    entity: str
    twin: str | None
    twin_token: str | None
    gap: str | None
    finding: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`stopped`: since when no write may go there, Unix seconds, and why; None: it is armed. `gap_at`: what was known
    of its entities before may lack a write.
    """

    backend: str
    stopped: float | None
    reason: str | None
    gap_at: float | None
