"""How and when it is said, never who is invited.

Owns: the contact book, the calendar identities, every message and how it fared.
Reacts to: `hr` (who can be reached, and where), `enrolment` (places, cohorts, sessions, snapshots
of the staff), `evaluation` (surveys).
Announces: `notifications.message.delivered`, `.failed` and `.bounced`, `notifications.invitation.answered`, and
`notifications.promise.broken`.
"""
