//! Presets: how other systems call the canonical columns. One file a preset.
//!
//! A preset is a value and knows nothing of files; [`propose`](super::propose) sees which fits.

mod canonical;
mod helicone;
mod langfuse;
mod list;
mod litellm;
mod opentelemetry;

pub use list::{ALL, by_name, names};

use super::{Column, Unit};

/// What one system calls the canonical columns.
#[derive(Debug)]
pub struct Preset {
    /// The name that commands and mappings use.
    pub name: &'static str,
    /// The name on screen.
    pub title: &'static str,
    /// Names of structs in which the columns may stand instead of at the top.
    pub structs: &'static [&'static str],
    /// What is called how.
    pub columns: &'static [PresetColumn],
}

/// One canonical column's names in a system.
#[derive(Debug)]
pub struct PresetColumn {
    /// The canonical column.
    pub column: Column,
    /// Its names, the preferred one first.
    pub sources: &'static [&'static str],
    /// The unit, where the source has bare numbers.
    pub unit: Option<Unit>,
}

const fn is(column: Column, sources: &'static [&'static str]) -> PresetColumn {
    PresetColumn { column, sources, unit: None }
}

const fn in_unit(column: Column, sources: &'static [&'static str], unit: Unit) -> PresetColumn {
    PresetColumn { column, sources, unit: Some(unit) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_preset_names_a_column_once_and_the_required_ones() {
        for preset in ALL {
            let columns: BTreeSet<Column> = preset.columns.iter().map(|c| c.column).collect();
            assert_eq!(columns.len(), preset.columns.len(), "{}", preset.name);
            assert!(Column::REQUIRED.iter().all(|column| columns.contains(column)), "{}", preset.name);
            assert!(preset.columns.iter().all(|c| c.unit.is_none() || c.column.takes_unit()));
        }
        assert_eq!(by_name("canonical").unwrap().columns.len(), Column::ALL.len());
    }
}
