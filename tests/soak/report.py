"""The figures of a run as Markdown."""

import os
import platform

_LEVELS = (
    ("memory, KiB", "rss_kib"), ("descriptors", "descriptors"), ("threads", "threads"), ("children", "children"),
)  # fmt: skip


def markdown(seed, minutes, tally, samplers):
    parts = [
        f"{minutes:g} minutes, seed {seed}, {os.cpu_count()} cores, Linux {platform.release()}",
        _table(("figure", "value"), _figures(tally)),
        _table(("program", "figure", "at rest before", "first fifth", "last fifth", "most", "at rest after"), [
            row for sampler in samplers for row in _resources(sampler)
        ]),
        _table(("client", "visits", "refused", "gave up while somebody had stopped the other side"), _clients(tally)),
        _table(("what a client did", "times"), _acts(tally)),
        _table(("fault", "times"), sorted(tally.faults.items())),
    ]
    return "\n\n".join(parts) + "\n"


def _figures(tally):
    return [
        ("visits", sum(tally.visits.values())),
        ("refused", sum(tally.refused.values())),
        ("restarts of MicroPython that a client saw", tally.resets),
        ("bytes seen to arrive at the board", f"{tally.sent:,}"),
        ("bytes seen to arrive at clients", f"{tally.received:,}"),
        ("bytes lost", tally.lost),
        ("failures", len(tally.failures)),
    ]


def _resources(sampler):
    """The fifths are medians, behind the warm-up."""
    name = sampler.program.name
    for title, field in _LEVELS:
        ends = [getattr(sample, field, "") for sample in (sampler.before, sampler.after)]
        yield name, title, ends[0], *(f"{get(field):g}" for get in (sampler.first, sampler.last, sampler.most)), ends[1]
    seconds = sampler.most("cpu_seconds") - sampler.before.cpu_seconds
    yield name, "CPU time, s", "", "", "", f"{seconds:.1f}", ""


def _clients(tally):
    for kind in sorted({*tally.visits, *tally.refused, *tally.excused}):
        yield kind, tally.visits[kind], tally.refused[kind], tally.excused[kind]


def _acts(tally):
    return [(name.replace("_", " "), count) for name, count in sorted(tally.acts.items())]


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
