"""All dashboards, in the order in which they are offered."""

from typing import Final

from deploy.grafana.business import BUSINESS
from deploy.grafana.dead_letters import DEAD_LETTERS
from deploy.grafana.overview import OVERVIEW
from deploy.grafana.panels import Dashboard
from deploy.grafana.queues import QUEUES
from deploy.grafana.service import SERVICE

DASHBOARDS: Final[tuple[Dashboard, ...]] = (OVERVIEW, SERVICE, DEAD_LETTERS, BUSINESS, QUEUES)
