import json

from benchmarks.comparison import rows


def test_every_figure_is_passed_on_a_list_as_a_row_an_item() -> None:
    text = json.dumps({"target_us": 80, "ruled": {"us": 41.2, "ratio": 30.1}, "growth": [{"us": 1}, {"us": 2}]})
    assert rows(text) == [
        ["`target_us`", "80"],
        ["`ruled`", "us 41.2, ratio 30.1"],
        ["`growth`", "us 1"],
        ["`growth`", "us 2"],
    ]


def test_words_of_a_failure_do_not_break_the_table() -> None:
    assert rows(json.dumps({"failed": "a | b\nc"})) == [["`failed`", "a \\| b c"]]
