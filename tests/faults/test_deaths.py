"""Every fault of the relay, with a death of the sender in every state of a message."""

import pytest

from deploy.local.mongo import Mongo
from shared.documents import Database
from tests.faults.deaths import FAULTS, STATES, through
from tests.flow.notifications.stage import notifications


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_is_lost_and_a_copy_too_many_is_the_same_bytes_and_counted(
    database: Database, mongo: Mongo, fault: str, state: str
) -> None:
    async with notifications(database) as service:
        await through(service, mongo.url_of(database.name), fault, state)
