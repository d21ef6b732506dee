"""What GET answers. Six mistakes are planted here, each of a kind that real splits ship; see `examples/planted.json`.

Each mistake shows on its own route or in its own field, and no answer can show two of them at once.
"""

from datetime import timedelta, timezone
from decimal import Decimal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from examples.service import answers, errors
from examples.service.answers import Body
from examples.service.calls import Reader
from examples.service.commands import Limit, Merchant
from examples.service.tables import Invoice, InvoiceLine, Payment, Refund

router = APIRouter()
READ = ["GET", "HEAD"]
DESK = timezone(timedelta(hours=1), "CET")


class Amount(BaseModel):
    """What was captured in one currency and not given back, in minor units."""

    currency: str
    # Planted "amount-as-string": on PostgreSQL a SUM() of BIGINT comes as a Decimal, and pydantic writes a Decimal as a
    # JSON string. The monolith answers a number.
    amount: Decimal
    payments: int


class Balance(BaseModel):
    object: str = "balance"
    merchant: str
    balances: list[Amount]


@router.api_route("/healthz", methods=READ)
def health() -> Body:
    return {"status": "ok"}


@router.api_route("/v1/payments", methods=READ)
def list_payments(database: Reader, merchant: Merchant, limit: Limit = "10") -> Body:
    newest = select(Payment.id).where(Payment.merchant == merchant)
    newest = newest.order_by(Payment.created_at.desc(), Payment.id.desc()).limit(int(limit) + 1)
    with database.reading() as session:
        ids = list(session.scalars(newest))
        page = _load_payments(session, ids[: int(limit)])
        return {"object": "list", "data": page, "has_more": len(ids) > int(limit)}


@router.api_route("/v1/payments/{public_id}", methods=READ)
def read_payment(database: Reader, public_id: str) -> Body:
    with database.reading() as session:
        payment = session.scalar(select(Payment).where(Payment.public_id == public_id))
        if payment is None:
            # Planted "error-code": one generic code for all that is missing looks tidier than the monolith's
            # "payment_not_found", on which clients branch.
            raise errors.ApiError(404, "resource_missing", f"no payment {public_id}")
        return _payment(payment)


@router.api_route("/v1/refunds/{public_id}", methods=READ)
def read_refund(database: Reader, public_id: str) -> Body:
    with database.reading() as session:
        found = select(Refund).options(joinedload(Refund.payment)).where(Refund.public_id == public_id)
        refund = session.scalar(found)
        if refund is None:
            raise errors.not_found("refund", public_id)
        # Planted "time-zone": the refunds desk in Paris reads this, so it got their clock. The monolith says UTC.
        local = refund.created_at.astimezone(DESK).isoformat(timespec="milliseconds")
        return {**answers.refund(refund), "created_at": local}


@router.api_route("/v1/merchants/{merchant}/balance", methods=READ)
def read_balance(database: Reader, merchant: str) -> Balance:
    captured = select(Payment.currency, func.sum(Payment.amount), func.count())
    captured = captured.where(Payment.merchant == merchant, Payment.status == "captured")
    with database.reading() as session:
        rows = session.execute(captured.group_by(Payment.currency).order_by(Payment.currency))
        amounts = [
            Amount(currency=currency, amount=Decimal(amount), payments=count) for currency, amount, count in rows
        ]
        return Balance(merchant=merchant, balances=amounts)


@router.api_route("/v1/invoices/{public_id}", methods=READ)
def read_invoice(database: Reader, public_id: str) -> Body:
    with database.reading() as session:
        found = select(Invoice).options(selectinload(Invoice.lines)).where(Invoice.public_id == public_id)
        invoice = session.scalar(found)
        if invoice is None:
            raise errors.not_found("invoice", public_id)
        return answers.invoice(invoice, [_line(line) for line in invoice.lines])


def _load_payments(session: Session, ids: list[int]) -> list[Body]:
    # Planted "list-order": the page is found newest first, then its rows are loaded by key in one sweep, and stay in
    # the order of the keys: oldest first.
    rows = session.scalars(select(Payment).where(Payment.id.in_(ids)).order_by(Payment.id))
    return [answers.payment_summary(row) for row in rows]


def _payment(row: Payment) -> Body:
    body = answers.payment_before_refund(row)
    # Planted "missing-null": what is optional in the model becomes what may be absent in the answer. The monolith
    # always has the key, with null until there is a refund.
    if row.refunded_at is not None:
        body["refunded_at"] = answers.instant(row.refunded_at)
    return body


def _line(line: InvoiceLine) -> Body:
    net = line.quantity * line.unit_price
    # Planted "half-cent": quantize() rounds half to even unless told otherwise. The monolith rounds half up, as
    # this service does when it issues an invoice; the stored totals agree.
    return answers.line(line, vat=(net * line.vat_rate / 100).quantize(Decimal("0.01")))
