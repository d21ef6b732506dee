"""How rows look as JSON, exactly as the monolith's: times in UTC with milliseconds, null where there is no value."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from examples.service.tables import Invoice, InvoiceLine, Payment, Refund

Body = dict[str, object]


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_or_null(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)


def payment(row: Payment) -> Body:
    return {**payment_before_refund(row), "refunded_at": instant_or_null(row.refunded_at)}


def payment_before_refund(row: Payment) -> Body:
    """A payment without what only a refund gives it."""
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
    }


def payment_summary(row: Payment) -> Body:
    return {
        "id": row.public_id,
        "object": "payment",
        "amount": row.amount,
        "currency": row.currency,
        "status": row.status,
        "created_at": instant(row.created_at),
    }


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


def invoice(row: Invoice, lines: Iterable[Body]) -> Body:
    """An invoice whose `lines` were shown by `line`."""
    return {
        "id": row.public_id,
        "object": "invoice",
        "merchant": row.merchant,
        "country": row.country,
        "currency": row.currency,
        "lines": list(lines),
        "net_total": str(row.net_total),
        "vat_total": str(row.vat_total),
        "total": str(row.total),
        "note": row.note,
        "created_at": instant(row.created_at),
    }


def line(row: InvoiceLine, vat: Decimal) -> Body:
    return {
        "description": row.description,
        "category": row.category,
        "quantity": row.quantity,
        "unit_price": str(row.unit_price),
        "vat_rate": str(row.vat_rate),
        "net": str(row.quantity * row.unit_price),
        "vat": str(vat),
    }
