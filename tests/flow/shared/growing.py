"""A migration of many small documents, in a process of its own that can be killed: `python -m … URL`."""

import asyncio
import sys

from shared.delivery import connect
from shared.migrations import Migration, Progress, Runner

COUNTING = Migration(
    1,
    "every box is counted once",
    "boxes",
    {"old": True},
    [{"$set": {"times": {"$add": ["$times", 1]}, "old": False}}],
)


async def _run(url: str) -> None:
    database = connect(url)

    def tell(how: Progress) -> None:
        print(how.changed, flush=True)

    await Runner(database, [COUNTING], tell, together=100).run()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
