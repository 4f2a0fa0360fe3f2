"""Dashboards as what others read: Grafana's JSON, and the local page's."""

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from deploy.grafana.everything import DASHBOARDS
from deploy.grafana.panels import COLUMNS, Dashboard, Level, Panel, Query, Row, Unit
from shared.topology import SERVICES

SCHEMA_VERSION: Final = 39
"""Of Grafana's JSON; newer ones bring it up to date as they read it."""

SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
RUNBOOKS: Final = "/public/runbooks"
"""Where Grafana's readers find docs/runbooks: it serves what is mounted below its own `public`. A dashboard's variable
`runbooks` says it; whoever keeps them elsewhere puts that address there."""

_TYPES: Final = {"stat": "stat", "graph": "timeseries", "heatmap": "heatmap", "table": "table", "text": "text"}
_COLOURS: Final[Mapping[Level, str]] = {"plain": "text", "good": "green", "warn": "orange", "bad": "red"}
_UNITS: Final[Mapping[Unit, str]] = {
    "number": "short",
    "times": "none",
    "seconds": "s",
    "since": "dateTimeFromNow",
    "share": "percentunit",
    "per second": "ops",
    "bytes": "decbytes",
    "yes or no": "none",
}


def page_json() -> str:
    """All dashboards for the local page, as they are said."""
    told = [dataclasses.asdict(dashboard) for dashboard in DASHBOARDS]
    for dashboard, said in zip(DASHBOARDS, told, strict=True):
        for row, shown in zip(dashboard.rows, said["rows"], strict=True):
            for panel, width in zip(shown["panels"], widths(row), strict=True):
                panel["width"] = width
    return json.dumps({"jobs": SERVICES, "dashboards": told}, ensure_ascii=False)


def grafana_json(dashboard: Dashboard) -> str:
    """One dashboard as Grafana reads it from a file."""
    told = {
        "uid": f"ledstjarna-{dashboard.name}",
        "title": f"Ledstjärna: {dashboard.title}",
        "description": dashboard.description,
        "tags": ["ledstjarna"],
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "schemaVersion": SCHEMA_VERSION,
        "timezone": "browser",
        "time": {"from": "now-6h", "to": "now"},
        "links": [_others()],
        "templating": {"list": list(_variables(dashboard))},
        "panels": list(_panels(dashboard)),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def widths(row: Row) -> list[int]:
    """How many of the columns each panel of the row takes."""
    still = sum(not panel.width for panel in row.panels)
    left, given = COLUMNS - sum(panel.width for panel in row.panels), []
    for panel in row.panels:
        width = panel.width or math.ceil(left / still)
        if not panel.width:
            left, still = left - width, still - 1
        given.append(width)
    return given


def _others() -> dict[str, Any]:
    return {"type": "dashboards", "title": "Ledstjärna", "tags": ["ledstjarna"], "asDropdown": True, "keepTime": True}


def _variables(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    yield {"name": "runbooks", "type": "constant", "query": RUNBOOKS, "hide": 2}
    if dashboard.asks_for_job:
        chosen = {"text": SERVICES[0], "value": SERVICES[0]}
        yield {"name": "job", "label": "Service", "type": "custom", "query": ",".join(SERVICES), "current": chosen}


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, top = 1, 0
    for row in dashboard.rows:
        head = {"h": 1, "w": COLUMNS, "x": 0, "y": top}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "panels": [], "gridPos": head}
        number, top, left = number + 1, top + 1, 0
        for panel, width in zip(row.panels, widths(row), strict=True):
            yield _panel(panel, number, {"h": row.height, "w": width, "x": left, "y": top})
            number, left = number + 1, left + width
        top += row.height


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    link = {"title": "What to do", "url": f"${{runbooks}}/{panel.runbook}.md", "targetBlank": True}
    told: dict[str, Any] = {
        "id": number,
        "type": _TYPES[panel.kind],
        "title": panel.title,
        "description": f"{panel.description}\n\nWhat to do: docs/runbooks/{panel.runbook}.md",
        "gridPos": place,
        "links": [link],
        "options": _options(panel),
    }
    if panel.kind == "text":
        return told
    told |= {"datasource": SOURCE, "fieldConfig": {"defaults": _field(panel), "overrides": []}}
    told["targets"] = [_target(panel, query, chr(ord("A") + i)) for i, query in enumerate(panel.queries)]
    if panel.kind == "table":
        told["transformations"] = _columns(panel)
    return told


def _target(panel: Panel, query: Query, name: str) -> dict[str, Any]:
    at_once = panel.kind in ("stat", "table")
    expr = f"({query.expr}) * 1000" if panel.unit == "since" else query.expr  # Grafana counts instants in milliseconds
    return {
        "refId": name,
        "datasource": SOURCE,
        "expr": expr,
        "legendFormat": query.legend or panel.title,
        "format": {"table": "table", "heatmap": "heatmap"}.get(panel.kind, "time_series"),
        "instant": at_once,
        "range": not at_once,
    }


def _field(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": _COLOURS[panel.below], "value": None}]
    steps += [{"color": _COLOURS[each.level], "value": each.at} for each in panel.thresholds]
    told: dict[str, Any] = {"unit": _UNITS[panel.unit], "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.unit == "number":
        told["decimals"] = 0  # an increase is reckoned to the ends of its window, and comes out broken
    if panel.kind == "stat":
        told["color"] = {"mode": "thresholds"}
    if panel.kind == "graph":
        told |= {"min": 0, "color": {"mode": "palette-classic"}, "custom": _lines(panel)}
    if panel.empty_when:
        told["noValue"] = panel.empty_when
    if panel.words:
        words = {str(value): {"text": word, "index": i} for i, (value, word) in enumerate(panel.words.items())}
        told["mappings"] = [{"type": "value", "options": words}]
    return told


def _lines(panel: Panel) -> dict[str, Any]:
    return {
        "drawStyle": "line",
        "lineWidth": 2,
        "fillOpacity": 30 if panel.stacked else 5,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if panel.thresholds else "off"},
    }


def _options(panel: Panel) -> dict[str, Any]:
    match panel.kind:
        case "stat":
            named = any(query.legend for query in panel.queries)
            return {
                "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                "colorMode": "background" if panel.thresholds else "value",
                "graphMode": "none",
                "textMode": "value_and_name" if named else "value",
            }
        case "graph":
            return {
                "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull"], "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
        case "heatmap":
            return {
                "calculate": False,
                "yAxis": {"unit": _UNITS[panel.unit]},
                "color": {"mode": "scheme", "scheme": "Blues", "reverse": False},
                "tooltip": {"mode": "single", "yHistogram": False},
            }
        case "table":
            return {"showHeader": True, "cellHeight": "sm"}
        case "text":
            return {"mode": "markdown", "content": panel.text}


def _columns(panel: Panel) -> list[dict[str, Any]]:
    order = {name: i for i, name in enumerate(panel.columns)}
    return [
        {"id": "filterFieldsByName", "options": {"include": {"names": list(panel.columns)}}},
        {"id": "organize", "options": {"indexByName": order, "renameByName": dict(panel.columns)}},
    ]
