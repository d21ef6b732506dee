"""The configuration of one `strangler serve`: the file, the overrides, and the table that both make.

Law of this file: the table in force is always a good one. A file that is not is told about and changes nothing; one
that is becomes the last good one, on disk, before anybody is told of it. No process is known here.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from proxy.config.errors import ConfigErrors
from proxy.config.load import Inspection, inspect, inspect_text
from proxy.config.yaml_reader import MAX_BYTES
from proxy.messages import CANDIDATE_ANSWERS
from proxy.routing.override import Override, objection, overridden
from proxy.routing.packed import packed
from proxy.routing.table import Route, RouteTable
from proxy.runtime.keeping import Kept

_log = logging.getLogger(__name__)


class Configuration:
    """`base`: the table of the last good file; `text`: what it holds; `document`: that table as children are told it;
    `table`: with the overrides; `fault`: what is wrong with the file now.

    `clock`: Unix seconds. Raises ConfigErrors if neither the file nor a last good one can be used.
    """

    def __init__(self, file: Path, kept: Kept, clock: Callable[[], float] = time.time) -> None:
        self.file, self.kept, self._clock = file, kept, clock
        self.fault: str | None = None
        self.loaded_at = datetime.now(UTC)
        self.overrides = tuple(each for each in kept.overrides() if each.ends > clock())
        found = inspect(file, warn=False)
        if found.table is not None:
            self._begin(found, found.table)
        else:
            self._begin(*self._or_last_good(found))
            self.fault = str(found.errors[0])
            _log.error("%s cannot be used, payments are carried by the last good table: %s", file, self.fault)
        self.table = overridden(self.base, self.overrides)

    def keep(self) -> None:
        """Keep the file's text as the last good one. What cannot be kept is said."""
        try:
            self.kept.keep_text(self.text)
        except OSError as fault:
            _log.error("the last good table cannot be kept at %s: %s", self.kept.table_file, fault.strerror or fault)

    def is_current(self) -> bool:
        """Whether the file is well and holds the text in force. May be called in a thread."""
        if self.fault is not None:
            return False
        try:
            with self.file.open("rb") as file:
                return file.read(MAX_BYTES + 1) == self.text.encode()
        except OSError:
            return False

    def look(self) -> Inspection:
        """The file as it is now, and all that is wrong with it. Takes time; may be called in a thread."""
        return inspect(self.file, warn=False)

    def take(self, found: Inspection, objection: str | None = None) -> bool:
        """Take what `look` found. False: it is no table, or there is an objection, and the one before stays in force.
        ConfigErrors is not raised: `fault` says what is wrong.
        """
        if found.table is None:
            self.fault = str(found.errors[0])
            return False
        if found.table.listeners != self.base.listeners:
            self.fault = "spec.listeners changed: that takes a restart; until then nothing of the file is taken"
            return False
        self.fault = objection
        if objection is not None:
            return False
        self._begin(found, found.table)
        self.loaded_at = datetime.now(UTC)
        self.keep()
        self.table = overridden(self.base, self.overrides)
        return True

    def fall_back(self, objection: str) -> None:
        """Begin with the last good table, since there is an objection to the file; nothing if there is none."""
        kept = self.last_good()
        if kept is not None and kept.table is not None:
            self._begin(kept, kept.table)
            self.fault = objection
            self.table = overridden(self.base, self.overrides)

    def put(self, override: Override) -> str | None:
        """Put an override in force, in place of one of the same subject; or say why it cannot be. OSError: it cannot be
        kept on disk, and is not in force.
        """
        reason = objection(self.base, override)
        if reason is None:
            others = (each for each in self.overrides if each.subject != override.subject)
            self._set((*others, override))
        return reason

    def clear(self, subject: str | None) -> Override | None:
        """End the override of this subject (None: that of all routes) now; it, or None if there is none. OSError."""
        found = next((each for each in self.overrides if each.subject == subject), None)
        if found is not None:
            self._set(tuple(each for each in self.overrides if each is not found))
        return found

    def ended(self) -> tuple[Override, ...]:
        """The overrides whose time is over."""
        now = self._clock()
        return tuple(each for each in self.overrides if each.ends <= now)

    def returned(self, override: Override) -> tuple[str, ...]:
        """The routes of which requests would go to the candidate again once this override has ended, and do not now."""
        after = overridden(self.base, (each for each in self.overrides if each is not override))
        now = {route.name for route in self.table.routes if _asks_candidate(route)}
        return tuple(route.name for route in after.routes if _asks_candidate(route) and route.name not in now)

    def prolong(self, override: Override, seconds: float) -> None:
        """Let an override that should end go on. OSError."""
        longer = replace(override, ends=self._clock() + seconds)
        self._set(tuple(longer if each is override else each for each in self.overrides))

    def _set(self, overrides: tuple[Override, ...]) -> None:
        self.kept.keep_overrides(overrides)
        self.overrides = overrides
        self.table = overridden(self.base, overrides)

    def _begin(self, found: Inspection, table: RouteTable) -> None:
        self.text, self.document, self.base = found.source, packed(table), table

    def _or_last_good(self, found: Inspection) -> tuple[Inspection, RouteTable]:
        kept = self.last_good()
        if kept is None or kept.table is None:
            raise ConfigErrors(found.errors)
        return kept, kept.table

    def last_good(self) -> Inspection | None:
        """What was in force before, as it was kept; None if nothing was."""
        text = self.kept.text()
        return None if text is None else inspect_text(text, str(self.kept.table_file), os.environ, warn=False)


def _asks_candidate(route: Route) -> bool:
    """Whether some of its requests are answered by the candidate."""
    return route.stage in CANDIDATE_ANSWERS
