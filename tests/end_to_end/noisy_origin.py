"""A system whose answers hold a trace id that it makes anew each time; `--wrong` adds a cent to each fourth amount."""

import argparse
import json
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """GET /v1/amounts/N."""

    protocol_version = "HTTP/1.1"
    wrong = False

    def do_GET(self) -> None:
        number = int(self.path.rpartition("/")[2])
        cents = 1_000 + number + (self.wrong and number % 4 == 0)
        body = json.dumps({"amount": f"{cents / 100:.2f}", "trace": f"tr_{secrets.token_hex(8)}"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--wrong", action="store_true")
    given = parser.parse_args()
    Handler.wrong = given.wrong
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()
