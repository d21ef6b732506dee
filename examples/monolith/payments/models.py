"""What the monolith remembers. Payments count minor units (cents); invoices have decimals with two places.

Card numbers and security codes are checked and forgotten: only brand, last four digits and expiry are kept.
"""

from django.db import models


class Payment(models.Model):
    class Status(models.TextChoices):
        AUTHORIZED = "authorized"
        CAPTURED = "captured"
        REFUNDED = "refunded"

    public_id = models.CharField(max_length=32, unique=True)
    merchant = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=16, choices=Status, default=Status.AUTHORIZED)
    description = models.CharField(max_length=200, null=True)
    card_brand = models.CharField(max_length=16)
    card_last4 = models.CharField(max_length=4)
    card_exp_month = models.PositiveSmallIntegerField()
    card_exp_year = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "-created_at"], name="payment_by_merchant")]


class Refund(models.Model):
    public_id = models.CharField(max_length=32, unique=True)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200, null=True)
    created_at = models.DateTimeField()


class Invoice(models.Model):
    """The totals are fixed when the invoice is issued; the VAT of one line is worked out by whoever shows it."""

    public_id = models.CharField(max_length=32, unique=True)
    merchant = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    net_total = models.DecimalField(max_digits=14, decimal_places=2)
    vat_total = models.DecimalField(max_digits=14, decimal_places=2)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    note = models.CharField(max_length=200, null=True)
    created_at = models.DateTimeField()


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=200)
    category = models.CharField(max_length=16)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    vat_rate = models.DecimalField(max_digits=4, decimal_places=1)

    class Meta:
        ordering = ["position"]


class RememberedAnswer(models.Model):
    """The answer that was given under an Idempotency-Key; `fingerprint` says to which request."""

    key = models.CharField(max_length=255, unique=True)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()
