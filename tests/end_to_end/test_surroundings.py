"""What lies where `strangler serve` is started is not what it runs."""

import sys
from pathlib import Path

from tests.end_to_end.deployment import ROUTES, origin, talk
from tests.support.files import ROOT
from tests.support.ports import free_port
from tests.support.process import Processes

PLANTED = "import pathlib\npathlib.Path(__file__).with_name('hijacked').touch()\nraise SystemExit('hijacked')\n"


def test_a_module_in_the_working_folder_is_run_by_no_process(run_process: Processes, tmp_path: Path) -> None:
    folder = tmp_path / "started-here"
    (folder / "store").mkdir(parents=True)
    for name in ("msgspec", "uvloop", "json"):
        (folder / f"{name}.py").write_text(PLANTED)
    backend, port, admin = origin(run_process), free_port(), free_port()
    (folder / "routes.yaml").write_text(ROUTES.format(primary=backend, shadow=backend, stage="shadow"))
    process = run_process(
        [
            *(sys.executable, "-P", "-m", "proxy", "serve", "-c", "routes.yaml", "--workers", "1"),
            *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"),
            *("--store", "sqlite:///store/strangler.db"),
        ],
        lambda process: "carries payments on" in process.stderr,
        timeout=30,
        environment={"PYTHONPATH": str(ROOT)},
        cwd=folder,
    )
    answer = talk(port, b"GET /warm HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200"), process.stderr
    assert not (folder / "hijacked").exists()
