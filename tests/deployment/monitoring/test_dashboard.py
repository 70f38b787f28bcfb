"""The dashboard of Grafana is whole, and can be read."""

from pathlib import Path

from tests.deployment.monitoring.dashboard import dashboard, expressions, panels
from tests.deployment.monitoring.rules import check

WIDTH = 24


def test_ids_are_unique_and_panels_do_not_overlap() -> None:
    every = dashboard()["panels"]
    places = [
        (x, y)
        for place in (panel["gridPos"] for panel in every)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len({panel["id"] for panel in every}) == len(every)
    assert len({panel["title"] for panel in every}) == len(every)
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < WIDTH


def test_every_panel_says_what_it_shows_and_in_which_unit() -> None:
    for panel in panels():
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C", "D"][: len(panel["targets"])]


def test_panels_ask_the_source_that_is_chosen() -> None:
    variables = {each["name"]: each for each in dashboard()["templating"]["list"]}
    source = {"type": "prometheus", "uid": "${datasource}"}

    assert list(variables) == ["datasource", "namespace", "model"]
    assert variables["namespace"]["allValue"] == variables["model"]["allValue"] == ".*"
    for panel in panels():
        assert [panel["datasource"], *[target["datasource"] for target in panel["targets"]]] == [source] * (
            1 + len(panel["targets"])
        )


def test_what_is_asked_is_promql(tmp_path: Path) -> None:
    assert [expression for expression in expressions() if "$" in expression] == []
    check(tmp_path, expressions())


def test_every_panel_is_of_the_namespace_that_is_chosen() -> None:
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]

    assert [each for each in asked if '{namespace=~"$namespace"' not in each] == ["chatbot_cost_usd:expected1d"]
