//! The README says what the program says of itself: its table of signals is made from their list.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use stillhunt::signals;

#[test]
fn the_table_of_signals_is_that_of_the_program() {
    let mut table = String::from(
        "| id | signal | measures | unit | innocents that look the same | source |\n|---|---|---|---|---|---|\n",
    );
    for signal in signals::ALL {
        let about = signal.about();
        let cells = [
            about.id,
            about.title,
            about.definition,
            about.unit,
            &about.look_alikes.join("; "),
            about.source,
        ];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains(&table), "README.md should have this table under “Signals”:\n\n{table}");
}
