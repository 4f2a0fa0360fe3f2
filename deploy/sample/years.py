"""The sample's two years: a municipality's from August to August, and a village's half year in seconds."""

from datetime import date
from typing import Final

from deploy.sample.organisation import MUNICIPALITY, VILLAGE
from deploy.sample.plan import (
    Alteration,
    Census,
    Fate,
    Favour,
    FileImport,
    Group,
    Grouping,
    Move,
    Nominations,
    Plan,
    Reorganisation,
    Rewording,
    Swap,
)

_ILL: Final = {"sv": "Den som skulle ha lett träffen är sjuk.", "en": "Whoever was to lead the session is ill."}
_FEW: Final = {"sv": "Vi är för få för att mötas.", "en": "We are too few to meet."}

FULL: Final = Plan(
    size=MUNICIPALITY,
    until=date(2027, 8, 16),
    programmes=("potential", "first_line", "middle", "executive"),
    applied_on=date(2026, 8, 19),
    groups=(
        Group(
            "EXE-2026", "EXE", date(2026, 8, 21), date(2026, 8, 24), date(2026, 9, 16), "13:00", "Stadshuset, Rådssalen"
        ),
        Group("FLC-2026-1", "FLC", date(2026, 8, 21), None, date(2026, 9, 29), "09:00", "Stadshuset, sal A"),
        Group("FLC-2026-2", "FLC", date(2026, 8, 21), None, date(2026, 10, 1), "09:00", "Stadshuset, sal B"),
        Group(
            "MLC-2026",
            "MLC",
            date(2026, 8, 21),
            date(2026, 9, 8),
            date(2026, 10, 7),
            "09:00",
            "Kulturhuset, Spegelsalen",
        ),
        Group(
            "POT-2026", "POT", date(2026, 8, 21), date(2026, 9, 15), date(2026, 10, 14), "13:00", "Biblioteket, Årummet"
        ),
        Group(
            "FLC-2027-1", "FLC", date(2026, 11, 18), date(2026, 12, 1), date(2027, 1, 19), "09:00", "Stadshuset, sal A"
        ),
        Group(
            "FLC-2027-2", "FLC", date(2026, 11, 18), date(2026, 12, 3), date(2027, 1, 21), "09:00", "Stadshuset, sal B"
        ),
        Group(
            "MLC-2027",
            "MLC",
            date(2026, 11, 18),
            date(2026, 12, 8),
            date(2027, 2, 3),
            "09:00",
            "Kulturhuset, Spegelsalen",
        ),
        Group(
            "POT-2027", "POT", date(2026, 11, 18), date(2027, 1, 11), date(2027, 2, 10), "13:00", "Biblioteket, Årummet"
        ),
        Group(
            "MLC-2027-2",
            "MLC",
            date(2027, 1, 11),
            date(2027, 2, 1),
            date(2027, 3, 10),
            "09:00",
            "Kulturhuset, Spegelsalen",
        ),
    ),
    groupings=(Grouping("FLC", ("FLC-2026-1", "FLC-2026-2"), date(2026, 9, 1)),),
    swaps=(Swap("FLC-2026-1", "FLC-2026-2", date(2026, 9, 22)),),
    alterations=(
        Alteration(
            date(2026, 10, 5), "change_place", {"cohort_id": "MLC-2026", "location": "Stadshuset, sal C"}, at_once=True
        ),
        Alteration(
            date(2026, 10, 12),
            "reschedule_session",
            {"cohort_id": "FLC-2026-2", "session_id": "FLC-2026-2:M2", "starts_at": "2026-10-30T13:07:00"},
            ends="undone",
        ),
        Alteration(date(2026, 10, 19), "set_facilitators", {"cohort_id": "FLC-2026-1", "facilitators": ["Karin Holm"]}),
        Alteration(date(2026, 10, 20), "cancel_cohort", {"cohort_id": "MLC-2026", "reason": _FEW}, ends="dropped"),
        Alteration(
            date(2026, 11, 16),
            "cancel_session",
            {"cohort_id": "POT-2026", "session_id": "POT-2026:P3", "reason": _ILL},
        ),
        Alteration(date(2026, 11, 17), "revise_programme", {"file": "revised/first_line"}),
        Alteration(date(2026, 11, 19), "adopt_revision", {"cohort_id": "FLC-2026-2"}),
        Alteration(
            date(2026, 12, 1),
            "reschedule_session",
            {"cohort_id": "MLC-2026", "session_id": "MLC-2026:M3", "starts_at": "2026-12-14T13:00:00"},
        ),
        Alteration(
            date(2027, 2, 15),
            "add_session",
            {
                "cohort_id": "MLC-2027",
                "module": "X1",
                "title": {"sv": "Möte med kommunstyrelsen", "en": "Meeting the municipal board"},
                "starts_at": "2027-03-17T09:00:00",
                "ends_at": "2027-03-17T11:00:00",
                "location": "Stadshuset, Rådssalen",
            },
        ),
        Alteration(date(2027, 2, 22), "cancel_cohort", {"cohort_id": "MLC-2027-2", "reason": _FEW}),
        Alteration(date(2027, 6, 14), "retire_programme", {"code": "POT"}),
    ),
    censuses=(
        Census(date(2026, 11, 11), lacking=0.4),
        Census(date(2026, 11, 12)),
        Census(date(2027, 2, 10), new_addresses=0.1),
        Census(date(2027, 5, 12)),
    ),
    files=(FileImport(date(2026, 12, 9), "cp1252", ";"), FileImport(date(2027, 2, 24), "utf-8-sig", ",")),
    rewordings=(
        Rewording(
            "G3",
            date(2027, 1, 11),
            "En ekonomi i balans under hela mandatperioden",
            "Balanced finances throughout the term of office",
            valid_to=date(2030, 12, 31),
        ),
    ),
    favours=(
        Favour("take_back", "FLC-2026-1", date(2026, 9, 2)),
        Favour("withdraw", "MLC-2026", date(2026, 11, 5)),
        Favour("put_first", "FLC", date(2026, 11, 25)),
        Favour("correct", "FLC-2026-1", date(2027, 2, 5)),
        Favour("contact", "FLC-2026-1", date(2027, 3, 3)),
        Favour("alumni", "FLC-2026-1", date(2027, 3, 4)),
    ),
    nominations=(
        Nominations("EXE", ("senior", "executive"), 10, date(2026, 8, 20)),
        Nominations("POT", ("potential",), 12, date(2026, 8, 25)),
        Nominations("POT", ("potential", "none"), 9, date(2026, 12, 14), by_manager=True),
    ),
    moves=(
        Move("FLC-2026-1", "M3", date(2026, 11, 3), date(2026, 11, 30), "13:00", "Biblioteket, Årummet"),
        Move("EXE-2026", "M5", date(2027, 3, 16), date(2027, 3, 24), "13:00"),
        Move("FLC-2027-2", "M1", date(2027, 1, 8), date(2027, 1, 22), "10:00"),
    ),
    fates=(
        Fate("MLC", "approver_away", date(2026, 8, 20), until=date(2026, 9, 7)),
        Fate("MLC", "new_manager", date(2026, 8, 20)),
        Fate("FLC-2026-2", "leaves", date(2026, 9, 14), until=date(2026, 9, 18)),
        Fate("FLC-2026-1", "parental_leave", date(2026, 9, 21), until=date(2027, 3, 1)),
        Fate("FLC-2026-2", "parental_leave", date(2026, 10, 5), until=date(2026, 11, 20)),
        Fate("FLC-2026-1", "renamed", date(2026, 10, 6)),
        Fate("FLC-2026-2", "stays", date(2026, 10, 13), until=date(2026, 12, 31)),
        Fate("staff", "mistaken", date(2026, 10, 15)),
        Fate("MLC-2026", "moves", date(2026, 10, 20)),
        Fate("staff", "replaced", date(2026, 10, 22), until=date(2026, 12, 1)),
        Fate("POT-2026", "rehired", date(2026, 10, 26), until=date(2026, 11, 16)),
        Fate("FLC-2026-1", "promoted", date(2026, 11, 2)),
        Fate("FLC-2026-2", "steps_down", date(2026, 11, 3)),
        Fate("EXE-2026", "succeeded", date(2026, 11, 4)),
        Fate("POT-2026", "promoted", date(2026, 11, 6)),
        Fate("FLC-2026-1", "leaves", date(2026, 11, 9), until=date(2026, 11, 20)),
        Fate("MLC-2026", "promoted", date(2026, 11, 10)),
        Fate("FLC-2027-1", "parental_leave", date(2027, 2, 22), until=date(2027, 6, 7)),
        Fate("FLC-2026-1", "leaves", date(2027, 3, 8), until=date(2027, 3, 12)),
        Fate("FLC-2026-1", "moves", date(2027, 3, 9)),
        Fate("POT-2027", "leaves", date(2027, 4, 6), until=date(2027, 4, 9)),
    ),
    reorganisations=(
        Reorganisation("renamed", date(2026, 10, 14)),
        Reorganisation("moved", date(2026, 11, 25)),
        Reorganisation("merged", date(2027, 1, 4)),
        Reorganisation("merged", date(2027, 4, 12)),
    ),
)
"""A municipality's year from August to August."""

SHORT: Final = Plan(
    size=VILLAGE,
    until=date(2027, 2, 15),
    programmes=("first_line",),
    applied_on=date(2026, 8, 19),
    groups=(
        Group("FLC-2026-1", "FLC", date(2026, 8, 21), None, date(2026, 9, 29), "09:00", "Stadshuset, sal A"),
        Group("FLC-2026-2", "FLC", date(2026, 8, 21), None, date(2026, 10, 1), "09:00", "Stadshuset, sal B"),
    ),
    moves=(Move("FLC-2026-1", "M3", date(2026, 11, 3), date(2026, 11, 30), "13:00", "Biblioteket, Årummet"),),
    fates=(
        Fate("FLC-2026-1", "leaves", date(2026, 9, 14), until=date(2026, 9, 18)),
        Fate("FLC-2026-2", "parental_leave", date(2026, 9, 21), until=date(2026, 12, 14)),
        Fate("FLC-2026-1", "renamed", date(2026, 10, 6)),
        Fate("FLC-2026-1", "stays", date(2026, 10, 13), until=date(2026, 12, 31)),
        Fate("staff", "mistaken", date(2026, 10, 15)),
        Fate("FLC-2026-2", "moves", date(2026, 10, 20)),
        Fate("staff", "replaced", date(2026, 10, 22), until=date(2026, 12, 1)),
        Fate("FLC-2026-2", "rehired", date(2026, 10, 26), until=date(2026, 11, 16)),
        Fate("FLC-2026-1", "promoted", date(2026, 11, 2)),
        Fate("FLC-2026-2", "steps_down", date(2026, 11, 3)),
        Fate("FLC-2026-2", "leaves", date(2026, 11, 9), until=date(2026, 11, 20)),
    ),
    reorganisations=(
        Reorganisation("renamed", date(2026, 10, 14)),
        Reorganisation("moved", date(2026, 11, 18)),
        Reorganisation("merged", date(2027, 1, 4)),
    ),
    groupings=(Grouping("FLC", ("FLC-2026-1", "FLC-2026-2"), date(2026, 9, 1)),),
    alterations=(
        Alteration(
            date(2026, 10, 5),
            "reschedule_session",
            {"cohort_id": "FLC-2026-2", "session_id": "FLC-2026-2:M2", "starts_at": "2026-10-30T13:07:00"},
            ends="undone",
        ),
        Alteration(date(2026, 10, 12), "change_place", {"cohort_id": "FLC-2026-2", "location": "Stadshuset, sal C"}),
    ),
    swaps=(Swap("FLC-2026-1", "FLC-2026-2", date(2026, 9, 22)),),
    censuses=(
        Census(date(2026, 11, 11), lacking=0.4),
        Census(date(2026, 11, 12)),
        Census(date(2027, 1, 13), new_addresses=0.1),
    ),
    files=(FileImport(date(2026, 12, 9), "cp1252", ";"),),
    rewordings=(
        Rewording(
            "G2",
            date(2027, 1, 11),
            "En klimatneutral kommun före 2035",
            "A climate-neutral municipality before 2035",
            valid_to=date(2034, 12, 31),
        ),
    ),
    favours=(
        Favour("take_back", "FLC-2026-2", date(2026, 9, 2)),
        Favour("put_first", "FLC", date(2026, 9, 16)),
        Favour("withdraw", "FLC-2026-1", date(2026, 11, 5)),
        Favour("correct", "FLC-2026-1", date(2027, 2, 2)),
        Favour("contact", "FLC-2026-1", date(2027, 2, 3)),
        Favour("alumni", "FLC-2026-1", date(2027, 2, 4)),
    ),
    successions=1,
    appointments=1,
)
"""A village's half year with one programme: everything once, in seconds."""
