//! p-values of all leads of the list, with the leads of the scope marked.

use std::collections::BTreeSet;

use super::leads::probability;
use super::svg::{Anchor, Drawing, FAINT, GREY, INK, SCOPE, WIDTH};
use super::{Drawn, ExhibitError, Subject, Table};
use crate::leads::GroupLead;
use crate::model::Watcher;
use crate::query::Selection;

const LEFT: f64 = 30.0;
const PLOT: f64 = WIDTH - 2.0 * LEFT;
const PANEL: f64 = 170.0;
const TOP: f64 = 34.0;
const TEXT: f64 = 17.0;
/// Minimum power of ten on the axis; smaller p-values stand there.
const MIN_LOG10_P: f64 = -4.0;
/// Columns of dots on the axis.
const BINS: usize = 60;

const HEADER: [&str; 12] = [
    "lead",
    "rank",
    "core",
    "joined",
    "exchanges",
    "leads_tested",
    "p_value",
    "q_value",
    "common_control_p",
    "common_control_bits",
    "z_score",
    "in_scope",
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    _: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let in_scope: BTreeSet<_> = selection.accounts.iter().collect();
    let marked: Vec<bool> = subject
        .leads
        .groups
        .iter()
        .map(|group| group.core.iter().any(|account| in_scope.contains(account)))
        .collect();
    Ok(drawn(&subject.leads.groups, &marked))
}

fn drawn(groups: &[GroupLead], marked: &[bool]) -> Drawn {
    let mut drawing = Drawing::new(TOP + 2.0 * PANEL);
    let values = |of: fn(&GroupLead) -> Option<f64>| {
        let pairs = groups.iter().zip(marked).filter_map(|(group, &marked)| Some((of(group)?, marked)));
        pairs.collect::<Vec<_>>()
    };
    drawing.disc([LEFT + 8.0, 12.0], 6.0, SCOPE, SCOPE);
    drawing.text([LEFT + 22.0, 18.0], TEXT, Anchor::Start, INK, "lead with accounts of the scope");
    drawing.disc([LEFT + 370.0, 12.0], 6.0, "#ffffff", GREY);
    drawing.text([LEFT + 384.0, 18.0], TEXT, Anchor::Start, INK, "other lead");
    panel(&mut drawing, TOP, "extraction-likeness p-value", &values(|group| group.extraction_p));
    panel(&mut drawing, TOP + PANEL, "common control p-value", &values(|group| group.common_control_p));
    let notes = vec![
        "Each dot is one lead of the list. p-values below 0.0001 stand at the left edge. Leads without a p-value \
         have no dot; the table has all leads."
            .to_owned(),
    ];
    Drawn { drawing: Some(drawing), table: table(groups, marked), notes }
}

fn panel(drawing: &mut Drawing, top: f64, title: &str, values: &[(f64, bool)]) {
    drawing.text([LEFT, top + 22.0], TEXT, Anchor::Start, INK, title);
    let bottom = top + PANEL - 38.0;
    let x_of =
        |p: f64| LEFT + PLOT * (1.0 - p.max(f64::MIN_POSITIVE).log10().clamp(MIN_LOG10_P, 0.0) / MIN_LOG10_P);
    for (p, label) in [(1.0, "1"), (0.1, "0.1"), (0.01, "0.01"), (0.001, "0.001"), (0.0001, "0.0001 or less")]
    {
        let x = x_of(p);
        drawing.rule([x, top + 30.0], [x, bottom], FAINT, 0.8);
        let anchor = if p < 0.001 {
            Anchor::Start
        } else if p >= 1.0 {
            Anchor::End
        } else {
            Anchor::Middle
        };
        drawing.text([x, bottom + 20.0], TEXT, anchor, GREY, label);
    }
    drawing.rule([LEFT, bottom], [LEFT + PLOT, bottom], INK, 1.0);
    let mut bins = vec![[0_usize; 2]; BINS + 1];
    for &(p, marked) in values {
        let at = ((x_of(p) - LEFT) / PLOT * BINS as f64).round() as usize;
        bins[at.min(BINS)][usize::from(marked)] += 1;
    }
    let tallest = bins.iter().map(|[other, marked]| other + marked).max().unwrap_or(0).max(1);
    let step = ((bottom - top - 40.0) / tallest as f64).min(14.0);
    for (at, &[other, marked]) in bins.iter().enumerate() {
        let x = LEFT + PLOT * at as f64 / BINS as f64;
        for height in 0..other + marked {
            // Leads of the scope stand at the bottom of their column.
            let (fill, stroke) = if height < marked { (SCOPE, SCOPE) } else { ("#ffffff", GREY) };
            let y = bottom - 7.0 - height as f64 * step;
            drawing.disc([x, y], (step * 0.42).clamp(1.5, 6.0), fill, stroke);
        }
    }
}

fn table(groups: &[GroupLead], marked: &[bool]) -> Table {
    let mut table = Table::new(HEADER);
    for (at, (group, &marked)) in groups.iter().zip(marked).enumerate() {
        table.push(vec![
            group.id.to_string(),
            (at + 1).to_string(),
            group.core.len().to_string(),
            group.joined().to_string(),
            group.exchanges.to_string(),
            group.tested.to_string(),
            probability(group.extraction_p),
            probability(group.q_value),
            probability(group.common_control_p),
            format!("{:.1}", group.common_control_bits),
            group.z_score.map_or_else(String::new, |z| format!("{z:.3}")),
            if marked { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;
    use crate::model::TimeSpan;

    #[test]
    fn every_lead_has_its_row_and_its_dot() {
        let lead = |id: &str, p: Option<f64>| GroupLead {
            id: id.parse().unwrap(),
            core: vec![1],
            accounts: vec![1, 2],
            exchanges: 9,
            span: TimeSpan { start: 0, end: 1 },
            common_control_bits: 21.04,
            common_control_p: Some(0.02),
            z_score: None,
            extraction_p: p,
            tested: 1,
            q_value: None,
            ranked_only: true,
            events: Default::default(),
            shares: String::new(),
            reasons: vec![],
        };
        let made = drawn(&[lead("L-7f31ab", Some(0.0)), lead("L-91c2d0", None)], &[true, false]);
        let csv = String::from_utf8(made.table.to_csv()).unwrap();
        assert!(csv.contains("L-7f31ab,1,1,1,9,1,0.000e0,,2.000e-2,21.0,,yes\n"), "{csv}");
        assert!(csv.ends_with("L-91c2d0,2,1,1,9,1,,,2.000e-2,21.0,,no\n"), "{csv}");
        let svg = String::from_utf8(made.drawing.unwrap().finish("t", &Caption::default())).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2 + 1 + 2, "{svg}");
        assert!(text_of(svg.as_bytes()).contains("common control p-value"));
    }
}
