"""What the monolith does. Each function runs in its caller's transaction, is told the time, and refuses by ApiError."""

from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from examples.monolith.payments import errors, ids, vat
from examples.monolith.payments.commands import CreatePayment, IssueInvoice
from examples.monolith.payments.models import Invoice, InvoiceLine, Payment, Refund

DECLINED_CARD = "4000000000000002"  # the test number that banks always decline


def create_payment(command: CreatePayment, now: datetime) -> Payment:
    card = command.card
    if card.number == DECLINED_CARD:
        raise errors.card_declined()
    payment: Payment = Payment.objects.create(
        public_id=ids.new("pay"),
        merchant=command.merchant,
        amount=command.amount,
        currency=command.currency,
        description=command.description,
        card_brand=card.brand,
        card_last4=card.number[-4:],
        card_exp_month=card.exp_month,
        card_exp_year=card.exp_year,
        created_at=now,
    )
    return payment


def find_payment(public_id: str) -> Payment:
    payment: Payment | None = Payment.objects.filter(public_id=public_id).first()
    if payment is None:
        raise errors.not_found("payment", public_id)
    return payment


def list_payments(merchant: str, limit: int) -> tuple[list[Payment], bool]:
    """The newest payments first, and whether there are more than `limit`."""
    rows = Payment.objects.filter(merchant=merchant).order_by("-created_at", "-id")[: limit + 1]
    found = list(rows)
    return found[:limit], len(found) > limit


def capture(public_id: str, now: datetime) -> Payment:
    payment = find_payment(public_id)
    if payment.status != Payment.Status.AUTHORIZED:
        raise errors.not_capturable(public_id, payment.status)
    payment.status = Payment.Status.CAPTURED
    payment.captured_at = now
    payment.save(update_fields=["status", "captured_at"])
    return payment


def refund(public_id: str, reason: str | None, now: datetime) -> Refund:
    """Give all of a captured payment back."""
    payment = find_payment(public_id)
    if payment.status != Payment.Status.CAPTURED:
        raise errors.not_refundable(public_id, payment.status)
    payment.status = Payment.Status.REFUNDED
    payment.refunded_at = now
    payment.save(update_fields=["status", "refunded_at"])
    given_back: Refund = Refund.objects.create(
        public_id=ids.new("re"), payment=payment, amount=payment.amount, reason=reason, created_at=now
    )
    return given_back


def find_refund(public_id: str) -> Refund:
    refund: Refund | None = Refund.objects.select_related("payment").filter(public_id=public_id).first()
    if refund is None:
        raise errors.not_found("refund", public_id)
    return refund


def balances(merchant: str) -> QuerySet:
    """What was captured and not given back: a row of currency, amount (minor units) and payments for each currency."""
    captured = Payment.objects.filter(merchant=merchant, status=Payment.Status.CAPTURED)
    by_currency = captured.values("currency").order_by("currency")
    return by_currency.annotate(captured=Sum("amount"), payments=Count("id"))


def issue_invoice(command: IssueInvoice, now: datetime) -> Invoice:
    rates = [vat.rate(command.country, line.category) for line in command.lines]
    nets = [line.quantity * line.unit_price.quantize(vat.CENT) for line in command.lines]
    totals = vat.totals(zip(nets, rates, strict=True))
    invoice: Invoice = Invoice.objects.create(
        public_id=ids.new("inv"),
        merchant=command.merchant,
        country=command.country,
        currency=command.currency,
        net_total=totals.net,
        vat_total=totals.vat,
        total=totals.total,
        note=vat.note(command.country),
        created_at=now,
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            position=position,
            description=line.description,
            category=line.category,
            quantity=line.quantity,
            unit_price=line.unit_price.quantize(vat.CENT),
            vat_rate=rate,
        )
        for position, (line, rate) in enumerate(zip(command.lines, rates, strict=True))
    )
    return invoice


def find_invoice(public_id: str) -> Invoice:
    invoice: Invoice | None = Invoice.objects.prefetch_related("lines").filter(public_id=public_id).first()
    if invoice is None:
        raise errors.not_found("invoice", public_id)
    return invoice
