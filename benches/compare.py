#!/usr/bin/env python3
"""Stillhunt against DuckDB: the same work on the same files, in turns, as ratios of medians.

    python3 benches/compare.py CASE            queries and, unless --loads 0, the load
    python3 benches/compare.py LOGS            the load of a folder of Parquet files only

CASE is a Stillhunt case whose snapshots are still where they were imported from. Needs Python 3.9,
`pip install duckdb`, and cargo. DuckDB has two threads, a table of the canonical columns without
prompt_text, response_text and prompt_embedding, ordered by account and time, checkpointed, once
with request_id and once without (Stillhunt keeps request_id only as a hash for counting
duplicates); its queries run on the smaller one. Of several formulations of a query the fastest
counts. Both sides' answers are compared. Exit status 1 where a bar is missed or an answer differs.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import duckdb
except ImportError:
    sys.exit("compare.py needs DuckDB: pip install duckdb")

LEFT_OUT = ("prompt_text", "response_text", "prompt_embedding")
THREADS = 2
HERE = os.path.dirname(os.path.abspath(__file__))

# Hours since a Monday, as fast as DuckDB can be asked; the first is how one would ask.
WEEKS = (
    "SELECT (dayofweek(ts) + 6) % 7 * 24 + hour(ts) h, count(*) FROM x {where} GROUP BY 1",
    "SELECT (epoch_us(ts) // 3600000000 + 72) % 168 h, count(*) FROM x {where} GROUP BY 1",
    "SELECT (h + 72) % 168, sum(n)::BIGINT FROM"
    " (SELECT epoch_us(ts) // 3600000000 h, count(*) n FROM x {where} GROUP BY 1) GROUP BY 1",
)
INTERVALS = (
    "SELECT account_id, count(d), avg(d), stddev_samp(d), median(d) FROM (SELECT account_id,"
    " epoch_us(ts) - epoch_us(lag(ts) OVER (PARTITION BY account_id ORDER BY ts)) d FROM x)"
    " GROUP BY 1 HAVING count(d) > 0"
)


def main():
    options = arguments()
    answer = options.answer or built()
    folder = tempfile.mkdtemp(prefix="stillhunt-compare-")
    try:
        table = Table()
        if os.path.exists(os.path.join(options.subject, "case.sqlite")):
            compare_case(options, answer, folder, table)
        else:
            paths = sorted(
                os.path.join(at, name)
                for at, _, names in os.walk(options.subject)
                for name in names
                if name.endswith(".parquet")
            )
            compare_load(options, answer, folder, paths, table)
        print("\n" + "\n".join(table.lines()))
        sys.exit(0 if table.is_met() else 1)
    finally:
        shutil.rmtree(folder)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", help="a case, or a folder of Parquet files")
    parser.add_argument("--runs", type=int, default=7, help="of each query; medians of them count")
    parser.add_argument("--loads", type=int, default=3, help="of the load, a minute each and more; 0 for none")
    parser.add_argument("--answer", help="the bench of that name, where it is built already")
    parser.add_argument("--memory", default=None, help="DuckDB's memory limit, as 4GB; its own default otherwise")
    return parser.parse_args()


def built():
    """The program that does Stillhunt's side."""
    command = ["cargo", "bench", "--bench", "answer", "--no-run", "--message-format=json"]
    told = subprocess.run(command, cwd=os.path.dirname(HERE), check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in told.splitlines():
        message = json.loads(line)
        if message.get("target", {}).get("name") == "answer" and message.get("executable"):
            return message["executable"]
    sys.exit("cargo did not say where the bench is")


def compare_case(options, answer, folder, table):
    stillhunt = Stillhunt(answer, options.subject)
    paths = stillhunt.ask("files")["files"]
    about = stillhunt.ask("about")
    print(f"{about['exchanges']:,} exchanges, {about['accounts']:,} accounts, {len(paths)} files; "
          f"DuckDB {duckdb.__version__}, {THREADS} threads; medians of {options.runs} in turns")
    opened = stillhunt.opened
    if options.loads:
        stillhunt.close()
        compare_load(options, answer, folder, paths, table)
        stillhunt = Stillhunt(answer, options.subject)
        database = os.path.join(folder, "without.duckdb")
    else:
        database = os.path.join(folder, "without.duckdb")
        create(database, paths, columns(paths, ("request_id",)), options.memory)
    duck = connect(database, options.memory)
    try:
        queries(options, stillhunt, duck, about, table)
    finally:
        duck.close()
        stillhunt.close()
    if cold():
        cold_start(options, answer, database, about, table)
    else:
        print("the page cache cannot be dropped here: no cold times")
    table.note(f"opening the case took {opened:.0f} ms")


def compare_load(options, answer, folder, paths, table):
    source = os.path.dirname(paths[0])
    shapes = {"without": columns(paths, ("request_id",)), "with": columns(paths, ())}
    times = {"without": [], "with": [], "stillhunt": [], "sealing": [], "links": []}
    sizes, cache = {}, os.path.join(folder, "cache.sqlite")
    for run in range(options.loads):
        for name, chosen in shapes.items():
            database = os.path.join(folder, f"{name}.duckdb")
            times[name].append(create(database, paths, chosen, options.memory))
            sizes[name] = os.path.getsize(database)
            # Without is queried later; with is only loaded.
            if name == "with":
                os.remove(database)
        if os.path.exists(cache):
            os.remove(cache)
        told = json.loads(subprocess.run([answer, "--load", source, cache], check=True, stdout=subprocess.PIPE).stdout)
        times["stillhunt"].append(told["load_ms"] + told["links_ms"])
        times["sealing"].append(told["seal_ms"])
        times["links"].append(told["links_ms"])
        os.remove(cache)
        print(f"load {run + 1} of {options.loads}: DuckDB {times['without'][-1] / 1e3:.1f} s without request_id, "
              f"{times['with'][-1] / 1e3:.1f} s with, Stillhunt {times['stillhunt'][-1] / 1e3:.1f} s", flush=True)
    middle = {name: statistics.median(values) for name, values in times.items()}
    table.add("load, links included", middle["stillhunt"], middle["without"], 0.4)
    table.add("  against the load with request_id", middle["stillhunt"], middle["with"], 0.4)
    table.add("cache size, MB", told["bytes"] / 1e6, sizes["without"] / 1e6, 1.0)
    table.add("  against the size with request_id, MB", told["bytes"] / 1e6, sizes["with"] / 1e6, 1.0)
    table.note(f"load: medians of {options.loads}; links {middle['links'] / 1e3:.1f} s of it; hashing the files for the "
               f"seal takes {middle['sealing'] / 1e3:.1f} s more, which DuckDB does not do; peak of the load "
               f"{told['peak_bytes'] / 2**30:.2f} GiB")


def columns(paths, left_out):
    told = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet({paths!r}, union_by_name = true)").fetchall()
    return [row[0] for row in told if row[0] not in LEFT_OUT + tuple(left_out)]


def create(database, paths, chosen, memory):
    """Milliseconds to a checkpointed table, ordered by account and time."""
    if os.path.exists(database):
        os.remove(database)
    names = ", ".join(f'"{name}"' for name in chosen)
    duck = connect(database, memory)
    began = time.perf_counter()
    duck.execute(f"CREATE TABLE x AS SELECT {names} FROM read_parquet({paths!r}, union_by_name = true)"
                 " ORDER BY account_id, ts")
    duck.execute("CHECKPOINT")
    took = (time.perf_counter() - began) * 1e3
    duck.close()
    return took


def connect(database, memory):
    duck = duckdb.connect(database)
    duck.execute(f"SET threads = {THREADS}")
    duck.execute("SET TimeZone = 'UTC'")
    if memory:
        duck.execute(f"SET memory_limit = '{memory}'")
    return duck


def queries(options, stillhunt, duck, about, table):
    run = lambda *both, **more: in_turns(options.runs, stillhunt, duck, *both, **more)
    account, busiest = about["account"], about["busiest"]
    duck.execute("CREATE TEMP TABLE campaign (account_id VARCHAR)")
    ids = [(account,) for account in stillhunt.ask("campaign")["accounts"]]
    duck.execute("INSERT INTO campaign SELECT unnest(?)", [[account for (account,) in ids]])

    for name, who in (("one account's timeline", account), ("the busiest account's timeline", busiest)):
        times = run(f"timeline {who}", ["SELECT epoch_us(ts) FROM x WHERE account_id = ? ORDER BY ts"], [who])
        same([row[0] for row in times.rows] == times.told["ts"], name)
        table.add(name, times.stillhunt, times.duck, 0.1)
    times = run(f"records {account}", ["SELECT * FROM x WHERE account_id = ? ORDER BY ts"], [account])
    same(len(times.rows) == times.told["rows"], "records")
    table.add("  its records, all columns", times.stillhunt, times.duck, None)

    known = {row[0] for row in duck.execute("DESCRIBE x").fetchall()}
    for kind in ("ip", "payment_fingerprint", "user_agent"):
        if kind not in known:
            continue
        asked = (f"SELECT DISTINCT account_id FROM x WHERE {kind} IN (SELECT {kind} FROM x WHERE account_id = ?)")
        times = run(f"sharing {kind} {account}", [asked], [account])
        others = {row[0] for row in times.rows} - {account}
        same(len(others) == max(times.told["accounts"] - 1, 0), f"sharing {kind}")
        table.add(f"accounts sharing its {kind}", times.stillhunt, times.duck, 0.05)

    for name, scope, where in (
        ("hour of week, everything", "week", ""),
        (f"hour of week, {len(ids):,} accounts", "week campaign", "WHERE account_id IN (SELECT account_id FROM campaign)"),
    ):
        times = run(scope, [week.format(where=where) for week in WEEKS])
        hours = dict(times.rows)
        same([hours.get(hour, 0) for hour in range(168)] == times.told["hours"], name)
        table.add(name, times.stillhunt, times.duck, 0.3)

    times = run("intervals", [INTERVALS], most=max(3, options.runs // 2))
    medians = sum(row[4] for row in times.rows) / 1e6
    same(len(times.rows) == times.told["accounts"], "intervals, accounts")
    same(abs(medians - times.told["medians"]) <= 1e-9 * abs(medians), "intervals, medians")
    table.add("intervals of all accounts", times.stillhunt, times.duck, 0.2)


class Times:
    """Medians of both sides, and what they said last."""


def in_turns(runs, stillhunt, duck, line, formulations, parameters=None, most=None):
    ours, theirs = [], {formulation: [] for formulation in formulations}
    times = Times()
    for run in range(min(runs, most or runs) + 1):
        times.told = stillhunt.ask(line)
        ours.append(times.told["ms"])
        for formulation in formulations:
            began = time.perf_counter()
            times.rows = duck.execute(formulation, parameters or []).fetchall()
            theirs[formulation].append((time.perf_counter() - began) * 1e3)
    # The first round warms both.
    times.stillhunt = statistics.median(ours[1:])
    times.duck = min(statistics.median(values[1:]) for values in theirs.values())
    return times


def cold():
    """Drops the page cache; False where that is not allowed."""
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
        return True
    except OSError:
        return False


def cold_start(options, answer, database, about, table):
    """From nothing in memory to the first answer: the whole case's hours of the week."""
    ours, theirs = [], []
    for _ in range(3):
        cold()
        began = time.perf_counter()
        stillhunt = Stillhunt(answer, options.subject)
        stillhunt.ask("week")
        ours.append((time.perf_counter() - began) * 1e3)
        stillhunt.close()
        cold()
        began = time.perf_counter()
        duck = connect(database, options.memory)
        duck.execute(WEEKS[1].format(where="")).fetchall()
        theirs.append((time.perf_counter() - began) * 1e3)
        duck.close()
    table.add("cold: open, then hour of week", statistics.median(ours), statistics.median(theirs), None)


class Stillhunt:
    """A case that is open and answers a line at a time."""

    def __init__(self, answer, case):
        self.process = subprocess.Popen([answer, case], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.opened = self.told()["ms"]

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.told()

    def told(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("Stillhunt's side ended; see above")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Table:
    """What is printed at the end."""

    def __init__(self):
        self.rows, self.notes = [], []

    def add(self, name, ours, theirs, bar):
        self.rows.append((name, ours, theirs, bar))

    def note(self, text):
        self.notes.append(text)

    def is_met(self):
        return DIFFERENT == [] and all(bar is None or ours <= bar * theirs for _, ours, theirs, bar in self.rows)

    def lines(self):
        yield f"| {'work, ms':<42} | {'Stillhunt':>10} | {'DuckDB':>10} | {'ratio':>7} | {'bar':>5} |      |"
        yield f"|{'-' * 44}|{'-' * 11}:|{'-' * 11}:|{'-' * 8}:|{'-' * 6}:|------|"
        for name, ours, theirs, bar in self.rows:
            verdict = "" if bar is None else "met" if ours <= bar * theirs else "MISS"
            wanted = "" if bar is None else f"{bar:g}"
            yield (f"| {name:<42} | {ours:>10,.2f} | {theirs:>10,.2f} | {ours / theirs:>7.3f} "
                   f"| {wanted:>5} | {verdict:<4} |")
        yield from ("", *self.notes)
        yield from (f"DIFFERENT ANSWERS: {name}" for name in DIFFERENT)


DIFFERENT = []


def same(is_same, name):
    if not is_same:
        DIFFERENT.append(name)


if __name__ == "__main__":
    main()
