"""Dashboards say what they show, ask only for what is there, and ask for it in a way that gives the right number."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from deploy.grafana.everything import DASHBOARDS
from deploy.grafana.export import grafana_json, page_json, widths
from deploy.grafana.panels import COLUMNS, JOB, RATE, Dashboard, Panel
from shared.topology import SERVICES
from tests.contract.test_metrics import exported

ROOT = Path(__file__).parents[2]
RULES = [
    rule
    for file in sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
]
PANELS = [(board, panel) for board in DASHBOARDS for panel in board.panels]
QUERIES = [(panel, query) for _, panel in PANELS for query in panel.queries]
NAMES = [f"{board.name}: {panel.title}" for board, panel in PANELS]
OTHERS = re.compile(r"up|ALERTS|process_\w+|rabbitmq_\w+")
"""Metrics that are not ours: of Prometheus itself, of its Python client, of the broker."""

WINDOWS = {"1h": "hour", "1d": "day", "7d": "week"}
WINDOW = re.compile(r"\[(\$\w+|\d\w*)\]")
PART = re.compile(r"_(bucket|sum|count)$")
MARKED_GLOBAL = re.compile(r"^\| `(ledstjarna_\w+)` ?†", re.MULTILINE)


def parsed(expr: str) -> promql.Expr:
    """A query as Prometheus understands it."""
    return promql.parse(expr.replace(RATE, "5m").replace(JOB, "enrolment"))


def parts(expr: Any) -> Iterator[Any]:
    """An expression and all expressions in it."""
    yield expr
    inner = [getattr(expr, name, None) for name in ("expr", "lhs", "rhs", "vector_selector", "param")]
    for each in [*inner, *getattr(expr, "args", [])]:
        if each is not None:
            yield from parts(each)


def metrics_in(expr: str) -> set[str]:
    """The metrics that a query or rule asks for."""
    selectors = [each for each in parts(parsed(expr)) if isinstance(each, promql.VectorSelector)]
    return {each.name for each in selectors if each.name}


def family(name: str) -> str:
    """A histogram's name, given one of its series."""
    return PART.sub("", name)


def ours() -> dict[str, str]:
    """Every metric of the services by name, and its type."""
    return {name: told["type"] for service in SERVICES for name, told in exported(service)["metrics"].items()}


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_a_panel_says_what_it_shows_and_leads_to_what_to_do(board: Dashboard, panel: Panel) -> None:
    assert panel.title
    assert panel.description.endswith(".")
    assert panel.description[0].isupper() or panel.description[0] == "`"
    assert (ROOT / "docs/runbooks" / f"{panel.runbook}.md").is_file(), f"docs/runbooks/{panel.runbook}.md is missing"
    assert bool(panel.queries) != bool(panel.text)
    assert [each.title for each in board.panels].count(panel.title) == 1
    assert sorted(panel.thresholds, key=lambda each: each.at) == list(panel.thresholds)


@pytest.mark.parametrize(("panel", "query"), QUERIES, ids=lambda each: getattr(each, "title", ""))
def test_a_query_is_one_that_prometheus_understands(panel: Panel, query: Any) -> None:
    assert parsed(query.expr).prettify()


def test_every_metric_that_is_asked_for_is_exported_or_recorded() -> None:
    known = set(ours()) | {rule["record"] for rule in RULES if "record" in rule}
    asked = {name for _, query in QUERIES for name in metrics_in(query.expr)}
    assert {name for name in asked if family(name) not in known and not OTHERS.fullmatch(name)} == set()


def test_every_metric_of_the_services_is_looked_at_by_a_panel_or_a_rule() -> None:
    asked = {name for _, query in QUERIES for name in metrics_in(query.expr)}
    asked |= {name for rule in RULES for name in metrics_in(rule["expr"])}
    assert set(ours()) - {family(name) for name in asked} == set()


@pytest.mark.parametrize(("panel", "query"), QUERIES, ids=lambda each: getattr(each, "title", ""))
def test_what_only_grows_is_seen_by_how_fast_and_what_moves_by_where_it_is(panel: Panel, query: Any) -> None:
    types = ours()
    over_time = set()
    for each in parts(parsed(query.expr)):
        if isinstance(each, promql.Call) and each.func.name in ("rate", "increase"):
            over_time |= {inner.name for inner in parts(each) if isinstance(inner, promql.VectorSelector)}
    grows = {
        name
        for name in metrics_in(query.expr)
        if types.get(family(name)) in ("counter", "histogram") or name.endswith(("_total", "_bucket"))
    }
    assert over_time == grows


@pytest.mark.parametrize(("panel", "query"), QUERIES, ids=lambda each: getattr(each, "title", ""))
def test_a_window_fits_what_is_shown_or_is_said(panel: Panel, query: Any) -> None:
    words = f"{panel.title} {panel.description}".lower().replace("24 hours", "a day").replace("seven days", "a week")
    for window in WINDOW.findall(query.expr):
        assert window == RATE or WINDOWS[window] in words, f"nobody is told that this is over {window}"


def test_documents_that_every_replica_counts_are_not_added_up() -> None:
    everywhere = set(MARKED_GLOBAL.findall((ROOT / "docs/operations.md").read_text("utf-8")))
    assert "ledstjarna_dead_letters" in everywhere
    for panel, query in QUERIES:
        for each in parts(parsed(query.expr)):
            if isinstance(each, promql.AggregateExpr) and each.prettify().startswith(("sum", "avg", "count")):
                assert not bare(each.expr) & everywhere, f"{panel.title}: {query.expr}"


def bare(expr: Any) -> set[str]:
    """The metrics that stand in an expression without any aggregation of their own around them."""
    if isinstance(expr, promql.AggregateExpr):
        return set()
    if isinstance(expr, promql.VectorSelector):
        return {str(expr.name)}
    inner = [getattr(expr, name, None) for name in ("expr", "lhs", "rhs", "vector_selector")]
    return {name for each in [*inner, *getattr(expr, "args", [])] if each is not None for name in bare(each)}


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_a_service_is_chosen_where_it_matters_and_nowhere_else(board: Dashboard, panel: Panel) -> None:
    if panel.queries:
        assert all((JOB in query.expr) == board.asks_for_job for query in panel.queries)


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.name)
def test_grafana_gets_panels_side_by_side_from_the_source_that_its_reader_chooses(board: Dashboard) -> None:
    told = json.loads(grafana_json(board))
    assert told["editable"] is False
    assert ("job" in [each["name"] for each in told["templating"]["list"]]) == board.asks_for_job
    panels = told["panels"]
    assert len({each["id"] for each in panels}) == len(panels)
    for one, other in combinations([each["gridPos"] for each in panels], 2):
        assert apart(one, other)
    for each in panels:
        assert each["gridPos"]["x"] + each["gridPos"]["w"] <= COLUMNS
        if each["type"] not in ("row", "text"):
            assert {target["datasource"]["uid"] for target in each["targets"]} == {"${datasource}"}
            assert each["datasource"]["uid"] == "${datasource}"
            assert each["fieldConfig"]["defaults"]["unit"]
            assert each["description"]
            assert each["links"][0]["url"].startswith("${runbooks}/")


def apart(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether two places have nothing in common."""
    return (
        one["x"] + one["w"] <= other["x"]
        or other["x"] + other["w"] <= one["x"]
        or one["y"] + one["h"] <= other["y"]
        or other["y"] + other["h"] <= one["y"]
    )


def test_rows_are_full() -> None:
    assert {sum(widths(row)) for board in DASHBOARDS for row in board.rows} == {COLUMNS}


def test_the_page_gets_the_same_panels_as_grafana() -> None:
    told = json.loads(page_json())
    for board in told["dashboards"]:
        (said,) = (each for each in DASHBOARDS if each.name == board["name"])
        grafana = [each["title"] for each in json.loads(grafana_json(said))["panels"] if each["type"] != "row"]
        assert [panel["title"] for row in board["rows"] for panel in row["panels"]] == grafana


def test_grafana_finds_every_dashboard_where_it_is_told_to_look() -> None:
    files = {file.stem for file in (ROOT / "deploy/grafana/dashboards").glob("*.json")}
    assert files == {board.name for board in DASHBOARDS}
    (provider,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/ledstjarna.yml").read_text())[
        "providers"
    ]
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
    assert provider["allowUiUpdates"] is False
