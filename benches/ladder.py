#!/usr/bin/env python3
"""The evasion ladder: where detection dies.

Makes synthetic cases in which one campaign evades step by step, imports and evaluates each, and
writes assets/ladder.csv, assets/ladder.svg and the table in README.md. Two ladders: each step alone
on a careless operator, and all steps so far together. Standard library only.

    cargo build --release && python3 benches/ladder.py [--work DIR] [--seeds N]

What was evaluated before in DIR is not done again; another build of the program begins anew.
"""

import argparse
import csv
import hashlib
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = ["--accounts", "2000", "--exchanges", "120000", "--days", "30"]
CAMPAIGN = "broad:care=careless,accounts=40,exchanges=4000"

# What a step is called, and what it changes. Dilution is the share of cover traffic.
ALONE = [
    ("careless", ""),
    ("50 % of traffic is the task", "dilution=0.5"),
    ("25 % is", "dilution=0.75"),
    ("5 % is", "dilution=0.95"),
    ("one card an account", "cards=1"),
    ("disjoint IPs", "ips=disjoint"),
    ("human-like timing", "timing=human"),
    ("Poisson splitting", "timing=poisson"),
    ("paraphrased templates", "templates=paraphrased"),
]
TOGETHER = [
    ("careless", ""),
    ("+ one card an account", "cards=1"),
    ("+ disjoint IPs", "ips=disjoint"),
    ("+ paraphrased templates", "templates=paraphrased"),
    ("+ Poisson splitting", "timing=poisson"),
    ("human-like timing instead", "timing=human"),
    ("+ varied clients, aged accounts", "clients=varied,ages=mixed"),
    ("+ 50 % of traffic is the task", "dilution=0.5"),
    ("25 % is", "dilution=0.75"),
    ("5 % is", "dilution=0.95"),
]
BASELINES = ["volume", "largest z-score", "isolation forest"]
COLUMNS = [
    "ladder", "step", "campaign", "seed", "pr_auc", "precision_at_size", "lead_rank", "share_held", "purity",
    "surfaced", "worst_innocents", "worst_innocents_in_leads", *[f"pr_auc_{name}" for name in BASELINES],
]


def campaigns():
    """(ladder, step, campaign as `generate` reads it)."""
    for step, change in ALONE:
        yield "alone", step, ",".join(filter(None, [CAMPAIGN, change]))
    so_far = {}
    for step, change in TOGETHER:
        so_far.update(setting.split("=") for setting in filter(None, change.split(",")))
        yield "together", step, ",".join([CAMPAIGN, *(f"{key}={value}" for key, value in so_far.items())])


def evaluated(program, campaign, seed, figures):
    """Makes, imports and evaluates one case, unless its figures are there."""
    if figures.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        logs, case, part = Path(folder, "logs"), Path(folder, "c.stillhunt"), figures.with_suffix(".part")
        for arguments in [
            ["generate", "--out", logs, *SIZE, "--campaign", campaign, "--seed", str(seed)],
            ["import", case, logs, "--reference"],
            ["evaluate", case, "--truth", logs / "truth.csv", "--quick", "--format", "csv", "--out", part],
        ]:
            done = subprocess.run([program, *arguments], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"stillhunt {' '.join(map(str, arguments))}: {done.stderr}")
        part.rename(figures)


def row_of(ladder, step, campaign, seed, figures):
    """One row of ladder.csv from the figures of one case."""
    with open(figures, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row["section"], row["subject"], row["figure"]): row["value"] for row in rows}
    campaign_name = next(row["subject"] for row in rows if row["section"] == "campaigns")
    of = lambda figure: found.get(("campaigns", campaign_name, figure), "")
    # Classes come worst first.
    worst = next(row for row in rows if row["section"] == "innocents" and row["figure"] == "in the leads read")
    values = [
        ladder, step, campaign, seed,
        found["accounts", "all", "PR-AUC"], found["accounts", "all", "precision at 40"],
        of("rank of its best lead"), of("share held"), of("purity"), of("surfaced as one lead"),
        worst["subject"], worst["value"],
        *[found["baselines", name, "PR-AUC"] for name in BASELINES],
    ]
    return dict(zip(COLUMNS, values))


def medians(rows):
    """By ladder and step, in order: PR-AUC (low, median, high), surfaced, best baseline, innocents."""
    steps = {}
    for row in rows:
        steps.setdefault((row["ladder"], row["step"]), []).append(row)
    for (ladder, step), of in steps.items():
        area = sorted(float(row["pr_auc"]) for row in of)
        best = max(statistics.median(float(row[f"pr_auc_{name}"]) for row in of) for name in BASELINES)
        worst = max(of, key=lambda row: float(row["worst_innocents_in_leads"]))
        surfaced = sum(float(row["surfaced"]) for row in of)
        yield ladder, step, (area[0], statistics.median(area), area[-1]), surfaced, len(of), best, worst


def table(rows):
    """The README's picture and table."""
    lines = [
        "![PR-AUC of the account list against each step of evasion](assets/ladder.svg)",
        "",
        "| | step | PR-AUC (lowest to highest) | best baseline | surfaced as one lead | worst innocents in leads |",
        "|---|---|---|---|---|---|",
    ]
    for ladder, step, (low, middle, high), surfaced, of, best, worst in medians(rows):
        innocents = f"{worst['worst_innocents']} {float(worst['worst_innocents_in_leads']):.1%}"
        lines.append(
            f"| {ladder} | {step} | **{middle:.2f}** ({low:.2f} to {high:.2f}) | {best:.2f} "
            f"| {surfaced:.0f} of {of} | {innocents} |"
        )
    return "\n".join(lines)


def chart(rows):
    """Both ladders as bars with their range, the best baseline as a tick."""
    found = list(medians(rows))
    left, top, line, width, gap = 250, 64, 26, 420, 34
    height = top + line * len(found) + gap + 46
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 60} {height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        '<title>PR-AUC of the account list, step by step of evasion</title>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        '<text x="16" y="26" font-size="15" font-weight="600" fill="#1b1f24">PR-AUC of the account list, step by step of '
        'evasion</text>',
        '<text x="16" y="45" fill="#57606a">bar: median of the seeds; line: lowest to highest; tick: best baseline</text>',
    ]
    y, before = top, None
    for ladder, step, (low, middle, high), _, _, best, _ in found:
        if before not in (None, ladder):
            y += gap
        if before != ladder:
            name = "each step alone" if ladder == "alone" else "all steps so far"
            out.append(f'<text x="16" y="{y + 17}" font-weight="600" fill="#1b1f24">{name}</text>')
        before = ladder
        x = lambda value: f"{left + width * value:.1f}"
        middle_y = y + line / 2
        out += [
            f'<text x="{left - 8}" y="{y + 17}" text-anchor="end" fill="#1b1f24">{step}</text>',
            f'<rect x="{left}" y="{y + 5}" width="{width * middle:.1f}" height="{line - 10}" fill="#3b6ea5"/>',
            f'<path d="M{x(low)} {middle_y}H{x(high)}" stroke="#10243d" stroke-width="2"/>',
            f'<path d="M{x(best)} {y + 3}V{y + line - 3}" stroke="#c2571a" stroke-width="3"/>',
            f'<text x="{left + width + 8}" y="{y + 17}" fill="#1b1f24">{middle:.2f}</text>',
        ]
        y += line
    for share in (0, 0.25, 0.5, 0.75, 1):
        at = left + width * share
        out.append(f'<path d="M{at} {top}V{y + 4}" stroke="#d0d7de" stroke-width="1" opacity="0.6"/>')
        out.append(f'<text x="{at}" y="{y + 22}" text-anchor="middle" fill="#57606a">{share:g}</text>')
    return "\n".join([*out, "</svg>", ""])


def between_marks(text, new):
    """The text with what stands between the ladder's marks replaced."""
    first, last = "<!-- ladder: written by benches/ladder.py -->", "<!-- ladder ends -->"
    head, rest = text.split(first, 1)
    return f"{head}{first}\n{new}\n{last}{rest.split(last, 1)[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/stillhunt")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "stillhunt-ladder")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    build = hashlib.sha256(arguments.program.read_bytes()).hexdigest()[:16]
    work = arguments.work / build
    work.mkdir(parents=True, exist_ok=True)
    # A build that comes meanwhile must not be measured halfway.
    program = work / "stillhunt"
    if not program.exists():
        shutil.copy2(arguments.program, program)
    cases = [(*campaign, 100 + seed) for campaign in campaigns() for seed in range(arguments.seeds)]
    rows = []
    for done, (ladder, step, campaign, seed) in enumerate(cases):
        print(f"{done} of {len(cases)}: {ladder}, {step}, seed {seed}", flush=True)
        figures = work / f"{hashlib.sha256(f'{campaign} {seed} {SIZE}'.encode()).hexdigest()[:16]}.csv"
        evaluated(program, campaign, seed, figures)
        rows.append(row_of(ladder, step, campaign, seed, figures))
    with open(ROOT / "assets/ladder.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (ROOT / "assets/ladder.svg").write_text(chart(rows), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(between_marks(readme.read_text(encoding="utf-8"), table(rows)), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
