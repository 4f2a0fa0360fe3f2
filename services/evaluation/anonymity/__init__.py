"""What may be told about a group without telling about anybody in it. Everything published goes through here.

The rules have numbers, by which the rest of evaluation refers to them; docs/anonymity.md says what each prevents.

* I1 nothing published rests on fewer than k people, the count itself and each group of a distribution included;
* I2 two published sets of people for the same question and wave differ by nobody or by at least k, over all releases;
* I3 "all" and "pairs" of a wave are not published side by side when few are in one but not the other;
* I4 no sum or difference of three or more published sets rests on a few, such as a parent less its shown children;
* I5 where all but one agree, or the mean lies at an end of the scale, a band is told, no interval and no distribution;
* I6 while a wave is open nothing is told but counts of at least k, taken once a day;
* I7 a release is never changed; a figure is reckoned anew only over the same people or k others;
* I8 a response holds no time, language, address or order; I9 no event holds an answer, a pseudonym or a response;
* I10 comments are told from eight on, in no order, after a person has released them;
* I11 what was promised is not changed once an invitation was opened; "anonymous" is said only when no key exists;
* I12 a manager sees her employees' ratings from k raters on, a programme from k such managers and fifteen raters on;
* I13 there is no way around: no argument says who asks;
* I14 network figures rest on at least eight;
* I15 when a key is destroyed nothing is left that joins a response to a person (`joins` proves it).

**What somebody can learn who knows every published figure and every set of people behind it.** Each number that she can
reckon by adding, subtracting and scaling published means over the same question rests on at least k people. If m of
them work together with her and tell what they answered, it rests on at least k - m others: up to k - 2 insiders cannot
reckon anybody's answer, but k - 1 insiders in a set of k learn the last one's, as with any mean. One insider does not
learn that all the others in a published set gave the same answer (I5); two or more may, when all the others did.

Not claimed: that guesses do not improve (a mean of 80 says something about everybody in it); that the list of answers,
without whose they are, cannot be worked out from a mean and its interval in a group of five to eight; that a figure
that is hidden tells nothing, as it tells that there was a reason. Who sees a wave's counts of asked and answered may
know that somebody did not answer. Answers of one person in two cohorts are two answers: sets are compared within
one cohort, and what goes beyond one is made of released figures only (`pooled`), before and after its key is gone.
"""

from services.evaluation.anonymity.figures import Candidate, Published, publishable
from services.evaluation.anonymity.ledger import (
    DomainDestroyedError,
    LedgerEntry,
    entries,
    pooled,
    published_before,
    refuse_destroyed,
)
from services.evaluation.anonymity.limits import (
    SMALLEST_COMMENTS,
    SMALLEST_K,
    SMALLEST_NETWORK,
    Cut,
    Mode,
    Ratings,
    count_for_today,
    cut,
    may_change_mode,
    may_recompute,
    promise,
    publishable_comments,
    publishable_count,
    publishable_groups,
    publishable_network,
    publishable_ratings,
    publishable_shares,
    threshold,
)
from services.evaluation.anonymity.separation import Join, joins, order_leaks
from services.evaluation.anonymity.sets import Question

__all__ = [
    "SMALLEST_COMMENTS",
    "SMALLEST_K",
    "SMALLEST_NETWORK",
    "Candidate",
    "Cut",
    "DomainDestroyedError",
    "Join",
    "LedgerEntry",
    "Mode",
    "Published",
    "Question",
    "Ratings",
    "count_for_today",
    "cut",
    "entries",
    "joins",
    "may_change_mode",
    "may_recompute",
    "order_leaks",
    "pooled",
    "promise",
    "publishable",
    "publishable_comments",
    "publishable_count",
    "publishable_groups",
    "publishable_network",
    "publishable_ratings",
    "publishable_shares",
    "published_before",
    "refuse_destroyed",
    "threshold",
]
