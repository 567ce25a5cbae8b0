//! A case without a campaign: linked groups, and no discovery among them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use common::{csv_rows, run, text};

/// Innocents of every kind of `generate`. Agencies, campuses, sharded production and sweeps are linked;
/// none of them may become a discovery.
#[test]
fn no_group_of_innocents_passes() {
    for seed in ["31", "32", "33"] {
        let folder = tempfile::tempdir().unwrap();
        let (home, logs, case) =
            (folder.path(), folder.path().join("logs"), folder.path().join("null.stillhunt"));
        let size = ["--accounts", "600", "--exchanges", "18000", "--days", "20", "--seed", seed];
        run(home, &[&["generate", "--out", text(&logs)][..], &size].concat());
        run(home, &["import", text(&case), text(&logs)]);
        let (header, rows) = csv_rows(&run(home, &["leads", text(&case), "--format", "csv"]));
        let column = |name: &str| header.iter().position(|column| column == name).unwrap();
        let numbers = |name: &str| -> Vec<f64> {
            rows.iter().filter_map(|row| row[column(name)].parse().ok()).collect()
        };
        assert!(numbers("q_value").iter().all(|&q| q > 0.1), "seed {seed}: {:?}", numbers("q_value"));
        let p = numbers("p_value");
        let small = p.iter().filter(|&&p| p <= 0.1).count();
        // Four times what uniform p-values give, and one: a handful of groups is a small sample.
        assert!(small as f64 <= 1.0 + 0.4 * p.len() as f64, "seed {seed}: {p:?}");
    }
}
