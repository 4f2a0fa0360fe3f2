"""A private broker for the tests that need one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.rabbitmq import RabbitMQ
from shared.publishing import BrokerPublisher
from tests.conftest import kept_up
from tests.integration.wiring import HrSystem


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """A real RabbitMQ of our own with the whole topology, for the whole run."""
    with kept_up(RabbitMQ(tmp_path_factory.mktemp("broker"))) as part:
        yield part


@pytest.fixture
async def hr(broker: RabbitMQ) -> AsyncIterator[HrSystem]:
    """An HR system that is connected."""
    publisher = BrokerPublisher(broker.url_of("hr"))
    await publisher.start()
    yield HrSystem(publisher)
    await publisher.stop()
