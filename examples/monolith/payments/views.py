"""From HTTP to services and back. A view reads the request, calls one service, and shapes its result; nothing else."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views import View

from examples.monolith.payments import answers, commands, errors, services
from examples.monolith.payments.idempotency import once


class ApiView(View):
    """A view that answers each ApiError, and a method it doesn't have, as JSON."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except errors.ApiError as error:
            return errors.response(error)

    def http_method_not_allowed(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        answer = errors.response(errors.ApiError(405, "method_not_allowed", f"{request.method} is not allowed here"))
        answer["Allow"] = ", ".join(self._allowed_methods())
        return answer


class HealthView(ApiView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "ok"})


class PaymentsView(ApiView):
    def get(self, request: HttpRequest) -> HttpResponse:
        merchant, limit = commands.page(request.GET)
        rows, has_more = services.list_payments(merchant, limit)
        return JsonResponse(answers.payment_list(rows, has_more))

    def post(self, request: HttpRequest) -> HttpResponse:
        raw, now = body_of(request), timezone.now()
        command = commands.create_payment(commands.load(raw))
        return once(request, raw, 201, now, lambda: answers.payment(services.create_payment(command, now)))


class PaymentView(ApiView):
    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        return JsonResponse(answers.payment(services.find_payment(public_id)))


class CaptureView(ApiView):
    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        raw, now = body_of(request), timezone.now()
        return once(request, raw, 200, now, lambda: answers.payment(services.capture(public_id, now)))


class RefundView(ApiView):
    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        raw, now = body_of(request), timezone.now()
        reason = commands.refund_reason(commands.load(raw))
        return once(request, raw, 201, now, lambda: answers.refund(services.refund(public_id, reason, now)))


class RefundDetailView(ApiView):
    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        return JsonResponse(answers.refund(services.find_refund(public_id)))


class BalanceView(ApiView):
    def get(self, request: HttpRequest, merchant: str) -> HttpResponse:
        return JsonResponse(answers.balance(merchant, services.balances(merchant)))


class InvoicesView(ApiView):
    def post(self, request: HttpRequest) -> HttpResponse:
        raw, now = body_of(request), timezone.now()
        command = commands.issue_invoice(commands.load(raw))
        return once(request, raw, 201, now, lambda: answers.invoice(services.issue_invoice(command, now)))


class InvoiceView(ApiView):
    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        return JsonResponse(answers.invoice(services.find_invoice(public_id)))


def body_of(request: HttpRequest) -> bytes:
    try:
        raw: bytes = request.body
    except RequestDataTooBig:
        raise errors.too_large() from None
    return raw


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.response(errors.ApiError(400, "bad_request", "the request could not be understood"))


def no_such_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.response(errors.ApiError(404, "not_found", "there is nothing at this address"))


def broken(request: HttpRequest) -> HttpResponse:
    return errors.response(errors.ApiError(500, "internal_error", "the monolith failed; the request may be repeated"))
