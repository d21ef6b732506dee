from pathlib import Path

from tests.support.files import ROOT, project_files, project_texts, walked


def test_the_root_is_that_of_the_project() -> None:
    assert (ROOT / "pyproject.toml").is_file()


def test_the_projects_files_are_there_and_the_environments_are_not() -> None:
    files = project_files()
    assert ROOT / "proxy" / "messages.py" in files
    assert [path for path in files if ".venv" in path.relative_to(ROOT).parts] == []


def test_texts_are_named_from_the_root() -> None:
    assert "class System" in dict(project_texts())["proxy/messages.py"]


def test_a_walk_leaves_caches_out(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.py", ".venv/d.py", "b/__pycache__/e.py", "x.egg-info/f", ".mypy_cache/g"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(walked(tmp_path)) == [tmp_path / "a.py", tmp_path / "b" / "c.py"]
