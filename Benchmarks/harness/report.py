"""The table of a benchmark and its last lines."""

from math import isnan

from harness.rounds import Outcome


def table(outcome: Outcome) -> str:
    """One line for each side: the median cost, its range, and the medians of the figures beside it."""
    names = list(outcome.pairs[0][0].figures)
    rows = [["", outcome.part.unit, "from", "to", *names]]
    for index, side in enumerate(("ours", "peer")):
        costs = [pair[index].cost for pair in outcome.pairs]
        figures = [_short(outcome.figure(side, name)) for name in names]
        rows.append([side, _short(outcome.cost(side)), _short(min(costs)), _short(max(costs)), *figures])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]
    return "\n".join([f"{outcome.part.name}: {_rounds(outcome)}", *lines, f"ratio {_spread(outcome)}"])


def verdicts(benchmark: str, outcomes: list[Outcome]) -> list[str]:
    """`BENCH <name> ratio=…`, one line for each part and then, where there are several, one for all.

    The ratio of the line for all is that of the first part; its target is met when every part's is.
    """
    if len(outcomes) == 1:
        return [_verdict_line(benchmark, outcomes[0])]
    lines = [_verdict_line(f"{benchmark}-{outcome.part.name}", outcome) for outcome in outcomes]
    ratios = " ".join(f"{outcome.part.name}={outcome.ratio:.3f}" for outcome in outcomes)
    targets = " ".join(
        f"{outcome.part.name}<={outcome.part.target:g}" for outcome in outcomes if outcome.part.target is not None)
    met = "met" if all(outcome.met for outcome in outcomes) else "missed"
    return [*lines, f"BENCH {benchmark} ratio={outcomes[0].ratio:.3f} {ratios} targets: {targets} {met}"]


def _verdict_line(name: str, outcome: Outcome) -> str:
    return (f"BENCH {name} ratio={outcome.ratio:.3f} {_asked(outcome)}{_met(outcome)} "
            f"ours={_short(outcome.cost('ours'))} peer={_short(outcome.cost('peer'))} unit={outcome.part.unit} "
            f"rounds={len(outcome.pairs)} disturbed={outcome.disturbed}")


def _asked(outcome: Outcome) -> str:
    """The target and the limits, each followed by a space."""
    part = outcome.part
    target = "" if part.target is None else f"target<={part.target:g} "
    figures = (f"{name.replace(' ', '-')}={_short(outcome.figure('ours', name))}<={most:g} "
               for name, most in part.limits.items())
    return target + "".join(figures)


def _met(outcome: Outcome) -> str:
    return "met" if outcome.met else "missed"


def _rounds(outcome: Outcome) -> str:
    text = f"{len(outcome.pairs)} rounds"
    if outcome.repeated:
        text += f", {outcome.repeated} more were disturbed and repeated"
    if outcome.disturbed:
        text += f", {outcome.disturbed} of these were disturbed by other programs"
    return text


def _spread(outcome: Outcome) -> str:
    ratios = outcome.ratios
    return f"{outcome.ratio:.3f}, from {min(ratios):.3f} to {max(ratios):.3f}"


def _short(value: float) -> str:
    """With four digits; `-` for what there is not."""
    if isnan(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
