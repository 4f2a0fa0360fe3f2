"""What older versions of notifications have left in its database."""

from shared.migrations import Migration, forget_published_bodies

_CARD, _FROM = "$coming", "$coming_from"
_COMES = {"$and": [{"$ifNull": [_CARD, False]}, {"$ifNull": [_FROM, False]}]}
_UPCOMING = {"$ifNull": ["$upcoming", []]}

MIGRATIONS = (
    forget_published_bodies(1),
    Migration(
        2,
        "how somebody is reached from a later day is among what HR has said of later days: apart, nobody read it",
        "contacts",
        {"$or": [{"coming": {"$exists": True}}, {"coming_from": {"$exists": True}}]},
        [
            {
                "$set": {
                    # Its version was the newest one told; now it is that of what holds today, and a later one follows.
                    "version": {"$cond": [_COMES, {"$max": [0, {"$subtract": ["$version", 1]}]}, "$version"]},
                    "upcoming": {
                        "$cond": [
                            _COMES,
                            {"$concatArrays": [_UPCOMING, [{"version": "$version", "begins": _FROM, "card": _CARD}]]},
                            _UPCOMING,
                        ]
                    },
                }
            },
            {"$unset": ["coming", "coming_from"]},
        ],
    ),
    Migration(
        3, "who waits for an address stands at her contact: nobody reads the list", "expected_contacts", {}, None
    ),
)
