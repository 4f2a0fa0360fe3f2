"""What older versions of evaluation have left in its database."""

from shared.migrations import forget_published_bodies

MIGRATIONS = (forget_published_bodies(1),)
