"""The answer that all upstreams give: one payment, as JSON, of exactly 1 KiB; and the same with a wrong amount."""

import json

SIZE = 1024
PATH = "/v1/payments/pay_7f3a9c21e5b84d06"


def payment(amount: str) -> bytes:
    """One payment of `amount` padded to SIZE bytes. It holds neither $ nor ', which mean something to nginx."""
    lines = [
        {"sku": f"SKU-{n:04}", "quantity": n + 1, "unit_price": "12.50", "vat": {"country": "FR", "rate": "0.20"}}
        for n in range(5)
    ]
    value = {
        "id": "pay_7f3a9c21e5b84d06",
        "object": "payment",
        "amount": amount,
        "currency": "EUR",
        "created": "2026-01-15T09:30:00Z",
        "status": "captured",
        "refunded": False,
        "failure_code": None,
        "lines": lines,
        "description": "",
    }
    bare = json.dumps(value, separators=(",", ":"))
    return json.dumps({**value, "description": "x" * (SIZE - len(bare))}, separators=(",", ":")).encode()


SAME = payment("150.00")
WRONG = payment("150.01")
