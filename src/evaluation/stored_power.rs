//! Power figures kept in the cache, so that the screen and the bundle plant no campaigns again.

use super::Rate;
use super::power::{CARE_LEVELS, Power};
use crate::cache::{Cache, CacheError, Cell, StoredTable, write_table};
use crate::leads::LEADS_VERSION;

/// Table of the cache.
const TABLE: &str = "power";

const COLUMNS: [&str; 8] =
    ["cache", "leads_version", "planted", "seed", "accounts", "care", "surfaced", "passed"];

/// Power figures of a case with the number of draws and their seed.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPower {
    /// Campaigns planted of each size and level of care.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// One entry for each size and level of care.
    pub figures: Vec<Power>,
}

impl StoredPower {
    /// Stores the figures in the file of the cache that they were measured on, replacing those that were
    /// there. Where the file has become another cache meanwhile, [`load`](Self::load) ignores them.
    ///
    /// # Errors
    /// If the cache cannot be written.
    pub fn save(&self, cache: &Cache) -> Result<(), CacheError> {
        let row = |power: &Power| {
            vec![
                Cell::Text(cache.fingerprint().to_string()),
                Cell::Integer(LEADS_VERSION),
                Cell::Integer(i64::from(self.draws)),
                Cell::Integer(self.seed.cast_signed()),
                Cell::Integer(power.accounts as i64),
                Cell::Text(power.care.name.to_owned()),
                Cell::Integer(power.surfaced.hits as i64),
                Cell::Integer(power.passed.hits as i64),
            ]
        };
        let columns = COLUMNS.map(str::to_owned).to_vec();
        write_table(
            cache.path(),
            TABLE,
            &StoredTable { columns, rows: self.figures.iter().map(row).collect() },
        )
    }

    /// Figures of a case; `None` where none were computed, or for other snapshots, another mapping or another
    /// version of the leads.
    ///
    /// # Errors
    /// If the cache cannot be read.
    pub fn load(cache: &Cache) -> Result<Option<Self>, CacheError> {
        let Some(table) = cache.stored(TABLE)? else { return Ok(None) };
        let of = cache.fingerprint().to_string();
        let mut kept: Option<Self> = None;
        for row in &table.rows {
            let Some((draws, seed, power)) = read(row, &of) else { return Ok(None) };
            kept.get_or_insert_with(|| Self { draws, seed, figures: Vec::new() }).figures.push(power);
        }
        Ok(kept)
    }
}

/// Draws, seed and figures of one row; `None` where it is of another cache or version.
fn read(row: &[Cell], of: &str) -> Option<(u32, u64, Power)> {
    let [
        Cell::Text(cache),
        Cell::Integer(LEADS_VERSION),
        Cell::Integer(draws),
        Cell::Integer(seed),
        Cell::Integer(accounts),
        Cell::Text(care),
        Cell::Integer(surfaced),
        Cell::Integer(passed),
    ] = row
    else {
        return None;
    };
    if cache != of {
        return None;
    }
    let draws = u32::try_from(*draws).ok()?;
    let rate = |hits: i64| Rate { hits: hits as f64, of: draws as usize };
    let care = *CARE_LEVELS.iter().find(|known| known.name == care)?;
    let accounts = usize::try_from(*accounts).ok()?;
    let power = Power { accounts, care, surfaced: rate(*surfaced), passed: rate(*passed) };
    Some((draws, seed.cast_unsigned(), power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};

    #[test]
    fn what_was_kept_is_read_again_and_another_version_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = testing::snapshot(
            folder.path(),
            &[("a.parquet", vec![Row { account: "a".to_owned(), ..Row::default() }])],
        );
        let (cache, _) = testing::cache(folder.path(), vec![snapshot]);
        assert_eq!(StoredPower::load(&cache).unwrap(), None);
        let rate = |hits: f64| Rate { hits, of: 20 };
        let figure = Power { accounts: 40, care: CARE_LEVELS[1], surfaced: rate(18.0), passed: rate(9.0) };
        let kept = StoredPower { draws: 20, seed: u64::MAX, figures: vec![figure] };
        kept.save(&cache).unwrap();
        assert_eq!(StoredPower::load(&cache).unwrap(), Some(kept));
        let old = StoredTable {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: vec![vec![Cell::Integer(LEADS_VERSION - 1); COLUMNS.len()]],
        };
        write_table(cache.path(), TABLE, &old).unwrap();
        assert_eq!(StoredPower::load(&cache).unwrap(), None);
    }
}
