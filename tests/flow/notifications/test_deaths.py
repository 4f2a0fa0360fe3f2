"""A few of the deaths that `tests/faults` goes through, drawn by lot with a fixed seed."""

import random
from itertools import product

import pytest

from deploy.local.mongo import Mongo
from shared.documents import Database
from tests.faults.deaths import FAULTS, STATES, through
from tests.flow.notifications.stage import Notifications

FEW = random.Random(4).sample(list(product(FAULTS, STATES)), 3)


@pytest.mark.parametrize(("fault", "state"), [*FEW, ("silence after the dot", "after the dot")])
async def test_nothing_is_lost_and_a_copy_too_many_is_the_same_bytes_and_counted(
    service: Notifications, database: Database, mongo: Mongo, fault: str, state: str
) -> None:
    await through(service, mongo.url_of(database.name), fault, state)
