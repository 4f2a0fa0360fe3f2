"""What enrolment is told from outside: what every service is told, nothing more."""

from shared.settings import ServiceSettings as Settings

__all__ = ["Settings"]
