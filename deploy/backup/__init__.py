"""Backup and restore of all three services' databases at one moment, and what has to be set right after a restore.

`archive` is the files, `dump` writes them, `restore` reads them, `underway` finds events between two services, and
`reconcile` brings restored databases, the broker and the people outside together. How it is used: docs/backup.md.
"""
