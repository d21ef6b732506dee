from proxy.config.problems import written


def test_a_path_is_written_as_in_the_contract() -> None:
    assert written(("spec", "routes", 0, "stage")) == "spec.routes[0].stage"
    assert written(("a", 0, 1)) == "a[0][1]"
    assert written(()) == ""
