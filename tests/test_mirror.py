"""Tests mirror the source one to one: for proxy/routing/match.py there is tests/routing/test_match.py."""

from pathlib import Path, PurePosixPath

import pytest

from tests.support.files import ROOT, walked

META = {
    "tests/comparators/test_mutations.py": "the published payments bodies respelled and changed, for the whole library",
    "tests/comparators/test_oracle.py": "DeepDiff as an oracle, for the whole library",
    "tests/test_mirror.py": "this file: about the shape of the tests",
    "tests/test_house.py": "about the text of all files",
    "tests/http1/test_hostile.py": "tables of hostile messages, which concern the engine and the gateway together",
    "tests/http1/test_cuts.py": "the same tables, cut into segments",
    "tests/http1/test_fuzz.py": "any bytes at all, for all readers together",
}
"""Tests without a source, and why."""

ELSEWHERE = {
    "tests/end_to_end": "several processes at once; named after what users do",
    "tests/examples": "the demo's two servers; named after what they promise",
    "tests/benchmarks": "that benchmarks/ runs; its figures are no verdicts",
}
"""Folders of tests outside the mirror, and why."""

EXCEPTIONS = {
    "proxy/gateway/ports.py": "Protocols only: they hold no behaviour; the real ones are held to them by mypy",
}
"""Modules without a test of their own, and why."""

NAMES = {
    "__init__.py": "the map of a room, in prose",
    "__main__.py": "one call; what it calls is tested",
}
"""Names of modules that need no test of their own, and why."""


def modules(root: Path) -> set[str]:
    """Each module that asks for a test, relative to `root`. Migrations are tested together, by upgrading."""
    paths = (path.relative_to(root) for room in ("proxy", "comparators") for path in walked(root / room))
    return {
        path.as_posix()
        for path in paths
        if path.suffix == ".py" and path.name not in NAMES
        if "migrations" not in path.parts and path.as_posix() not in EXCEPTIONS
    }


def checks(root: Path) -> set[str]:
    """Each test that asks for a module, relative to `root`."""
    paths = (path.relative_to(root) for path in walked(root / "tests"))
    return {
        path.as_posix()
        for path in paths
        if path.name.startswith("test_") and path.suffix == ".py" and path.as_posix() not in META
        if not any(path.is_relative_to(folder) for folder in ELSEWHERE)
    }


def mirror_of(module: str) -> str:
    """proxy/a/b.py -> tests/a/test_b.py; comparators/b.py -> tests/comparators/test_b.py; tests/support as proxy."""
    path = PurePosixPath(module)
    folder = path.parent.relative_to(path.parts[0]) if path.parts[0] in ("proxy", "tests") else path.parent
    return str(PurePosixPath("tests", folder, f"test_{path.name}"))


def complaints(root: Path) -> list[str]:
    wanted, present = {mirror_of(module): module for module in modules(root)}, checks(root)
    helpers = {mirror_of(path.relative_to(root).as_posix()) for path in walked(root / "tests/support")}
    untested = [f"{wanted[test]} has no test: expected {test}" for test in sorted(wanted.keys() - present)]
    orphans = sorted(present - wanted.keys() - helpers)
    return untested + [f"{test} has no source: move, rename or delete it" for test in orphans]


def test_each_module_has_its_test_and_each_test_its_module() -> None:
    found = complaints(ROOT)
    assert not found, "\n".join(found)


def test_the_lists_of_exceptions_name_what_is_there() -> None:
    assert [path for path in (*META, *EXCEPTIONS) if not (ROOT / path).is_file()] == []
    assert [reason for reason in (META | ELSEWHERE | EXCEPTIONS | NAMES).values() if not reason] == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["proxy/routing/match.py", "tests/routing/test_match.py"], []),
        (["proxy/messages.py", "tests/test_messages.py"], []),
        (["comparators/json.py", "tests/comparators/test_json.py"], []),
        (["tests/support/process.py", "tests/support/test_process.py", "tests/support/wire.py"], []),
        (["tests/support/test_gone.py"], ["tests/support/test_gone.py has no source: move, rename or delete it"]),
        (["proxy/routing/__init__.py", "proxy/store/migrations/versions/0001.py"], []),
        (["tests/end_to_end/test_stripe.py", "tests/end_to_end/launcher.py", "tests/test_house.py"], []),
        (["proxy/routing/match.py"], ["proxy/routing/match.py has no test: expected tests/routing/test_match.py"]),
        (["comparators/json.py"], ["comparators/json.py has no test: expected tests/comparators/test_json.py"]),
        (["tests/routing/test_gone.py"], ["tests/routing/test_gone.py has no source: move, rename or delete it"]),
        (["tests/test_gone.py"], ["tests/test_gone.py has no source: move, rename or delete it"]),
    ],
)
def test_complaints(tmp_path: Path, files: list[str], expected: list[str]) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert complaints(tmp_path) == expected
