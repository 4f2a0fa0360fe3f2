"""The server of the page of dashboards: static files, the dashboards as they are said, and the runbooks.

`python -m deploy.console.serve --port 8100 --prometheus http://127.0.0.1:9090`; the page itself asks Prometheus.
"""

import argparse
import re
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from deploy.console.build import DIST
from deploy.grafana.export import page_json

ROOT: Final = Path(__file__).resolve().parents[2]
RUNBOOKS: Final = ROOT / "docs" / "runbooks"
_PAGE_NAME: Final = re.compile(r"[A-Za-z0-9-]+\.md")


def application(prometheus: str, every_seconds: int, *, dist: Path = DIST, runbooks: Path = RUNBOOKS) -> Starlette:
    """The server.

    Args:
        prometheus: the address that the page asks; no other can be reached from it.
        every_seconds: how often Prometheus asks: rates are taken over several times that.
    """

    async def dashboards(_: Request) -> Response:
        return Response(page_json(), media_type="application/json")

    async def where(_: Request) -> Response:
        return JSONResponse({"prometheus": prometheus, "every_seconds": every_seconds})

    async def runbook(request: Request) -> Response:
        name = request.path_params["name"]
        file = runbooks / name
        if not _PAGE_NAME.fullmatch(name) or not file.is_file():
            return PlainTextResponse(f"There is no page {name} in docs/runbooks.", 404)
        return PlainTextResponse(file.read_text("utf-8"), media_type="text/markdown")

    async def guarded(request: Request, call_next: RequestResponseEndpoint) -> Response:
        answer = await call_next(request)
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'self'; connect-src 'self' {prometheus}; img-src 'self' data:; "
            "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )  # inline styles: the tooltips of charts
        answer.headers["Cache-Control"] = "no-store"  # the next run may have another build at the same port
        return answer

    routes = [
        Route("/dashboards.json", dashboards),
        Route("/where.json", where),
        Route("/runbooks/{name}", runbook),
        Mount("/", StaticFiles(directory=dist, html=True)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=guarded)])


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.console.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--prometheus", required=True, metavar="URL")
    parser.add_argument("--every-seconds", type=int, default=15, help="how often Prometheus asks (default: 15)")
    told = parser.parse_args()
    uvicorn.run(application(told.prometheus, told.every_seconds), host=told.host, port=told.port, log_level="warning")


if __name__ == "__main__":
    main()
