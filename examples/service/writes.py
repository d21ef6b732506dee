"""What POST does, exactly as the monolith does it. Each change is one transaction; a refusal undoes it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from examples.service import answers, commands, errors, ids, vat
from examples.service.answers import Body
from examples.service.calls import Write, Writer
from examples.service.idempotency import once
from examples.service.tables import Invoice, InvoiceLine, Payment, Refund

router = APIRouter()
DECLINED_CARD = "4000000000000002"  # the test number that banks always decline


@router.post("/v1/payments")
def create_payment(write: Writer) -> JSONResponse:
    command = commands.load(commands.CreatePayment, write.raw)
    return once(write, 201, lambda session: _create_payment(session, write, command))


@router.post("/v1/payments/{public_id}/capture")
def capture_payment(write: Writer, public_id: str) -> JSONResponse:
    return once(write, 200, lambda session: _capture(session, write, public_id))


@router.post("/v1/payments/{public_id}/refund")
def refund_payment(write: Writer, public_id: str) -> JSONResponse:
    command = commands.load(commands.Refund, write.raw)
    return once(write, 201, lambda session: _refund(session, write, public_id, command))


@router.post("/v1/invoices")
def issue_invoice(write: Writer) -> JSONResponse:
    command = commands.load(commands.IssueInvoice, write.raw)
    return once(write, 201, lambda session: _issue_invoice(session, write, command))


def _create_payment(session: Session, write: Write, command: commands.CreatePayment) -> Body:
    if command.card.number == DECLINED_CARD:
        raise errors.card_declined()
    payment = Payment(
        public_id=ids.new("pay"),
        merchant=command.merchant,
        amount=command.amount,
        currency=command.currency,
        status="authorized",
        description=command.description,
        card_brand=command.card.brand,
        card_last4=command.card.number[-4:],
        card_exp_month=command.card.exp_month,
        card_exp_year=command.card.exp_year,
        created_at=write.now,
    )
    session.add(payment)
    return answers.payment(payment)


def _capture(session: Session, write: Write, public_id: str) -> Body:
    payment = _payment(session, public_id)
    if payment.status != "authorized":
        raise errors.not_capturable(public_id, payment.status)
    payment.status = "captured"
    payment.captured_at = write.now
    return answers.payment(payment)


def _refund(session: Session, write: Write, public_id: str, command: commands.Refund) -> Body:
    """Give all of a captured payment back."""
    payment = _payment(session, public_id)
    if payment.status != "captured":
        raise errors.not_refundable(public_id, payment.status)
    payment.status = "refunded"
    payment.refunded_at = write.now
    refund = Refund(
        public_id=ids.new("re"),
        payment=payment,
        amount=payment.amount,
        reason=command.reason,
        created_at=write.now,
    )
    session.add(refund)
    return answers.refund(refund)


def _issue_invoice(session: Session, write: Write, command: commands.IssueInvoice) -> Body:
    lines = [_line(position, line, command.country) for position, line in enumerate(command.lines)]
    amounts = [(line.quantity * line.unit_price, line.vat_rate) for line in lines]
    net_total, vat_total = sum(net for net, _ in amounts), vat.total_vat(amounts)
    invoice = Invoice(
        public_id=ids.new("inv"),
        merchant=command.merchant,
        country=command.country,
        currency=command.currency,
        net_total=net_total,
        vat_total=vat_total,
        total=net_total + vat_total,
        note=vat.note(command.country),
        created_at=write.now,
        lines=lines,
    )
    session.add(invoice)
    vats = [vat.vat_of(net, rate) for net, rate in amounts]
    return answers.invoice(invoice, map(answers.line, lines, vats))


def _line(position: int, line: commands.Line, country: vat.Country) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        description=line.description,
        category=line.category,
        quantity=line.quantity,
        unit_price=line.price,
        vat_rate=vat.rate(country, line.category),
    )


def _payment(session: Session, public_id: str) -> Payment:
    payment = session.scalar(select(Payment).where(Payment.public_id == public_id))
    if payment is None:
        raise errors.not_found("payment", public_id)
    return payment
