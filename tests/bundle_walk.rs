//! Every column of every table, every value of every JSON file and every column of every Parquet file of a bundle: a
//! change that somebody signed again is found, or the list of what only the signer vouches for names it. Every third
//! part that is not listed; all parts with STILLHUNT_WALK=1.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::sealing::{is_content, key_of, seal};
use common::walk::{Step, steps};
use common::{csv_rows, few_logs, files_under, legal_frame, run, tag_and_export, text};
use stillhunt::bundle::{VOUCHED, verify, vouched};
use stillhunt::model::Silent;

/// Parts of the steps of which `verify` finds no change.
fn not_found(home: &Path, sound: &Path, steps: &[&Step]) -> Vec<String> {
    let (key, next, found) = (key_of(home), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for thread in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (key, next, found) = (&key, &next, &found);
            scope.spawn(move || {
                let bag = home.join(format!("changed-{thread}"));
                while let Some(step) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for file in files_under(sound) {
                        std::fs::create_dir_all(bag.join(&file).parent().unwrap()).unwrap();
                        std::fs::copy(sound.join(&file), bag.join(&file)).unwrap();
                    }
                    (step.change)(&bag);
                    seal(&bag, key);
                    let mut faults = verify(&bag, &Silent).unwrap();
                    faults.retain(is_content);
                    if faults.is_empty() {
                        println!("not found: {}: {}", step.file, step.part);
                        found.lock().unwrap().push(format!("{}: {}", step.file, step.part));
                    }
                    std::fs::remove_dir_all(&bag).unwrap();
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    found
}

#[test]
fn every_part_of_a_bundle_is_found_or_named_as_vouched_for_by_the_signer() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    run(home, &["person", text(&case), "--name", "Ada"]);
    legal_frame(home, &case);
    let (_, accounts) = csv_rows(&run(home, &["leads", text(&case), "--accounts", "--format", "csv"]));
    for (account, tag) in [(&accounts[40][0], "control"), (&accounts[10][0], "relied-on")] {
        run(home, &["tag", text(&case), "--account", account, "--as", tag, "--note", "looked at"]);
    }
    let sound = tag_and_export(home, &case);
    assert_eq!(verify(&sound, &Silent).unwrap(), []);
    // Ids of leads are hashes without a key; outside they are keyed.
    for lead in common::lead_ids(home, &case) {
        let has = |file: &&std::path::PathBuf| {
            let bytes = std::fs::read(sound.join(file)).unwrap();
            bytes.windows(lead.len()).any(|part| part == lead.as_bytes())
        };
        assert_eq!(files_under(&sound).iter().find(has), None, "{lead}");
    }
    let steps = steps(&sound);
    // What is listed need not be found; to count what is found of it takes several minutes more.
    let is_whole = std::env::var_os("STILLHUNT_WALK").is_some();
    let is_listed = |step: &&Step| vouched(&step.file, &step.part).is_some();
    let listed = steps.iter().filter(is_listed).count();
    // Every third part otherwise: all of them take four minutes of two cores.
    let every = if is_whole { 1 } else { 3 };
    let walked: Vec<&Step> =
        steps.iter().filter(|step| is_whole || !is_listed(step)).step_by(every).collect();
    println!("{} parts, {listed} of them listed, {} to be changed", steps.len(), walked.len());
    let missed = not_found(home, &sound, &walked);
    let open: Vec<&String> = missed
        .iter()
        .filter(|own| own.split_once(": ").is_none_or(|(file, part)| vouched(file, part).is_none()))
        .collect();
    println!(
        "{} parts changed: {} found, {} not found of those that the signer vouches for, {} missed",
        walked.len(),
        walked.len() - missed.len(),
        missed.len() - open.len(),
        open.len()
    );
    assert_eq!(open, Vec::<&String>::new());
    let is_there = |own: &&stillhunt::bundle::Vouched| {
        steps.iter().any(|step| vouched(&step.file, &step.part) == Some(*own))
    };
    println!(
        "not in this bundle: {:?}",
        VOUCHED.iter().filter(|own| !is_there(own)).map(|own| own.files).collect::<Vec<_>>()
    );
}
