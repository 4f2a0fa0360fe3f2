"""What at least two services need today; no domain words except the events."""

VERSION = "0.1.0"
"""This program's version; the package's own, since a container holds the sources and no package."""
