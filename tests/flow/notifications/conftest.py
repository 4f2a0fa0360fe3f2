from collections.abc import AsyncIterator

import pytest

from shared.documents import Database
from tests.flow.notifications.stage import Notifications, notifications


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Notifications]:
    async with notifications(database) as running:
        yield running
