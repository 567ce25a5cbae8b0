//! The figures of `evaluate` and the days of `whatif`, checked by another way.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::{csv_rows, lead_ids, output, run, small_logs, text};

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
    reading_agrees_with_the_leads(home, &case, &guilty, &of);
    let area = figures.iter().find(|row| row[..3] == ["accounts", "all", "PR-AUC"]).unwrap();
    let [low, value, high] = [4, 3, 5].map(|at| area[at].parse::<f64>().unwrap());
    assert!(low <= value && value <= high && area[8] == "bootstrap", "{area:?}");

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

/// Leads read in order, each account counted once, until half and 80 % of the one campaign is held.
fn reading_agrees_with_the_leads(
    home: &Path,
    case: &Path,
    guilty: &BTreeSet<&str>,
    of: &dyn Fn(&str, &str, &str) -> f64,
) {
    let mut read: BTreeSet<&str> = BTreeSet::new();
    let mut until: [Option<usize>; 2] = [None, None];
    for (at, lead) in lead_ids(home, case).iter().enumerate() {
        let scope: serde_json::Value =
            serde_json::from_str(&run(home, &["leads", text(case), "--scope", lead])).unwrap();
        let members = scope.to_string();
        read.extend(guilty.iter().copied().filter(|account| members.contains(account)));
        for (until, share) in until.iter_mut().zip([0.5, 0.8]) {
            if until.is_none() && read.len() as f64 >= share * guilty.len() as f64 {
                *until = Some(at + 1);
            }
        }
    }
    assert_eq!(of("reading", "campaign-1", "leads to read until half is held"), until[0].unwrap() as f64);
    assert_eq!(of("reading", "campaign-1", "leads to read until 80 % is held"), until[1].unwrap() as f64);
}

#[test]
fn a_limit_catches_what_counting_by_hand_catches() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = common::small_case(home);
    let rule = home.join("limit.toml");
    fs::write(&rule, "window_days = 3\n[[condition]]\nmeasure = \"exchanges\"\nat_least = 25\n").unwrap();
    let lead = &lead_ids(home, &case)[0];
    let found = run(home, &["whatif", text(&case), "--rule", text(&rule), "--lead", lead, "--json"]);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();

    let members = run(home, &["leads", text(&case), "--scope", lead]);
    let table = home.join("exchanges.csv");
    let all = common::everything(home);
    run(home, &["exhibit", text(&case), "exchanges", "--scope", text(&all), "--out", text(&table)]);
    let (header, rows) = csv_rows(&fs::read_to_string(&table).unwrap());
    assert_eq!(rows.len(), 6_000, "every exchange");
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (account, time) = (column("account_id"), column("ts"));
    let mut days: BTreeMap<&str, BTreeMap<jiff::civil::Date, usize>> = BTreeMap::new();
    for row in &rows {
        let day: jiff::civil::Date = row[time][..10].parse().unwrap();
        *days.entry(&row[account]).or_default().entry(day).or_default() += 1;
    }
    let caught = |days: &BTreeMap<jiff::civil::Date, usize>| {
        days.keys().copied().find(|&day| {
            let first = day.checked_sub(jiff::Span::new().days(2)).unwrap();
            days.range(first..=day).map(|(_, count)| count).sum::<usize>() >= 25
        })
    };
    let (mut of_lead, mut others) = (Vec::new(), Vec::new());
    for (account, days) in &days {
        let to = if members.contains(account) { &mut of_lead } else { &mut others };
        to.extend(caught(days));
    }
    of_lead.sort_unstable();
    assert!(!of_lead.is_empty() && !others.is_empty(), "the threshold divides both");
    assert_eq!(found["group"]["caught"], of_lead.len());
    assert_eq!(found["others"]["caught"], others.len());
    assert_eq!(found["group"]["first_day"], of_lead[0].to_string());
    for day in found["days"].as_array().unwrap() {
        let by: jiff::civil::Date = day["day"].as_str().unwrap().parse().unwrap();
        let until = |days: &[jiff::civil::Date]| days.iter().filter(|&&day| day <= by).count();
        assert_eq!(day["lead_caught"], until(&of_lead), "{by}");
        assert_eq!(day["others_caught"], until(&others), "{by}");
    }

    let table = run(home, &["whatif", text(&case), "--rule", text(&rule)]);
    assert!(
        table.starts_with("Limit: at least 25 exchanges within 3 days.") && table.contains("no lead"),
        "{table}"
    );
    fs::write(&rule, "window_days = 3\n[[condition]]\nmeasure = \"L1\"\nat_least = 25\n").unwrap();
    let refused = output(home, &["whatif", text(&case), "--rule", text(&rule)]);
    assert_eq!(refused.status.code(), Some(2), "{}", common::said(&refused));
}
