"""Evaluation: did it work, how sure are we, and nobody can be found out.

Owns instruments, waves, responses and releases. Knows cohorts and who belongs to them; never shows a person.

Reacts to enrolment (`CohortScheduled`, `SessionRescheduled`, `SessionCancelled`, `SessionHeld`, `CohortCancelled`,
`PlaceConfirmed`, `PlaceWithdrawn`, `PlaceDeclined`, `PlacePaused`, `PlaceCompleted`, `StaffReconciled`), notifications
(`MessageFailed`, `MessageBounced`) and hr (`EmployeeChanged`, `EmployeeLeft`).

Announces `WaveOpened`, `InvitationsRequested`, `RemindersRequested`, `WaveClosed`, `ReleasePublished`,
`ResultSuppressed`. No event is announced for an answer.
"""
