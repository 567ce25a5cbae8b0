//! Mean use of an account since its sign-up, in the scope and everywhere else, with the changes of level.

use super::axis::round_marks;
use super::curves::Chart;
use super::svg::number;
use super::{Drawn, ExhibitError, Subject, Table};
use crate::model::{Watcher, format_count};
use crate::query::Selection;
use crate::query::uptake::{Uptake, UseByAge, uptake};

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    Ok(drawn(&uptake(subject.cache, selection, subject.scope.span, watcher)?))
}

fn drawn(found: &Uptake) -> Drawn {
    let shown = if found.scope.observed.is_empty() { &found.peers } else { &found.scope };
    let (from, to) = (shown.first, shown.end().max(shown.first + 1));
    let points = |side: &UseByAge| {
        let points = side.cumulative(from).into_iter().filter(|(age, _)| *age <= to);
        points.map(|(age, sum)| [age as f64, sum]).collect()
    };
    let ages = round_marks((to - from) as f64).into_iter().map(|mark| mark + from as f64);
    let chart = Chart {
        titles: ["days since sign-up", "exchanges per account, summed from the left"],
        unit: "",
        ends: [from as f64, to as f64],
        ticks: ages.filter(|age| *age <= to as f64).map(|age| (age, number(age))).collect(),
        changes: found.scope.levels.iter().skip(1).map(|(age, _)| *age as f64).collect(),
        curves: [points(&found.scope), points(&found.peers)],
    };
    Drawn { drawing: Some(chart.drawn()), table: table(found), notes: notes(&found.scope) }
}

fn notes(scope: &UseByAge) -> Vec<String> {
    let mut notes = vec![format!(
        "Mean cumulative function (Nelson 1988) over whole days of age within the observed time: {} accounts of \
         the scope with a time of creation, {} without one.",
        format_count(scope.accounts),
        format_count(scope.without)
    )];
    if !scope.levels.is_empty() {
        let level = |(age, mean): &(usize, f64)| format!("{mean:.2} a day from day {age}");
        let levels: Vec<_> = scope.levels.iter().map(level).collect();
        notes.push(format!(
            "Levels of the scope (PELT, Killick, Fearnhead and Eckley 2012): {} exchanges per account.",
            levels.join(", ")
        ));
    }
    notes
}

fn table(found: &Uptake) -> Table {
    let mut table = Table::new([
        "age_days",
        "scope_accounts",
        "scope_exchanges",
        "scope_level",
        "other_accounts",
        "other_exchanges",
    ]);
    let sides = [&found.scope, &found.peers];
    let from =
        sides.iter().filter(|side| !side.observed.is_empty()).map(|side| side.first).min().unwrap_or(0);
    let to = sides.map(UseByAge::end).into_iter().max().unwrap_or(0);
    for age in from..to {
        let cells = |side: &UseByAge| {
            let at = age.checked_sub(side.first);
            let cell =
                |values: &[u64]| at.and_then(|at| values.get(at)).map_or_else(String::new, u64::to_string);
            [cell(&side.observed), cell(&side.exchanges)]
        };
        let level =
            found.scope.levels.iter().rev().find(|(start, _)| *start <= age && age < found.scope.end());
        let level = level.map_or_else(String::new, |(_, mean)| format!("{mean:.4}"));
        let row = [age.to_string()].into_iter().chain(cells(&found.scope)).chain([level]);
        table.push(row.chain(cells(&found.peers)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;

    #[test]
    fn every_age_has_its_row_and_its_level() {
        let scope = UseByAge {
            accounts: 2,
            without: 1,
            first: 3,
            observed: vec![2, 1],
            exchanges: vec![4, 9],
            levels: vec![(3, 2.0), (4, 9.0)],
        };
        let peers = UseByAge { first: 2, observed: vec![5, 5], exchanges: vec![5, 0], ..UseByAge::default() };
        let made = drawn(&Uptake { scope, peers });
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.ends_with("2,,,,5,5\n3,2,4,2.0000,5,0\n4,1,9,9.0000,,\n"), "{csv}");
        assert!(made.notes[1].contains("9.00 a day from day 4"), "{:?}", made.notes);
        let text = text_of(&made.drawing.unwrap().finish("t", &Caption::default()));
        assert!(text.contains("days since sign-up"));
    }

    #[test]
    fn without_dates_there_is_no_row() {
        let made = drawn(&Uptake { scope: UseByAge::default(), peers: UseByAge::default() });
        assert_eq!((made.table.len(), made.notes.len()), (0, 1));
    }
}
