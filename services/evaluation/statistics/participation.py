"""How many answered, and how much those who did not could change the result."""


def response_rate(*, completed: int, invited: int, undeliverable: int = 0, withdrawn: int = 0) -> float | None:
    """Completed / (invited − undeliverable − withdrawn before the wave opened), 0–1; None when nobody could answer.

    Source: the usual rule for e-mail surveys (AAPOR, Standard Definitions). A rate alone does not measure bias.

    Raises:
        ValueError: a number is negative, or more have answered than could.
    """
    could = invited - undeliverable - withdrawn
    if min(completed, invited, undeliverable, withdrawn, could) < 0 or completed > could:
        raise ValueError(f"{completed} completed of {could} who could answer: the numbers are not of the same wave")
    return completed / could if could else None


def worst_case_change(change: float, *, pairs: int, asked: int) -> float:
    """The mean change if everybody without a complete pair did not change at all: change · pairs / asked, in points.

    Source: a Manski bound with "unchanged" as the worst that is assumed of those who did not answer.

    Raises:
        ValueError: more pairs than people who were asked, or nobody was.
    """
    if not 0 <= pairs <= asked or asked == 0:
        raise ValueError(f"{pairs} pairs of {asked} asked: the numbers are not of the same cohort")
    return change * pairs / asked
