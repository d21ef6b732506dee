"""What no file of this project may hold, each ban with its reason.

Forbidden words are put together from parts here, so that this file does not break its own bans.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator

import pytest

from tests.support.files import ROOT, project_texts

MAX_LINES = 350

REGISTRIES = "|".join(
    re.escape(".".join(parts))
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("python", "org/simple"),
        ("npmjs", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("gcr", "io"),
        ("registry", "k8s", "io"),
    )
)

TEXT_BANS = {
    "registry host": (
        re.compile(REGISTRIES),
        "where packages come from is the machine's choice, not the project's; a host in a file breaks mirrors",
    ),
    "home folder": (
        re.compile(r"(?<![\w.])(/ho" + r"me/(?!app\b)[a-z_]|/Us" + r"ers/[A-Za-z]|/ro" + r"ot/|[A-Z]:\\+Us" + r"ers)"),
        "a path of one machine works on one machine, and tells who worked there",
    ),
    "working folder": (
        re.compile("/wo" + r"rk/(main|shared)\b"),
        "a path of one machine works on one machine; use one relative to the repository",
    ),
    "index option": (
        re.compile(r"--(extra-)?index" + "-url|--find" + "-links"),
        "packages come from the configured index alone, checked by hash; a second one invites a substitute",
    ),
}


def _imports_pickle(node: ast.AST) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return any(name.split(".")[0] in {"pickle", "cPickle", "marshal", "shelve", "dill"} for name in names)


def _loads_yaml_unsafely(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="yaml"), attr=attribute)):
            return attribute in {"load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all"}
    return False


def _starts_a_shell(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg="shell", value=value):
            return not (isinstance(value, ast.Constant) and value.value is False)
        case ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen"):
            return True
    return False


def _swallows_everything(node: ast.AST) -> bool:
    match node:
        case ast.ExceptHandler(type=None):
            return True
        case ast.ExceptHandler(type=ast.Name(id="Exception" | "BaseException"), body=[ast.Pass()]):
            return True
    return False


CODE_BANS: dict[str, tuple[Callable[[ast.AST], bool], str]] = {
    "pickle": (_imports_pickle, "unpickling runs what it reads; use msgspec"),
    "unsafe YAML": (_loads_yaml_unsafely, "builds any object that a file asks for; use the safe loader"),
    "shell": (_starts_a_shell, "a shell interprets what a name or a path holds; pass a list of arguments"),
    "swallowed error": (_swallows_everything, "hides our own mistakes, and cancellation; name the error"),
}


def text_findings(path: str, text: str, ban: str) -> Iterator[str]:
    pattern, reason = TEXT_BANS[ban]
    for number, line in enumerate(text.splitlines(), 1):
        if found := pattern.search(line):
            yield f"{path}:{number}: {found[0]!r}: {reason}"


def code_findings(path: str, text: str, ban: str) -> Iterator[str]:
    forbidden, reason = CODE_BANS[ban]
    for node in ast.walk(ast.parse(text, path)):
        if forbidden(node):
            yield f"{path}:{getattr(node, 'lineno', '?')}: {ban}: {reason}"


def too_long(path: str, text: str) -> bool:
    return path.startswith(("proxy/", "comparators/")) and path.endswith(".py") and len(text.splitlines()) > MAX_LINES


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    found = project_texts()
    assert any(path == "tests/test_house.py" for path, _ in found), "the search for files finds not even this one"
    return found


@pytest.mark.parametrize("ban", TEXT_BANS)
def test_no_file_holds(ban: str, texts: list[tuple[str, str]]) -> None:
    found = [finding for path, text in texts for finding in text_findings(path, text, ban)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("ban", CODE_BANS)
def test_no_module_holds(ban: str, texts: list[tuple[str, str]]) -> None:
    modules = [(path, text) for path, text in texts if path.endswith(".py")]
    found = [finding for path, text in modules for finding in code_findings(path, text, ban)]
    assert not found, "\n".join(found)


def test_no_source_file_is_longer_than_a_person_reads_at_once(texts: list[tuple[str, str]]) -> None:
    longer = [f"{path}: {len(text.splitlines())} lines" for path, text in texts if too_long(path, text)]
    assert longer == [], f"over {MAX_LINES} lines a file has more than one reason to exist; split it"


def entries(lock: str) -> dict[str, list[str]]:
    """The hashes of each pinned package, by its normalised name; ValueError for a requirement that is not pinned."""
    pinned: dict[str, list[str]] = {}
    for line in re.sub(r"\\\n", " ", lock).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name = re.match(r"([A-Za-z0-9._-]+)==[^\s;]+", line)
        if name is None:
            raise ValueError(f"not pinned: {line[:80]}")
        pinned[normalised(name[1])] = re.findall(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)", line)
    return pinned


def unhashed(pinned: dict[str, list[str]]) -> list[str]:
    return [name for name, hashes in pinned.items() if not hashes]


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def demanded() -> set[str]:
    """The packages that pyproject.toml asks for, to run, to demonstrate, to develop and to build."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [wanted for group in read["project"].get("optional-dependencies", {}).values() for wanted in group]
    every = [*read["project"]["dependencies"], *extras, *read["build-system"]["requires"]]
    return {normalised(re.split(r"[\s\[<>=!~;]", wanted, maxsplit=1)[0]) for wanted in every}


def test_the_lock_pins_every_package_with_hashes() -> None:
    pinned = entries((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert demanded() - pinned.keys() == set(), "pyproject.toml asks for what the lock does not pin; run `make lock`"
    assert unhashed(pinned) == [], "a pin without a hash can be replaced"


def test_the_locks_of_other_environments_have_hashes_too(texts: list[tuple[str, str]]) -> None:
    locks = {path: text for path, text in texts if "/locks/" in path and path.endswith((".txt", ".lock"))}
    assert {path: found for path, text in locks.items() if (found := unhashed(entries(text)))} == {}


@pytest.mark.parametrize(
    ("ban", "line"),
    [
        ("registry host", "index = https://py" + "pi.org/simple"),
        ("registry host", "FROM gh" + "cr.io/someone/image"),
        ("home folder", "cd /ho" + "me/someone/project"),
        ("home folder", "open('/ro" + "ot/.ssh/id')"),
        ("home folder", "C:\\Us" + "ers\\someone"),
        ("working folder", "cd /wo" + "rk/main"),
        ("index option", "pip install --index" + "-url http://127.0.0.1"),
    ],
)
def test_each_ban_on_text_finds_what_it_bans(ban: str, line: str) -> None:
    assert next(text_findings("file", f"fine\n{line}\n", ban)).startswith("file:2: ")
    assert list(text_findings("file", "fine: /v1/home/x, import that, ./root/file", ban)) == []


@pytest.mark.parametrize(
    ("ban", "code"),
    [
        ("pickle", "import pickle"),
        ("pickle", "from pickle import loads"),
        ("pickle", "def f():\n    import shelve"),
        ("unsafe YAML", "yaml.load(text)"),
        ("unsafe YAML", "yaml.unsafe_load(text)"),
        ("shell", "run('ls', shell=True)"),
        ("shell", "run('ls', shell=flag)"),
        ("shell", "os.system('ls')"),
        ("swallowed error", "try:\n    f()\nexcept:\n    pass"),
        ("swallowed error", "try:\n    f()\nexcept Exception:\n    pass"),
    ],
)
def test_each_ban_on_code_finds_what_it_bans(ban: str, code: str) -> None:
    assert len(list(code_findings("file.py", code, ban))) == 1


@pytest.mark.parametrize("ban", CODE_BANS)
def test_bans_on_code_leave_the_rest_alone(ban: str) -> None:
    fine = (
        "import json\nyaml.safe_load(t)\nrun(['ls'], shell=False)\ntry:\n    f()\nexcept OSError:\n    pass\n'pickle'"
    )
    assert list(code_findings("file.py", fine, ban)) == []


def test_the_length_of_a_file_is_counted() -> None:
    assert too_long("proxy/a.py", "x\n" * (MAX_LINES + 1))
    assert not too_long("proxy/a.py", "x\n" * MAX_LINES)
    assert not too_long("tests/test_a.py", "x\n" * (MAX_LINES + 1))


def test_the_lock_is_read_as_pip_reads_it() -> None:
    digest = "0" * 64
    lock = f"# note\nA.b==1 ; marker \\\n    --hash=sha256:{digest} \\\n    --hash=sha256:{digest}\n    # via c\nd==2\n"
    assert entries(lock) == {"a-b": [digest, digest], "d": []}
    with pytest.raises(ValueError, match="not pinned: e>=3"):
        entries("e>=3")
