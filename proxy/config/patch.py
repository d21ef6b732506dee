"""Two texts of one file -> a unified diff that `git apply` and `patch -p1` take.

Law of this file: lines end at \\n alone, as they do for those programs; whatever else is in a line, \\r too, goes
through as it is.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path

from proxy.config.edit_find import EditRefused

_NO_END = "\n\\ No newline at end of file\n"
_QUOTED = frozenset('"\\')


def unified(old: str, new: str, name: str) -> str:
    """The diff, empty if there is none. Raises EditRefused for a name that a patch cannot carry plainly."""
    if not name.isprintable() or _QUOTED & set(name):
        raise EditRefused("the file's path holds quotes or signs that are not printable: a patch cannot name it")
    end = "\t\n" if " " in name else "\n"
    lines = list(difflib.unified_diff([*_cut(old)], [*_cut(new)], n=3))
    body = "".join(line if line.endswith("\n") else line + _NO_END for line in lines[2:])
    return f"--- a/{name}{end}+++ b/{name}{end}{body}" if lines else ""


def name_in_patch(path: Path) -> str:
    """The file's path from the root of the git repository that it is in, else its name. `path` is absolute."""
    for folder in path.parents:
        if (folder / ".git").exists():
            return path.relative_to(folder).as_posix()
    return path.name


def _cut(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end
