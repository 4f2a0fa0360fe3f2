"""What metrics of this process say, and by how much counters have risen."""

from collections.abc import Mapping

from prometheus_client import REGISTRY


def value(name: str, **labels: str) -> float:
    """How a metric stands now."""
    return REGISTRY.get_sample_value(f"ledstjarna_{name}", labels) or 0


class Risen:
    """By how much counters have risen since."""

    def __init__(self, name: str) -> None:
        self._name = f"ledstjarna_{name}"
        self._before = self._all()

    def by(self) -> dict[tuple[str, ...], float]:
        """By the values of their labels; without those that stand as before."""
        return {key: n - self._before.get(key, 0) for key, n in self._all().items() if n != self._before.get(key, 0)}

    def _all(self) -> Mapping[tuple[str, ...], float]:
        samples = (sample for metric in REGISTRY.collect() for sample in metric.samples if sample.name == self._name)
        return {tuple(sample.labels.values()): sample.value for sample in samples}
