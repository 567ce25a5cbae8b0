//! The README's table of signals, compared with the list of signals in the code.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use stillhunt::signals::{self, context};

#[test]
fn the_tables_of_signals_are_those_of_the_program() {
    let of_accounts: Vec<&signals::About> = signals::ALL.iter().map(|signal| signal.about()).collect();
    let of_groups: Vec<&signals::About> =
        signals::ALL_OF_GROUPS.iter().map(|signal| signal.about()).collect();
    let header = "| column | figure | measures | caution |\n|---|---|---|---|\n".to_owned();
    let context = context::CONTEXT.iter().map(|context| context.about()).fold(header, |table, about| {
        table + &format!("| {} | {} | {} | {} |\n", about.id, about.title, about.definition, about.caution)
    });
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for table in [table(&of_accounts), table(&of_groups), context] {
        assert!(readme.contains(&table), "README.md should have this table under “Signals”:\n\n{table}");
    }
}

fn table(signals: &[&signals::About]) -> String {
    let mut table = String::from(
        "| id | signal | measures | unit | innocents that look the same | source |\n|---|---|---|---|---|---|\n",
    );
    for about in signals {
        let look_alikes = about.look_alikes.join("; ");
        let cells = [about.id, about.title, about.definition, about.unit, &look_alikes, about.source];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    table
}
