//! List of leads against itself: ranks, numbers tested, and q-values that follow from the p-values.

use super::super::Fault;
use crate::stats::multiple::benjamini_hochberg;

/// Relative difference of a q-value from that of printed p-values, which have four digits.
pub(super) const ROUNDING: f64 = 2e-3;

/// Columns that are compared.
pub(super) const COLUMNS: [&str; 5] = ["rank", "leads_tested", "p_value", "q_value", "common_control_p"];

/// Ranks that are no count, numbers tested, and q-values that the p-values do not give.
pub(super) fn faults(name: &str, leads: &[Vec<String>]) -> Vec<Fault> {
    let number = |text: &str| text.parse::<f64>().ok();
    let tested: Vec<f64> = leads.iter().filter_map(|row| number(&row[2])).collect();
    let mut q_values = benjamini_hochberg(&tested).into_iter();
    let mut found = Vec::new();
    for (row, rank) in leads.iter().zip(1_usize..) {
        let q = number(&row[2]).and_then(|_| q_values.next());
        let is_q = match (q, number(&row[3])) {
            (_, None) => row[3].is_empty(),
            (Some(q), Some(stated)) => (q - stated).abs() <= ROUNDING * q,
            (None, Some(_)) => false,
        };
        if row[0] != rank.to_string() {
            found.push(Fault::new(name, format!("row {rank} has another rank than its place")));
        } else if row[1] != tested.len().to_string() {
            found.push(Fault::new(
                name,
                format!("row {rank} has another number of leads tested than p-values are there"),
            ));
        } else if !is_q {
            found.push(Fault::new(
                name,
                format!("row {rank} has a q-value that the p-values do not give (Benjamini–Hochberg)"),
            ));
        }
    }
    found.truncate(20);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_values_ranks_and_numbers_tested_follow_from_the_p_values() {
        let rows = |changed: Option<(usize, usize, &str)>| -> Vec<Vec<String>> {
            let mut rows = [
                ["1", "2", "1.000e-2", "2.000e-2", "0.1"],
                ["2", "2", "4.000e-1", "4.000e-1", ""],
                ["3", "2", "", "", ""],
            ]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec();
            if let Some((row, column, to)) = changed {
                rows[row][column] = to.to_owned();
            }
            rows
        };
        assert_eq!(faults("x", &rows(None)), []);
        for changed in
            [(0, 3, "1.000e-2"), (1, 0, "3"), (2, 1, "3"), (2, 3, "0.5"), (0, 2, "1.000e-3"), (1, 3, "none")]
        {
            assert!(!faults("x", &rows(Some(changed))).is_empty(), "{changed:?}");
        }
        // Where the peers are too few no q-value is stated.
        assert_eq!(faults("x", &rows(Some((0, 3, "")))), []);
    }
}
