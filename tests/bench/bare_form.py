"""The least that takes a form in: FastAPI and one insert with Motor. `python -m tests.bench.bare_form PORT`."""

import os
import sys
from typing import Annotated, Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.ports import HOST


def app() -> FastAPI:
    """One door: what is posted is kept."""
    made = FastAPI()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["LEDSTJARNA_MONGO_URL"])
    responses = client.get_default_database()["responses"]

    @made.post("/s/{token}")
    async def take(token: Annotated[str, Path()], request: Request) -> HTMLResponse:
        form = await request.form()
        await responses.insert_one({"_id": str(uuid4()), "token": token, "answers": dict(form)})
        return HTMLResponse("<!doctype html><title>Tack</title><p>Tack, dina svar är mottagna.")

    return made


if __name__ == "__main__":
    uvicorn.run(app(), host=HOST, port=int(sys.argv[1]), loop="uvloop", log_config=None, access_log=False)
