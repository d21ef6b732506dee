"""Diffs that `git apply` and `patch` take."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config.edit_find import EditRefused
from proxy.config.patch import name_in_patch, unified

TEXTS = [
    ("a\nb\nc\n", "a\nB\nc\n"),
    ("a\r\nb\r\nc", "a\r\nB\r\nc"),
    ("a\nb", "a\nx\nb"),
    ("only", "other"),
    ("a\x85\u2028b\r\nc\n", "a\x85\u2028b\r\nd\n"),
    ("".join(f"{n}\n" for n in range(40)), "".join(f"{n}\n" for n in range(40) if n not in (3, 30))),
]


@pytest.mark.parametrize(("old", "new"), TEXTS)
@pytest.mark.parametrize("name", ["routes.yaml", "two words.yaml", "deploy/é.yaml"])
def test_git_applies_it(tmp_path: Path, old: str, new: str, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(old.encode())
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True, timeout=30)
    assert name_in_patch(file) == name
    patch = unified(old, new, name).encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True, timeout=30)
    assert file.read_bytes() == new.encode()


@pytest.mark.skipif(shutil.which("patch") is None, reason="this machine has no patch")
@pytest.mark.parametrize("name", ["routes.yaml", "two words.yaml"])
def test_patch_applies_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a\nb")
    diff = unified("a\nb", "a\nx\nb", name).encode()
    subprocess.run(["patch", "-p1"], cwd=tmp_path, input=diff, check=True, timeout=30, stdout=subprocess.DEVNULL)
    assert (tmp_path / name).read_text() == "a\nx\nb"


def test_its_form() -> None:
    assert unified("a\n", "b\n", "t.yaml") == "--- a/t.yaml\n+++ b/t.yaml\n@@ -1 +1 @@\n-a\n+b\n"
    assert unified("a", "b\n", "t.yaml").endswith("-a\n\\ No newline at end of file\n+b\n")
    assert unified("a\n", "a\n", "t.yaml") == ""


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb"])
def test_a_name_that_a_patch_cannot_carry(name: str) -> None:
    with pytest.raises(EditRefused, match="a patch cannot name it"):
        unified("a", "b", name)


def test_outside_of_git_it_is_the_files_name(tmp_path: Path) -> None:
    assert name_in_patch(tmp_path / "deep" / "routes.yaml") == "routes.yaml"


@given(st.text(alphabet="a\n\r"), st.text(alphabet="a\n\r"))
def test_all_lines_of_the_new_text_are_in_it(old: str, new: str) -> None:
    patch = unified(old, new, "t")
    assert (patch == "") == (old == new)
    assert not patch or patch.endswith("\n")
