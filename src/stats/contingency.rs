//! Contingency tables.

/// Pearson's X² of a table of counts against independence of rows and columns, with its degrees
/// of freedom (Pearson 1900). Empty rows and columns do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pearson {
    /// Σ (observed − expected)² / expected.
    pub x2: f64,
    /// (rows − 1) · (columns − 1).
    pub df: u64,
}

/// X² of a table given as rows of equal length. `None` where fewer than two rows or two columns
/// have counts.
///
/// If all rows draw from one distribution, X² / df has mean N / (N − 1) given the margins, also for sparse
/// tables: sparse tables change the distribution of X², not its mean.
pub fn pearson(table: &[Vec<u64>]) -> Option<Pearson> {
    let columns = table.first()?.len();
    let of_rows: Vec<u64> = table.iter().map(|row| row.iter().sum()).collect();
    let mut of_columns = vec![0_u64; columns];
    for row in table {
        of_columns.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
    }
    let total = of_rows.iter().sum::<u64>() as f64;
    let filled = |sums: &[u64]| sums.iter().filter(|&&sum| sum > 0).count() as u64;
    let (rows, columns) = (filled(&of_rows), filled(&of_columns));
    if rows < 2 || columns < 2 {
        return None;
    }
    // Σ O² / E − N, of the cells that have counts only.
    let mut sum = 0.0;
    for (row, &of_row) in table.iter().zip(&of_rows) {
        for (&count, &of_column) in row.iter().zip(&of_columns).filter(|(count, _)| **count > 0) {
            sum += (count * count) as f64 / (of_row as f64 * of_column as f64 / total);
        }
    }
    Some(Pearson { x2: (sum - total).max(0.0), df: (rows - 1) * (columns - 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // scipy.stats.chi2_contingency(table, correction=False)
    #[test]
    fn agrees_with_scipy() {
        for case in oracle::cases("contingency") {
            let table: Vec<Vec<u64>> = case["table"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| oracle::numbers(row).iter().map(|&count| count as u64).collect())
                .collect();
            let found = pearson(&table).unwrap();
            assert!((found.x2 - oracle::number(&case["x2"])).abs() < 1e-9);
            assert_eq!(found.df as f64, oracle::number(&case["df"]));
        }
    }

    #[test]
    fn empty_rows_and_columns_do_not_count() {
        let with = pearson(&[vec![3, 0, 5], vec![0, 0, 0], vec![2, 0, 9]]);
        assert_eq!(with, pearson(&[vec![3, 5], vec![2, 9]]));
        assert_eq!(with.unwrap().df, 1);
        assert_eq!(pearson(&[vec![3, 5]]), None);
        assert_eq!(pearson(&[vec![3], vec![4]]), None);
        assert_eq!(pearson(&[]), None);
    }
}
