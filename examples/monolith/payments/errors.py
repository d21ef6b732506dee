"""Each way in which the monolith says no, with the status and the code that clients rely on."""

import secrets

from django.http import JsonResponse


class ApiError(Exception):
    """A refusal that the client can read: an HTTP status, a code for programs, a message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(field: str) -> ApiError:
    return ApiError(422, "validation_error", f"{field} is missing or not valid")


def not_json() -> ApiError:
    return ApiError(400, "invalid_json", "the body is not valid JSON")


def too_large() -> ApiError:
    return ApiError(413, "body_too_large", "the body is larger than 64 KiB")


def not_found(what: str, public_id: str) -> ApiError:
    return ApiError(404, f"{what}_not_found", f"no {what} {public_id}")


def card_declined() -> ApiError:
    return ApiError(402, "card_declined", "the card was declined by its bank")


def not_capturable(public_id: str, status: str) -> ApiError:
    return ApiError(409, "payment_not_capturable", f"payment {public_id} is {status}")


def not_refundable(public_id: str, status: str) -> ApiError:
    return ApiError(409, "payment_not_refundable", f"payment {public_id} is {status}")


def key_reused() -> ApiError:
    return ApiError(422, "idempotency_key_reused", "this Idempotency-Key belongs to another request")


def response(error: ApiError) -> JsonResponse:
    """The refusal as {"error": {"code", "message", "request_id"}}; the request id is new each time."""
    body = {"code": error.code, "message": error.message, "request_id": f"req_{secrets.token_hex(8)}"}
    return JsonResponse({"error": body}, status=error.status)
