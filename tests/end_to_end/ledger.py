"""A ledger that gives out its own ids, and writes down all that it is asked: one process is legacy, another a sandbox.

    POST /v1/payments                a payment; `bug` in its note makes a faulty ledger take half the amount
    GET  /v1/payments, /v1/payments/ID
    POST /v1/payments/ID/capture     once; then 409
    POST /v1/refunds                 {"payment": ID, "amount": N}
    GET  /_log                       every request: method, target, headers, body
    POST /_attest/on, /_attest/off   whether answers show that this is a sandbox

Law of this file: ids are `pay_` or `re_` with a prefix of the process's own, so that the other's never fits.
"""

import argparse
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ATTEST = "X-Dry-Run"


class Ledger:
    def __init__(self, prefix: str, faulty: bool) -> None:
        self.prefix, self.faulty = prefix, faulty
        self.attests = True
        self.lock = threading.Lock()
        self.payments: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[int, dict[str, Any]]] = {}
        self.log: list[dict[str, Any]] = []
        self.refunds = 0

    def do(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = path.partition("?")[0].strip("/").split("/")
        match (method, *parts):
            case ("POST", "v1", "payments"):
                return self._create(body)
            case ("GET", "v1", "payments"):
                return 200, {"data": list(self.payments.values())}
            case ("GET", "v1", "payments", known) if known in self.payments:
                return 200, self.payments[known]
            case ("POST", "v1", "payments", known, "capture") if known in self.payments:
                return self._capture(self.payments[known])
            case ("POST", "v1", "refunds") if body.get("payment") in self.payments:
                return self._refund(body)
        return 404, {"error": "not found"}

    def _create(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = f"pay_{self.prefix}{len(self.payments) + 1:08}"
        amount = body["amount"] // 2 if self.faulty and "bug" in body.get("note", "") else body["amount"]
        payment = {"id": name, "amount": amount, "note": body.get("note", ""), "status": "held", "refunded": 0}
        self.payments[name] = payment
        return 201, payment

    def _capture(self, payment: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if payment["status"] != "held" or (self.faulty and "stuck" in payment["note"]):
            return 409, {"error": "cannot be captured"}
        payment["status"] = "captured"
        return 200, payment

    def _refund(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        payment = self.payments[body["payment"]]
        payment["refunded"] += body["amount"]
        self.refunds += 1
        refund = {"id": f"re_{self.prefix}{self.refunds:08}", "payment": payment["id"], "amount": body["amount"]}
        return 201, refund


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ledger: Ledger

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        ledger = self.ledger
        with ledger.lock:
            if self.path.startswith("/_"):
                answer = self._manage()
            else:
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = {"method": self.command, "target": self.path, "headers": headers, "body": raw.decode()}
                ledger.log.append(asked)
                answer = ledger.do(self.command, self.path, json.loads(raw) if raw else {})
        self._answer(*answer)

    def _manage(self) -> tuple[int, dict[str, Any]]:
        if self.path == "/_log":
            return 200, {"log": self.ledger.log}
        self.ledger.attests = self.path.endswith("on")
        return 200, {}

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.ledger.attests:
            self.send_header(ATTEST, "1")
        if status == 201:
            self.send_header("Location", f"/v1/payments/{document.get('payment', document['id'])}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Its log is at /_log."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--faulty", action="store_true")
    said = parser.parse_args()
    Handler.ledger = Ledger(said.prefix, said.faulty)
    server = ThreadingHTTPServer(("127.0.0.1", said.port), Handler)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
