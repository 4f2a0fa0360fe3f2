"""A lone MongoDB server becomes a replica set of one with its users, by the job that the composition runs."""

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.mongo import Mongo
from deploy.local.part import Part
from deploy.mongo.init_rs import initiate
from deploy.mongo.users import ROLES, ROOT, make_root

Client = MongoClient[dict[str, Any]]


class Listening(Mongo):
    """A server that is told nothing when it is up."""

    async def is_ready(self) -> bool:
        """Whether it listens."""
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False


class Fresh(Listening):
    """As the image's own entry point starts it for the first time: no set, no key, to be given its root."""

    def command(self) -> list[str | Path]:
        without = {"--replSet", "rs0", "--keyFile", self._key}
        return [word for word in super().command() if word not in without]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """What the job is given."""
    directory = tmp_path / "secrets"
    directory.mkdir()
    (directory / "root").write_text("the root's\n")
    (directory / "users.json").write_text(json.dumps({user: f"{user}'s" for user in ROLES}))
    return directory


async def job(server: Mongo, secrets: Path) -> subprocess.CompletedProcess[str]:
    told = ("--root-password", secrets / "root", "--users", secrets / "users.json")
    command = (sys.executable, "-m", "deploy.mongo.init_rs", f"127.0.0.1:{server.port}", *told)
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)


async def given_a_root(run_dir: Path, port: int, password: str) -> None:
    async with Fresh(run_dir, port=port):
        with Client("127.0.0.1", port, directConnection=True) as client:
            make_root(client, password)


def signed_in(server: Part, user: str, password: str) -> Client:
    port = server.ports()[0]
    return Client("127.0.0.1", port, directConnection=True, username=user, password=password)


async def test_done_twice_it_is_one_set_with_users_whose_passwords_are_those_of_the_file(
    tmp_path: Path, secrets: Path
) -> None:
    server = Listening(tmp_path)
    await given_a_root(tmp_path, server.port, "the root's")
    async with server:
        assert (await job(server, secrets)).returncode == 0
        (secrets / "users.json").write_text(json.dumps({user: f"{user}'s new one" for user in ROLES}))
        assert (await job(server, secrets)).returncode == 0
        with signed_in(server, "enrolment", "enrolment's new one") as client, client.start_session() as session:
            with session.start_transaction():
                client["enrolment"]["b"].insert_one({"c": 1}, session=session)
            assert client["enrolment"]["b"].count_documents({}) == 1
        with signed_in(server, "enrolment", "enrolment's") as client, pytest.raises(OperationFailure, match="failed"):
            client["enrolment"]["b"].find_one()


async def test_a_password_that_the_server_does_not_know_is_named(tmp_path: Path, secrets: Path) -> None:
    server = Listening(tmp_path)
    await given_a_root(tmp_path, server.port, "another one")
    async with server:
        done = await job(server, secrets)
        assert done.returncode != 0
        assert "was given another one when its data were made" in done.stderr


async def test_a_server_without_users_can_be_a_set_too(tmp_path: Path) -> None:
    async with Listening(tmp_path) as server:
        for _ in range(2):
            await asyncio.to_thread(initiate, f"127.0.0.1:{server.port}")
        with Client("127.0.0.1", server.port, directConnection=True) as client:
            assert client.admin.command("hello")["isWritablePrimary"]
            make_root(client, "first")
        with signed_in(server, ROOT, "first") as client:
            assert client.admin.command("replSetGetStatus")["members"][0]["stateStr"] == "PRIMARY"
