"""What one comparison policy adds to the redaction that is always on.

Law of this file: a rule only ever removes more; nothing here can switch a default off.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """JSON paths such as `$..card.number` (names, indexes, `[*]` and `..` of RFC 9535), and names of headers."""

    json_paths: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
