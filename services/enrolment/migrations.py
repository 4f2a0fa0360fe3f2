"""What older versions of enrolment have left in its database."""

from shared.migrations import Migration, forget_published_bodies

MIGRATIONS = (
    forget_published_bodies(1),
    Migration(
        2,
        "seats that are kept for a post say since when: a bare post can no longer be read",
        "cohorts",
        {"reserved": {"$elemMatch": {"$type": "string"}}},
        [
            {
                "$set": {
                    "reserved": {
                        "$map": {
                            "input": "$reserved",
                            "as": "kept",
                            "in": {
                                "$cond": [
                                    {"$eq": [{"$type": "$$kept"}, "string"]},
                                    {"post": "$$kept", "since": "$$NOW", "place_id": None},
                                    "$$kept",
                                ]
                            },
                        }
                    }
                }
            }
        ],
        compatible=False,
    ),
)
