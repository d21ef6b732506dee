from benchmarks.results import percent, quartiles, spread, table


def test_a_figure_is_its_median_with_its_extremes() -> None:
    assert spread([3.0, 1.0, 2.0], 1) == "2.0 (1.0–3.0)"
    assert percent([0.1, -0.05, 0.02]) == "+2.0% (-5.0% – +10.0%)"
    assert spread([]) == percent([]) == "–"


def test_a_table_has_a_line_a_row() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_half_of_the_changes_lie_between_the_quartiles() -> None:
    assert quartiles([0.0, 0.1, 0.2, 0.3, 0.9]) == "[+10.0% – +30.0%]"
    assert quartiles([0.1]) == ""
