"""Store URLs as users write them: `sqlite:///strangler.db` (relative), `sqlite:////var/lib/strangler.db` (absolute).

Law of this file: what is not supported yet is refused, never half understood.
"""

from pathlib import Path
from urllib.parse import unquote

from proxy.store.errors import StoreError

EXAMPLE = "sqlite:///strangler.db"


def sqlite_path(url: str) -> Path:
    """The file of a store URL. Raises StoreError."""
    scheme, sign, rest = url.partition("://")
    if not sign or not scheme:
        raise _refused(f"{url!r} is no store URL", f"write {EXAMPLE} for a file in the working folder")
    if scheme != "sqlite":
        raise _refused(f"a store at {scheme}:// is not supported yet", f"write {EXAMPLE} for a file")
    if not rest.startswith("/") or "?" in rest:
        raise _refused(f"{url!r} is no store URL", f"write {EXAMPLE}, three slashes and no options")
    path = unquote(rest[1:])
    if not path or path.endswith("/") or ":memory:" in path or "\0" in path:
        raise _refused(f"{url!r} names no file", f"several processes share the store, so name a file: {EXAMPLE}")
    return Path(path)


def _refused(what: str, remedy: str) -> StoreError:
    return StoreError(what, "the option --store or STRANGLER_STORE", remedy)
