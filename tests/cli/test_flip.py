"""The conversation of `strangler flip`."""

import asyncio
import getpass
import json
import resource
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proxy.cli import main
from proxy.config.load import load
from proxy.evidence.chain import Link
from proxy.messages import Stage
from proxy.store.audit import open_audit
from tests.cli.conftest import Run
from tests.config.documents import document, route

FIELDS = "canary: {weight: 5, hashOn: [client]}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text(document(route("pay", FIELDS, stage="shadow"), route("rest", "matches: [{path: {value: /r}}]")))
    return path


def flip(run: Run, file: Path, *arguments: str) -> Result:
    return run("flip", *arguments, "-c", str(file), *(() if "--reason" in arguments else ("--reason", "gate passed")))


@pytest.fixture
def made_store(run: Run, store_url: str) -> str:
    """A store that is there, as a server has made it."""
    assert run("db", "upgrade").exit_code == 0
    return store_url


def entries(url: str) -> list[Link | None]:
    async def read() -> list[Link | None]:
        async with open_audit(url) as log:
            return [link for _, link in await log.latest(10)]

    return asyncio.run(read())


def test_a_flip_edits_the_file_and_goes_into_the_audit_log(run: Run, file: Path, made_store: str) -> None:
    before = load(file)
    done = flip(run, file, "pay", "canary", "--weight", "10", "--by", "alice", "--ticket", "PAY-12")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "route pay: shadow -> canary 10" in done.stdout
    assert "writes: legacy old 100 % -> 90 %" in done.stdout
    after = load(file)
    assert (after.routes[0].stage, after.routes[1].stage) == (Stage.CANARY, Stage.LEGACY)
    assert "by alice at 20" in file.read_text()
    (entry,) = entries(made_store)
    assert entry is not None
    assert (entry.actor, entry.action, entry.subject, entry.reason, entry.ticket) == (
        "alice",
        "flip",
        "pay",
        "gate passed",
        "PAY-12",
    )
    assert (entry.before, entry.after) == (before.hash, after.hash)
    assert json.loads(entry.details) == {
        "kind": "route",
        "from": {"stage": "shadow", "weight": None},
        "to": {"stage": "canary", "weight": 10},
    }
    assert "audit entry 1" in done.stdout


def test_the_stage_may_be_an_option_and_who_flips_is_the_user(run: Run, file: Path) -> None:
    assert flip(run, file, "pay", "--to", "legacy").exit_code == 0
    assert load(file).routes[0].stage is Stage.LEGACY
    assert f" by {getpass.getuser()} at " in file.read_text()


def test_without_a_store_none_is_made_and_the_server_that_reads_the_file_keeps_the_log(
    run: Run, file: Path, tmp_path: Path
) -> None:
    done = flip(run, file, "pay", "legacy")
    assert done.exit_code == 0
    assert "the server that reads the file enters the flip in its audit log" in done.stderr
    assert load(file).routes[0].stage is Stage.LEGACY
    assert not list(tmp_path.glob("*.db"))


def test_no_change_says_so_and_writes_nothing(run: Run, file: Path, tmp_path: Path) -> None:
    text = file.read_bytes()
    done = flip(run, file, "pay", "shadow")
    assert (done.exit_code, done.stdout) == (0, "route pay is in stage shadow already; nothing was changed\n")
    assert file.read_bytes() == text
    assert not (tmp_path / "strangler.db").exists()
    patch = flip(run, file, "pay", "shadow", "--patch")
    assert (patch.exit_code, patch.stdout) == (0, "")
    assert "the patch is empty" in patch.stderr


def test_a_dry_run_shows_the_difference_and_changes_nothing(run: Run, file: Path, tmp_path: Path) -> None:
    text = file.read_bytes()
    done = flip(run, file, "pay", "candidate", "--dry-run")
    assert done.exit_code == 0
    assert "+++ b/routes.yaml\n" in done.stdout
    assert "DANGER weight-jump" in done.stdout
    assert done.stdout.endswith("was not changed\n")
    assert file.read_bytes() == text
    assert not (tmp_path / "strangler.db").exists()


def test_a_patch_is_taken_by_git_and_by_patch(run: Run, tmp_path: Path) -> None:
    for crlf in (False, True):
        deploy = tmp_path / f"repo-{crlf}" / "deploy"
        deploy.mkdir(parents=True)
        text = document(route("pay", FIELDS, stage="shadow")).rstrip("\n")
        old = (text.replace("\n", "\r\n") if crlf else text).encode()
        (deploy / "routes.yaml").write_bytes(old)
        subprocess.run(["git", "init", "-q", "."], cwd=deploy.parent, check=True, timeout=30)
        done = flip(run, deploy / "routes.yaml", "pay", "canary", "--weight", "7.5", "--patch")
        assert done.exit_code == 0
        assert (deploy / "routes.yaml").read_bytes() == old
        patch = done.stdout_bytes
        assert patch.startswith(b"--- a/deploy/routes.yaml\n+++ b/deploy/routes.yaml\n@@ ")
        subprocess.run(["git", "apply", "-"], input=patch, cwd=deploy.parent, check=True, timeout=30)
        new = (deploy / "routes.yaml").read_bytes()
        assert load(deploy / "routes.yaml").routes[0].stage is Stage.CANARY
        assert new.count(b"\r\n") == (old.count(b"\r\n") + 1 if crlf else 0)


@pytest.mark.usefixtures("made_store")
def test_for_programs(run: Run, file: Path) -> None:
    dry = json.loads(flip(run, file, "pay", "canary", "--weight", "10", "--dry-run", "--json").stdout)["flip"]
    assert (dry["applied"], dry["audit"], dry["after"]) == (False, None, {"stage": "canary", "weight": 10.0})
    assert dry["patch"].startswith("--- a/")
    patch = json.loads(flip(run, file, "pay", "canary", "--weight", "10", "--patch", "--json").stdout)["flip"]
    assert (patch["patch"] != "", patch["applied"]) == (True, False)
    real = json.loads(flip(run, file, "pay", "canary", "--weight", "10", "--json").stdout)["flip"]
    assert (real["applied"], real["audit"], real["tableAfter"]) == (True, 1, load(file).hash)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pay",), "say the stage: legacy, shadow"),
        (("pay", "legacy", "--to", "shadow"), "say one stage"),
        (("pay", "nowhere"), "nowhere"),
        (("pay", "canary"), "needs a weight"),
        (("pay", "canary", "--weight", "0"), "not above 0"),
        (("pay", "shadow", "--weight", "5"), "no effect in stage shadow"),
        (("nobody", "legacy"), "no route or group is called nobody"),
        (("pay", "legacy", "--reason", " "), "the reason is empty"),
        (("pay", "legacy", "--reason", "x" * 201), "say it shorter"),
        (("rest", "canary", "--weight", "5"), "would be invalid"),
    ],
)
def test_refusals(run: Run, file: Path, arguments: tuple[str, ...], words: str) -> None:
    text = file.read_bytes()
    done = flip(run, file, *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stdout == ""
    assert file.read_bytes() == text


def test_a_reason_is_compulsory(file: Path) -> None:
    done = CliRunner().invoke(main, ["flip", "pay", "legacy", "-c", str(file)])
    assert done.exit_code == 2
    assert "--reason" in done.stderr


def test_a_file_that_cannot_be_read_or_is_invalid(run: Run, file: Path, tmp_path: Path) -> None:
    missing = flip(run, tmp_path / "none.yaml", "pay", "legacy")
    assert (missing.exit_code, "cannot be read: No such file" in missing.stderr) == (2, True)
    file.write_bytes(b"\xff")
    assert "is not UTF-8: byte 0" in flip(run, file, "pay", "legacy").stderr
    file.write_text("kind: RouteTable\n")
    invalid = flip(run, file, "pay", "legacy")
    assert (invalid.exit_code, "apiVersion" in invalid.stderr) == (2, True)
    folder = flip(run, tmp_path, "pay", "legacy")
    assert (folder.exit_code, "not a regular file" in folder.stderr) == (2, True)


def test_a_store_that_cannot_be_written_is_a_warning(run: Run, file: Path, tmp_path: Path) -> None:
    (tmp_path / "strangler.db").mkdir()
    done = flip(run, file, "pay", "legacy")
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: the flip stands, but the audit log has no entry of it: ")
    assert load(file).routes[0].stage is Stage.LEGACY
    assert "audit entry" not in done.stdout
    again = json.loads(flip(run, file, "pay", "shadow", "--json").stdout)["flip"]
    assert again["warning"].startswith("the flip stands")


def test_a_disk_without_room_leaves_the_file_as_it_was(run: Run, file: Path) -> None:
    text, limits = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        done = flip(run, file, "pay", "legacy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == f"error: {file} cannot be written: File too large\n"
    assert file.read_bytes() == text
    assert [each.name for each in file.parent.iterdir()] == ["routes.yaml"]
