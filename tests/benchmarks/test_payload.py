import json

from benchmarks import payload


def test_both_payments_are_one_kibibyte_of_json_that_differs_in_the_amount_alone() -> None:
    assert len(payload.SAME) == len(payload.WRONG) == payload.SIZE == 1024
    assert {**json.loads(payload.SAME), "amount": "150.01"} == json.loads(payload.WRONG)


def test_nginx_can_quote_them() -> None:
    assert not set("$'\\").intersection((payload.SAME + payload.WRONG).decode())
