"""How the monolith's rows look as JSON: times in UTC with milliseconds, null where there is no value yet."""

from collections.abc import Iterable
from datetime import UTC, datetime

from examples.monolith.payments import vat
from examples.monolith.payments.models import Invoice, InvoiceLine, Payment, Refund

Body = dict[str, object]


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_or_null(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)


def payment(row: Payment) -> Body:
    return {
        "id": row.public_id,
        "object": "payment",
        "merchant": row.merchant,
        "amount": row.amount,
        "currency": row.currency,
        "status": row.status,
        "description": row.description,
        "card": {
            "brand": row.card_brand,
            "last4": row.card_last4,
            "exp_month": row.card_exp_month,
            "exp_year": row.card_exp_year,
        },
        "created_at": instant(row.created_at),
        "captured_at": instant_or_null(row.captured_at),
        "refunded_at": instant_or_null(row.refunded_at),
    }


def payment_list(rows: Iterable[Payment], has_more: bool) -> Body:
    return {"object": "list", "data": [_summary(row) for row in rows], "has_more": has_more}


def refund(row: Refund) -> Body:
    return {
        "id": row.public_id,
        "object": "refund",
        "payment": row.payment.public_id,
        "amount": row.amount,
        "currency": row.payment.currency,
        "status": "succeeded",
        "reason": row.reason,
        "created_at": instant(row.created_at),
    }


def balance(merchant: str, rows: Iterable[dict[str, object]]) -> Body:
    balances = [{"currency": row["currency"], "amount": row["captured"], "payments": row["payments"]} for row in rows]
    return {"object": "balance", "merchant": merchant, "balances": balances}


def invoice(row: Invoice) -> Body:
    return {
        "id": row.public_id,
        "object": "invoice",
        "merchant": row.merchant,
        "country": row.country,
        "currency": row.currency,
        "lines": [_line(line) for line in row.lines.all()],
        "net_total": str(row.net_total),
        "vat_total": str(row.vat_total),
        "total": str(row.total),
        "note": row.note,
        "created_at": instant(row.created_at),
    }


def _summary(row: Payment) -> Body:
    return {
        "id": row.public_id,
        "object": "payment",
        "amount": row.amount,
        "currency": row.currency,
        "status": row.status,
        "created_at": instant(row.created_at),
    }


def _line(line: InvoiceLine) -> Body:
    net = line.quantity * line.unit_price
    return {
        "description": line.description,
        "category": line.category,
        "quantity": line.quantity,
        "unit_price": str(line.unit_price),
        "vat_rate": str(line.vat_rate),
        "net": str(net),
        "vat": str(vat.vat_of(net, line.vat_rate)),
    }
