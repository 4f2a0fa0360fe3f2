"""The parts a local stack is made of."""

from deploy.local.mongo import Mongo

__all__ = ["Mongo"]
