"""A start on a bad day: what is needed to carry payments lies beside the store, and nothing else is needed."""

from pathlib import Path

from proxy.config.load import loads
from tests.end_to_end.deployment import eventually, origin, talk
from tests.runtime.serving import serve
from tests.runtime.tables import BROKEN, text
from tests.support.process import Processes

ASK = b"GET /v1/refunds/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def test_a_broken_file_and_a_store_that_is_gone_stop_no_payment_and_are_said(
    run_process: Processes, tmp_path: Path
) -> None:
    folder = tmp_path / "deployment"
    table = text(legacy=origin(run_process), candidate=origin(run_process, "wrong"), stage="candidate")
    first = serve(run_process, folder, table)
    assert b'"10.01"' in talk(first.port, ASK)
    assert first.serve.stop() == 0
    store = folder / "store" / "strangler.db"
    for rest in (folder / "store").glob("strangler.db*"):
        if not rest.name.endswith((".yaml", ".json")):
            rest.unlink()
    store.mkdir()
    again = serve(run_process, folder, BROKEN)
    assert b'"10.01"' in talk(again.port, ASK)
    said = again.serve.stderr
    fault = f"{folder / 'routes.yaml'}:4:7: error: spec.backends: required"
    assert f"warning: {folder / 'routes.yaml'} CANNOT BE USED, the last good table is in force: {fault}\n" in said
    assert "warning: NO EVIDENCE IS KEPT, payments are carried as before: " in said
    assert str(store) in said.partition("NO EVIDENCE IS KEPT")[2]
    eventually(lambda: again.status()["table"]["fault"] == fault, "the status says so too")
    assert again.status()["table"]["hash"] == loads(table).hash
    (folder / "routes.yaml").write_text(text(legacy=1, candidate=2))
    eventually(lambda: again.status()["table"]["fault"] is None, "a file that is mended is taken")
