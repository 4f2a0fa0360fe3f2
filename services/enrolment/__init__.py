"""Enrolment decides who belongs in which programme and group, when, and why.

Owns: the staff register, units, goals, programmes and their revisions, changes, cohorts, queues, offers, places,
attendance, networks.
Reacts to: hr (employee changed, left and erased, unit changed, snapshot page) · notifications (message failed and
bounced, invitation answered) · evaluation (release published).
Announces: goal revised · programme published, revised and retired · cohort scheduled, cancelled and completed ·
session rescheduled, cancelled and held · person queued and skipped · place approval requested, offered, confirmed,
declined, expired, withdrawn, paused and completed · network formed and changed · staff import held, reconciled and
applied · privacy erasure completed.
"""
