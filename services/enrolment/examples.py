"""One programme, one group and one manager as programs see them: the examples in the description of the doors."""

import json
from typing import Any, Final

from services.enrolment.programme_file import ProgrammeFile

APPOINTED: Final = {
    "code": "AppointedTo",
    "text": {
        "sv": "Du är första linjens chef sedan 1 april 2026.",
        "en": "You have been a first-line manager since 1 April 2026.",
    },
}
SHARE_REACHED: Final = {
    "code": "DepartmentShareReached",
    "text": {
        "sv": "Gruppen ska vara blandad och har redan så många från din förvaltning som den får ha (4).",
        "en": "The group is to be mixed and already has as many from your department as it may have (4).",
    },
}

PROGRAMME_FILE: Final[dict[str, Any]] = {
    "code": "FLC",
    "title": {"sv": "Ny som chef", "en": "New as a manager"},
    "purpose": {
        "sv": "Att förstå hur det egna uppdraget hör ihop med kommunens mål.",
        "en": "To understand how one's own mission connects to the municipality's goals.",
    },
    "goals": ["G1", "G4"],
    "audience": {"levels": ["first_line"], "appointed_within_days": 540, "excludes_completed": ["FLC"]},
    "group": {"min": 8, "max": 14, "max_share_per_department": 0.4},
    "offer": {"answer_within_days": 7},
    "modules": [
        {
            "code": "M1",
            "title": {"sv": "Uppdraget och målen", "en": "Mission and goals"},
            "kind": "seminar",
            "hours": 6,
            "after_days": 0,
        },
        {
            "code": "M2",
            "title": {"sv": "Reflektion", "en": "Reflection"},
            "kind": "reflection",
            "hours": 3,
            "after_days": 28,
        },
    ],
    "completion": {"attend_at_least": 0.8},
    "evaluation": {"instruments": ["UM", "LU"], "waves": ["T0", "T1"]},
}
WHOLE_FILE: Final[dict[str, Any]] = ProgrammeFile.model_validate(PROGRAMME_FILE).model_dump(mode="json")
"""With all that the office did not need to write."""
_RECOMMENDED: Final = {
    "recommendation_id": "R-5d41402abc4b",
    "revision": 2,
    "url": "https://utvardering.kommun.example/recommendations/R-5d41402abc4b",
    "state": "open",
}
PROGRAMME: Final[dict[str, Any]] = {**WHOLE_FILE, "revision": 2, "retired": False, "recommendations": [_RECOMMENDED]}
_OUTCOME: Final = {"code": "FLC", "revision": 2, "outcome": "revised", "queued": 1, "concerns": []}
APPLIED: Final[dict[str, Any]] = {**_OUTCOME, "touched": 1, "mails": 0, "withdrawn": 0}
REVISION: Final[dict[str, Any]] = {
    "programme": "FLC",
    "revision": 2,
    "at": "2026-08-20T08:15:00Z",
    "by": "Eva Lind",
    "change_id": None,
    "addresses": ["R-5d41402abc4b"],
    "retired": False,
    "differs": ["modules"],
    "content": WHOLE_FILE,
}

PLACE: Final[dict[str, Any]] = {
    "place_id": "FLC:E100231:1",
    "employee_id": "E100231",
    "programme": "FLC",
    "title": {"sv": "Ny som chef", "en": "New as a manager"},
    "version": 3,
    "state": "offered",
    "reason": APPOINTED,
    "priority": 3,
    "queued_at": "2026-09-01T06:00:00Z",
    "nominated_by": None,
    "approval": None,
    "asked_before": [],
    "position": None,
    "credits": [],
    "round": 1,
    "not_in": [],
    "cohort_id": "FLC-2026-2",
    "offers": 1,
    "answer_by": "2026-09-30T21:59:59Z",
    "confirmed_at": None,
    "history": [
        {"at": "2026-09-01T06:00:00Z", "state": "queued", "reason": APPOINTED, "cohort_id": None, "note": ""},
        {"at": "2026-09-21T07:30:00Z", "state": "offered", "reason": None, "cohort_id": "FLC-2026-2", "note": ""},
    ],
    "skips": [{"at": "2026-09-10T07:30:00Z", "cohort_id": "FLC-2026-1", "reason": SHARE_REACHED}],
    "undelivered": None,
    "answers": [
        {
            "session_id": "FLC-2026-2~S1",
            "starts_at": "2026-10-20T11:00:00Z",
            "answer": "accepted",
            "at": "2026-09-22T06:10:00Z",
        }
    ],
}

COHORT: Final[dict[str, Any]] = {
    "cohort_id": "FLC-2026-2",
    "version": 2,
    "programme": "FLC",
    "revision": 2,
    "state": "composed",
    "sessions": [
        {
            "session_id": "FLC-2026-2:M1",
            "version": 1,
            "module": "M1",
            "title": {"sv": "Uppdraget och målen", "en": "Mission and goals"},
            "kind": "seminar",
            "starts_at": "2026-10-20T07:00:00Z",
            "ends_at": "2026-10-20T13:00:00Z",
            "location": "Stadshuset, sal A",
            "cancelled": None,
            "attendance": None,
            "corrections": [],
            "held": False,
            "attended": None,
        }
    ],
    "members": [
        {
            "employee_id": "E100231",
            "name": "Åsa Öberg",
            "unit_id": "U0412",
            "unit": "Solskolan",
            "place_id": "FLC:E100231:1",
            "state": "offered",
            "short": None,
        }
    ],
    "language": None,
    "facilitators": ["Karin Ek"],
    "seats_taken": 1,
    "reserved": [
        {"unit_id": "U0412", "level": "senior", "since": "2026-09-30T22:00:00Z", "place_id": None},
    ],
    "group": {"min": 8, "max": 14, "max_share_per_department": 0.4, "department_limit": 4},
    "result_url": None,
}
NEW_COHORT: Final[dict[str, Any]] = {
    "cohort_id": "FLC-2026-2",
    "programme": "FLC",
    "first_day": "2026-10-20",
    "start_time": "09:00",
    "location": "Stadshuset, sal A",
    "facilitators": ["Karin Ek"],
}
NEW_TIME: Final[dict[str, Any]] = {"starts_at": "2026-11-18T13:00", "location": "Biblioteket"}
ATTENDANCE: Final[dict[str, Any]] = {
    "attendance": {"E100231": {"kind": "present"}, "E100407": {"kind": "part", "hours": 2.5}}
}

COMPOSED: Final[dict[str, Any]] = {
    "offered": ["E100231"],
    "skipped": [{"employee_id": "E100407", "reason": SHARE_REACHED}],
    "department_limit": 4,
}

PERSON: Final[dict[str, Any]] = {
    "employee_id": "E100231",
    "version": 7,
    "name": "Åsa Öberg",
    "level": "first_line",
    "level_since": "2026-04-01",
    "unit_id": "U0412",
    "department": "U0004",
    "manager_id": "E100007",
    "left": False,
    "on_leave": False,
    "completed": [],
    "upcoming": [],
    "page_url": "https://ledarskap.example/p/IkUxMDAyMzEi.c2lnbmVk",
    "places": [PLACE],
}

MOMENT: Final[dict[str, Any]] = {
    "moment_id": "2026-09-10T07:30:00.000000~2~FLC:E100231:1~FLC-2026-1~DepartmentShareReached",
    "at": "2026-09-10T07:30:00Z",
    "kind": "skipped",
    "text": {
        "sv": "Någon längre bak i kön till Ny som chef fick en plats före dig.",
        "en": "Somebody further back in the queue for New as a manager got a place before you.",
    },
    "programme": "FLC",
    "cohort": "FLC-2026-1",
    "place_id": "FLC:E100231:1",
    "session_id": None,
    "reason": SHARE_REACHED,
    "approver_id": None,
}

IMPACT: Final[dict[str, Any]] = {
    "cohorts": [],
    "sessions": [],
    "people": [{"employee_id": "E100231", "told": False, "because": ["PersonQueued"], "name": "Åsa Öberg"}],
    "queued": [
        {"employee_id": "E100231", "place_id": "FLC:E100231:1", "reason": APPOINTED, "name": "Åsa Öberg"},
    ],
    "withdrawn": [],
    "deadlines": [],
    "clashes": [],
    "broken": [],
    "concerns": [],
    "of": {"waiting_and_seated": 41, "managers": 250},
    "touched": 1,
    "mails": 0,
    "share": 0.024,
    "confirm_people": None,
    "fingerprint": "5d1f0c77a3e24c6f9b10",
}
MATCHED: Final[dict[str, Any]] = {
    "employee_id": "E100231",
    "name": "Åsa Öberg",
    "unit_id": "U0412",
    "level": "first_line",
    "state": "queued",
    "new": True,
    "away": False,
}
PREVIEWED: Final[dict[str, Any]] = {
    **_OUTCOME,
    "matched": {
        "count": 12,
        "new": 1,
        "away": 0,
        "states": {"confirmed": 7, "declined": 1, "queued": 3},
        "people": [MATCHED],
    },
    "impact": IMPACT,
}

TO_REVISE: Final[dict[str, Any]] = {
    "kind": "revise_programme",
    "command": {"file": json.dumps(PROGRAMME_FILE), "addresses": []},
    "note": "More practice.",
}
_CANCELLED: Final = {"sv": "Föreläsaren är sjuk.", "en": "The speaker is ill."}
PROPOSALS: Final[tuple[dict[str, Any], ...]] = (
    TO_REVISE,
    {"kind": "adopt_revision", "command": {"cohort_id": "FLC-2026-2", "revision": 2}},
    {
        "kind": "reschedule_session",
        "command": {
            "cohort_id": "FLC-2026-2",
            "session_id": "FLC-2026-2:M1",
            "starts_at": "2026-10-21T09:00",
            "location": "Biblioteket",
        },
    },
    {
        "kind": "cancel_session",
        "command": {"cohort_id": "FLC-2026-2", "session_id": "FLC-2026-2:M1", "reason": _CANCELLED},
    },
    {
        "kind": "add_session",
        "command": {
            "cohort_id": "FLC-2026-2",
            "module": "M2",
            "starts_at": "2026-11-25T13:00",
            "ends_at": "2026-11-25T16:00",
            "location": "Biblioteket",
        },
    },
    {"kind": "change_place", "command": {"cohort_id": "FLC-2026-2", "location": "Biblioteket"}},
    {"kind": "set_facilitators", "command": {"cohort_id": "FLC-2026-2", "facilitators": ["Karin Ek"]}},
    {"kind": "cancel_cohort", "command": {"cohort_id": "FLC-2026-2", "reason": _CANCELLED}},
    {"kind": "retire_programme", "command": {"code": "FLC"}},
)
"""One of each kind of change that can be proposed."""

CHANGE: Final[dict[str, Any]] = {
    "change_id": "01981c5e-7f3a-7cc0-8a51-6f0d2b6c1a90",
    "version": 1,
    **TO_REVISE,
    "state": "proposed",
    "impact": IMPACT,
    "at": "2026-08-17T06:00:00Z",
    "by": "Eva Lind",
    "approved_at": None,
    "approved_by": None,
    "ripples_at": None,
    "applied_at": None,
    "problem": None,
    "inverse": None,
    "undoes": None,
}
