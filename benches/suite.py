#!/usr/bin/env python3
"""The suite: what the leads are worth on many logs whose campaigns are known.

Imports and evaluates every training log that is found and every log of some generated families, and prints a
table for each set of logs, then the worst, median and best value of each figure. Nothing is chosen: every log and
every campaign counts. Standard library only.

    cargo build --release && python3 benches/suite.py [--logs DIR] [--seeds N] [--nulls N] [--jobs N]

A training log is a folder NAME with exchanges-*.parquet beside NAME.truth.csv. Without --logs the ten of
../shared/realmix are made (40 minutes) if that folder is there. What was evaluated before in --work is not done
again; another build of the program begins anew.
"""

import argparse
import concurrent.futures
import csv
import hashlib
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAKE = ROOT.parent / "shared/realmix/make"

# Options of `generate` for each family: size of the log, then its campaigns.
SIZE = ["--accounts", "2500", "--exchanges", "150000", "--days", "30"]
FAMILIES = {
    "broad-careless": ["broad:care=careless,accounts=40,exchanges=4000"],
    "broad-careful": ["broad:care=careful,accounts=40,exchanges=4000"],
    "broad-very-careful": ["broad:care=very-careful,accounts=40,exchanges=4000"],
    "narrow-careful": ["narrow:care=careful,accounts=30,exchanges=3000"],
    "small": ["narrow:care=careful,accounts=10,exchanges=1200"],
    "covered": ["broad:care=careful,accounts=60,exchanges=8000,dilution=0.7"],
    "two": ["broad:care=careful,accounts=30,exchanges=3000,language=zh",
            "narrow:care=very-careful,accounts=25,exchanges=2500"],
}
NULL = "null"

# Error rate that the leads state: a lead passes with a q-value up to it and with an error rate claimed.
STATED = 0.05
HELD, PURE = 0.8, 0.9


class Log:
    """A log with its truth: a folder, or the arguments that generate it."""

    def __init__(self, group, name, folder=None, truth=None, arguments=None):
        self.group, self.name, self.folder, self.truth, self.arguments = group, name, folder, truth, arguments

    def key(self):
        """Changes when the log does."""
        if self.arguments is not None:
            return hashlib.sha256(repr(self.arguments).encode()).hexdigest()[:16]
        files = sorted(self.folder.glob("exchanges-*.parquet")) + [self.truth]
        about = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return hashlib.sha256(repr((str(self.folder), about)).encode()).hexdigest()[:16]


def training_logs(folder):
    for truth in sorted(folder.glob("*.truth.csv")):
        log = folder / truth.name.removesuffix(".truth.csv")
        if any(log.glob("exchanges-*.parquet")):
            yield Log("training logs", log.name, log, truth)


def generated_logs(seeds, nulls):
    for family, campaigns in FAMILIES.items():
        for seed in range(1, seeds + 1):
            planted = [argument for campaign in campaigns for argument in ("--campaign", campaign)]
            yield Log("generated families", f"{family}-{seed}", arguments=[*SIZE, *planted, "--seed", str(500 + seed)])
    for seed in range(1, nulls + 1):
        yield Log("generated families", f"{NULL}-{seed}", arguments=[*SIZE, "--seed", str(900 + seed)])


def run(program, arguments, environment):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"stillhunt {' '.join(map(str, arguments))}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def measure(program, log, results, jobs):
    """Writes figures, leads and seconds of one log to `results`, unless they are there."""
    figures = results / f"{log.name}-{log.key()}.figures.csv"
    leads, seconds = figures.with_suffix(".leads.csv"), figures.with_suffix(".seconds")
    if figures.exists():
        return figures, leads, seconds
    environment = {**os.environ, "RAYON_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // jobs))}
    with tempfile.TemporaryDirectory(dir=results.parent) as folder:
        case, logs, truth = Path(folder, "c.stillhunt"), log.folder, log.truth
        if log.arguments is not None:
            logs = Path(folder, "logs")
            truth = logs / "truth.csv"
            run(program, ["generate", "--out", logs, *log.arguments], environment)
        begin = time.monotonic()
        run(program, ["import", case, logs, "--reference"], environment)
        seconds.write_text(f"{time.monotonic() - begin:.1f}\n", encoding="utf-8")
        leads.write_text(run(program, ["leads", case, "--format", "csv"], environment), encoding="utf-8")
        part = figures.with_suffix(".part")
        run(program, ["evaluate", case, "--truth", truth, "--quick", "--format", "csv", "--out", part], environment)
        # Last, so that what is there is whole.
        part.rename(figures)
    return figures, leads, seconds


def number(text):
    return float(text) if text not in ("", None) else None


def whole(value):
    """A count as an int, so that it is printed without decimals."""
    return int(value) if value is not None and math.isfinite(value) else value


class Result:
    """The figures of one log."""

    def __init__(self, log, figures, leads, seconds):
        self.log, self.seconds = log, float(seconds.read_text(encoding="utf-8"))
        with open(figures, encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.by_name = {(row["section"], row["subject"], row["figure"]): row for row in self.rows}
        with open(leads, encoding="utf-8", newline="") as file:
            self.leads = list(csv.DictReader(file))

    def value(self, section, subject, figure, column="value"):
        return number(self.by_name.get((section, subject, figure), {}).get(column))

    def campaigns(self):
        return sorted({row["subject"] for row in self.rows if row["section"] == "campaigns"})

    def passing(self):
        """Leads with an error rate claimed that is at most the stated one."""
        claimed = [lead for lead in self.leads if lead["ranked_only"] != "true" and lead["q_value"]]
        return sum(float(lead["q_value"]) <= STATED for lead in claimed)

    def worst_innocents(self):
        """Class with the largest share in the leads read: name, accounts in leads, accounts, share."""
        rows = [row for row in self.rows if row["section"] == "innocents" and row["figure"] == "in the leads read"]
        worst = max(rows, key=lambda row: float(row["value"]), default=None)
        return worst and (worst["subject"], int(float(worst["hits"])), int(worst["of"]), float(worst["value"]))


def campaign_figures(result, campaign):
    """Figures of one campaign; None where this build does not print one."""
    reading = lambda figure: result.value("reading", campaign, figure)
    # An empty number of leads: no number of leads holds so much.
    never = lambda figure: math.inf if ("reading", campaign, figure) in result.by_name else None
    until = lambda figure: reading(figure) or never(figure)
    best = lambda figure: result.value("campaigns", campaign, figure)
    return {
        "accounts": whole(result.value("campaigns", campaign, "share held", "of")),
        "to half": whole(until("leads to read until half is held")),
        "to 80 %": whole(until("leads to read until 80 % is held")),
        "pure at 80 %": reading("campaign accounts among those read until 80 % is held"),
        "best of 5 held": reading("best of the first 5 leads: share held"),
        "best of 5 purity": reading("best of the first 5 leads: purity"),
        "best lead": whole(best("rank of its best lead")),
        "held": best("share held"),
        "purity": best("purity"),
    }


def log_figures(result):
    core, others = "core members", "joined members and accounts outside"
    worst = result.worst_innocents()
    return {
        "PR-AUC": result.value("accounts", "all", "PR-AUC"),
        "low": result.value("accounts", "all", "PR-AUC", "low"),
        "high": result.value("accounts", "all", "PR-AUC", "high"),
        "leads": len(result.leads),
        "passing": result.passing(),
        "worst innocents in leads read": worst and worst[3],
        "of p > .95, outside the core, belong": result.value("membership", others, "share that belongs, 0.95 to 1"),
        "Brier, core": result.value("membership", core, "Brier score"),
        "Brier, others": result.value("membership", others, "Brier score"),
        "seconds": result.seconds,
    }


def shown(value, digits=3):
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == math.inf:
        return "never"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def table(header, rows):
    cells = [header] + [[shown(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print()


def wilson(hits, of):
    """Wilson's 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    z, p = 1.959964, hits / of
    middle, half = (p + z * z / (2 * of)), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return max(0.0, (middle - half) / (1 + z * z / of)), min(1.0, (middle + half) / (1 + z * z / of))


def median_interval(values, draws=2000):
    """95 % percentile interval of the median, whole logs or campaigns drawn again; the seed is fixed."""
    lots = random.Random(1)
    medians = sorted(statistics.median(lots.choices(values, k=len(values))) for _ in range(draws))
    return medians[int(0.025 * draws)], medians[math.ceil(0.975 * draws) - 1]


def spread(rows, lower_is_better):
    """Worst, median (with interval) and best of each figure over its rows of {figure: value}."""
    out = []
    for figure in rows[0] if rows else []:
        values = [row[figure] for row in rows if row[figure] is not None]
        # A campaign that is never held counts as the worst.
        missing = len(rows) - len(values)
        if not values:
            continue
        low, high = min(values), max(values)
        worst, best = (high, low) if figure in lower_is_better else (low, high)
        interval = " to ".join(shown(end) for end in median_interval(values)) if len(values) > 1 else "–"
        out.append([figure, worst, statistics.median(values), interval, best, len(values), missing])
    table(["figure", "worst", "median", "95 % interval", "best", "of", "none"], out)


def share(title, hits, of):
    low, high = wilson(hits, of)
    print(f"{hits} of {of} {title} (95 % interval {low:.2f} to {high:.2f})")


def worst_class(result):
    worst = result.worst_innocents()
    return f"{worst[0]}: {worst[1]} of {worst[2]}" if worst else "–"


def report(group, results):
    print(f"== {group}: {len(results)} logs\n")
    names = list(log_figures(results[0]))
    table(["log", *names, "class"],
          [[result.log.name, *log_figures(result).values(), worst_class(result)] for result in results])
    campaigns = [(result, campaign, campaign_figures(result, campaign))
                 for result in results for campaign in result.campaigns()]
    if campaigns:
        table(["log", "campaign", *campaigns[0][2]],
              [[result.log.name, campaign, *figures.values()] for result, campaign, figures in campaigns])
    planted = [result for result in results if result.campaigns()]
    if planted:
        print("Logs with a campaign:")
        keep = lambda row: {name: row[name] for name in row if name not in ("low", "high", "leads", "passing")}
        lower = {"worst innocents in leads read", "Brier, core", "Brier, others", "seconds"}
        spread([keep(log_figures(result)) for result in planted], lower)
        print("Campaigns (“none”: never held, or no figure):")
        figures = [{name: row[name] for name in row if name != "accounts"} for _, _, row in campaigns]
        spread(figures, {"to half", "to 80 %", "best lead"})
    bars(results, campaigns)


def bars(results, campaigns):
    """Counts of what matters to a reader of the first leads, and of false alarms."""
    at_least = lambda value, least: value is not None and value >= least
    large = [row for _, _, row in campaigns if at_least(row["accounts"], 15)]
    if any(row["best of 5 held"] is None for row in large):
        print("This build does not measure the best of the first five leads.")
    elif large:
        hits = sum(at_least(row["best of 5 held"], HELD) and at_least(row["best of 5 purity"], PURE) for row in large)
        share(f"campaigns of 15 accounts or more: one of the first five leads holds {HELD:.0%} at purity {PURE:.0%}",
              hits, len(large))
    small = [row for _, _, row in campaigns if 8 <= (row["accounts"] or 0) <= 12]
    if small:
        first_ten = lambda row: row["best lead"] is not None and row["best lead"] <= 10
        hits = sum(first_ten(row) and at_least(row["held"], 0.5) and at_least(row["purity"], 0.5) for row in small)
        share("campaigns of 8 to 12 accounts: one of the first ten leads is mostly theirs and holds half", hits, len(small))
    # At most 1 % of the worst class; of a class of fewer than 100 accounts at most one.
    few = lambda result: all(int(float(row["hits"])) <= max(1, int(row["of"]) // 100) for row in result.rows
                             if row["section"] == "innocents" and row["figure"] == "in the leads read")
    share("logs have at most 1 % (of fewer than 100: one) of every class of innocents in the leads read",
          sum(few(result) for result in results), len(results))
    nulls = [result for result in results if not result.campaigns()]
    if nulls:
        passing = sum(result.passing() > 0 for result in nulls)
        share(f"logs without a campaign have a lead that passes the stated {STATED:.0%}", passing, len(nulls))
        print("  leads that pass, by log:", ", ".join(f"{result.log.name} {result.passing()}" for result in nulls))
    print()


def found_logs(arguments, work):
    logs = arguments.logs
    if logs is None and MAKE.exists():
        logs = work / "training"
        subprocess.run([MAKE, logs, "suite"], check=True)
    found = list(training_logs(logs)) if logs else []
    if not found:
        print("No training logs: only generated families are measured.", file=sys.stderr)
    found += generated_logs(arguments.seeds, arguments.nulls)
    only = arguments.only and arguments.only.split(",")
    return [log for log in found if not only or log.name in only]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/stillhunt")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "stillhunt-suite")
    parser.add_argument("--logs", type=Path, help="folder of training logs")
    parser.add_argument("--only", help="names of logs, separated by commas")
    parser.add_argument("--seeds", type=int, default=2, help="generated logs a family")
    parser.add_argument("--nulls", type=int, default=10, help="generated logs without a campaign")
    parser.add_argument("--jobs", type=int, default=1, help="logs at a time")
    arguments = parser.parse_args()
    build = hashlib.sha256(arguments.program.read_bytes()).hexdigest()[:16]
    work = arguments.work
    results = work / build
    results.mkdir(parents=True, exist_ok=True)
    # A build that comes meanwhile must not be measured halfway.
    program = results / "stillhunt"
    if not program.exists():
        shutil.copy2(arguments.program, program)
    logs = found_logs(arguments, work)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        under_way = {pool.submit(measure, program, log, results, arguments.jobs): log for log in logs}
        failed = []
        for done, future in enumerate(concurrent.futures.as_completed(under_way), 1):
            log = under_way[future]
            error = future.exception()
            if error:
                failed.append(log.name)
            print(f"{done} of {len(logs)}: {log.name}{f': {error}' if error else ''}", file=sys.stderr, flush=True)
    paths = {log: future.result() for future, log in under_way.items() if not future.exception()}
    measured = [Result(log, *paths[log]) for log in logs if log in paths]
    print(f"Program {build}; {len(measured)} of {len(logs)} logs measured\n")
    for group in dict.fromkeys(result.log.group for result in measured):
        report(group, [result for result in measured if result.log.group == group])
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
