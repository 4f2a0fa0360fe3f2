"""The parts a local stack is made of; each can also be started alone, as `async with Mongo(run_dir) as mongo:`."""

from deploy.local.alertmanager import Alertmanager
from deploy.local.mail import Mail
from deploy.local.mongo import Mongo
from deploy.local.part import Part
from deploy.local.process import CannotStart, PartDied
from deploy.local.programs import Where
from deploy.local.prometheus import Prometheus
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.service import Service

__all__ = [
    "Alertmanager",
    "CannotStart",
    "Mail",
    "Mongo",
    "Part",
    "PartDied",
    "Prometheus",
    "RabbitMQ",
    "Service",
    "Where",
]
