"""Prints the covered lines of each target from the JSON that `swift test --enable-code-coverage` leaves."""

import json
import os
import sys
from collections import defaultdict


def targets_of(report, root):
    """Target name to [lines, covered lines, functions, covered functions]."""
    sums = defaultdict(lambda: [0, 0, 0, 0])
    for file in report["data"][0]["files"]:
        path = os.path.relpath(file["filename"], root).split(os.sep)
        if path[0] != "Sources":
            continue
        lines, functions = file["summary"]["lines"], file["summary"]["functions"]
        figures = (lines["count"], lines["covered"], functions["count"], functions["covered"])
        sums[path[1]] = [sum(pair) for pair in zip(sums[path[1]], figures)]
    return sums


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        sums = targets_of(json.load(file), os.getcwd())
    if not sums:
        sys.exit("no file of Sources/ in the coverage report")
    print(f"{'target':<20}{'lines':>8}{'covered':>9}{'':>9}{'functions':>11}{'covered':>9}{'':>9}")
    rows = sorted(sums.items()) + [("all", [sum(column) for column in zip(*sums.values())])]
    for name, (lines, covered, functions, called) in rows:
        print(
            f"{name:<20}{lines:>8}{covered:>9}{percent(covered, lines):>9}"
            f"{functions:>11}{called:>9}{percent(called, functions):>9}"
        )


if __name__ == "__main__":
    main()
