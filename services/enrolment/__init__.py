"""Enrolment decides who belongs in which programme and group, when, and why.

Owns: the staff register, units, programmes and their revisions, cohorts, queues, offers, places, attendance, networks.
Reacts to: hr (employee changed, employee left, unit changed, snapshot page) · notifications (message failed) ·
evaluation (release published).
Announces: programme published and revised · cohort scheduled and completed · session rescheduled and held · person
queued and skipped · place offered, confirmed, declined, expired, withdrawn, paused and completed · network formed ·
staff import held, reconciled and applied.
"""
