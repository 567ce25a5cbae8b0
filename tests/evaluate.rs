//! The figures of `evaluate`, checked against the account list and the truth by another way.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::{csv_rows, output, run, small_logs, text};

#[test]
fn figures_agree_with_the_account_list() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (logs, case) = (small_logs(home), home.join("c.stillhunt"));
    run(home, &["import", text(&case), text(&logs)]);
    let truth = logs.join("truth.csv");
    let csv = run(home, &["evaluate", text(&case), "--truth", text(&truth), "--format", "csv"]);
    let (_, figures) = csv_rows(&csv);
    let of = |section: &str, subject: &str, figure: &str| -> f64 {
        let row = figures.iter().find(|row| row[..3] == [section, subject, figure]);
        row.unwrap_or_else(|| panic!("{section}, {subject}, {figure}"))[3].parse().unwrap()
    };

    let (_, truth_rows) = csv_rows(&fs::read_to_string(&truth).unwrap());
    let guilty: BTreeSet<&str> =
        truth_rows.iter().filter(|row| row[2] == "1").map(|row| row[0].as_str()).collect();
    let (_, accounts) = csv_rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    // The precision at each distinct score, weighed by the campaign accounts that come with it.
    let mut by_score: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in &accounts {
        let tie = by_score.entry(row[2].as_str()).or_default();
        *tie = (tie.0 + usize::from(guilty.contains(row[0].as_str())), tie.1 + 1);
    }
    let mut ties: Vec<(f64, usize, usize)> =
        by_score.iter().map(|(score, tie)| (score.parse().unwrap(), tie.0, tie.1)).collect();
    ties.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut area, mut hits, mut seen) = (0.0, 0, 0);
    for (_, its_hits, its_size) in ties {
        (hits, seen) = (hits + its_hits, seen + its_size);
        area += its_hits as f64 * hits as f64 / seen as f64 / guilty.len() as f64;
    }
    assert!((of("accounts", "all", "PR-AUC") - area).abs() < 1e-9, "{area}");
    assert_eq!(of("accounts", "all", "prevalence"), 16.0 / 240.0);
    for id in ["C2", "L1", "R1", "R2"] {
        let adds = of("without", id, "PR-AUC it adds");
        assert!((area - of("without", id, "PR-AUC without it") - adds).abs() < 1e-9, "{id}");
    }
    assert!(figures.iter().any(|row| row[0] == "innocents" && row[1] == "agency"));

    let saved = home.join("figures.csv");
    run(
        home,
        &[
            "evaluate",
            text(&case),
            "--truth",
            text(&truth),
            "--quick",
            "--format",
            "csv",
            "--out",
            text(&saved),
        ],
    );
    let (_, quick) = csv_rows(&fs::read_to_string(&saved).unwrap());
    assert!(quick.iter().all(|row| row[0] != "without"));
    assert_eq!(quick, figures.iter().filter(|row| row[0] != "without").cloned().collect::<Vec<_>>());

    let wrong = home.join("wrong.csv");
    fs::write(&wrong, "account_id,label\na,b\n").unwrap();
    assert_eq!(output(home, &["evaluate", text(&case), "--truth", text(&wrong)]).status.code(), Some(2));
    let absent = home.join("absent.csv");
    assert_eq!(output(home, &["evaluate", text(&case), "--truth", text(&absent)]).status.code(), Some(3));
}
