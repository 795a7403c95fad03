"""Ours and the peer in turns, and what follows from the figures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

SIDES = ("ours", "peer")


@dataclass(frozen=True)
class Sample:
    """One measurement. `cost` is what the ratio compares (lower is better); `figures` are printed beside it."""

    cost: float
    figures: dict[str, float] = field(default_factory=dict)
    disturbance: str | None = None


@dataclass(frozen=True)
class Part:
    """One ratio of a benchmark, the unit of its cost, and the ratio that is asked for, None where none is.

    `limits` are the most that figures of ours may be, whatever the peer's are. One whose measurements begin with all
    that has to be warm does not `warm_up` by a round of its own.
    """

    name: str
    unit: str
    target: float | None
    rounds: int
    limits: dict[str, float] = field(default_factory=dict)
    warm_up: bool = True


@dataclass(frozen=True)
class Outcome:
    part: Part
    pairs: list[tuple[Sample, Sample]]  # (ours, peer) of each round
    repeated: int                       # rounds measured again because others used the cores
    disturbed: int                      # rounds that count although others used the cores

    def cost(self, side: str) -> float:
        return median(pair[SIDES.index(side)].cost for pair in self.pairs)

    def figure(self, side: str, name: str) -> float:
        return median(pair[SIDES.index(side)].figures[name] for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """The median over the rounds: within a round both sides ran next to each other in time."""
        return median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        return [ours.cost / peer.cost for ours, peer in self.pairs]

    @property
    def met(self) -> bool:
        within = all(self.figure("ours", name) <= most for name, most in self.part.limits.items())
        return within and (self.part.target is None or self.ratio <= self.part.target)


def alternate(
    part: Part,
    measure: Callable[[str], Sample],
    settle: Callable[[], None],
    report: Callable[[str], None],
) -> Outcome:
    """Runs ours-peer, peer-ours, ours-peer and so on, after one round that does not count.

    Calls `settle` before each round. A round in which others used the cores is repeated, at most as often as there are
    rounds.
    """
    for side in SIDES if part.warm_up else ():
        measure(side)
    quiet, disturbed = [], []
    for number in range(2 * part.rounds):
        order = SIDES if number % 2 == 0 else tuple(reversed(SIDES))
        settle()
        samples = {side: measure(side) for side in order}
        pair = (samples["ours"], samples["peer"])
        disturbance = next((sample.disturbance for sample in pair if sample.disturbance), None)
        if disturbance:
            report(f"warning: {part.name}: {disturbance}")
        (disturbed if disturbance else quiet).append(pair)
        if len(quiet) == part.rounds:
            break
    missing = part.rounds - len(quiet)
    # The last ones: whoever disturbed may have been about to finish.
    used = disturbed[len(disturbed) - missing:]
    return Outcome(part, quiet + used, repeated=len(disturbed) - len(used), disturbed=len(used))
