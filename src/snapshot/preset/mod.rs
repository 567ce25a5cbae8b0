//! Presets: names of the canonical columns in other systems. One file and one line in the list each.
//!
//! A preset is a plain value without access to files; [`propose`](super::propose) chooses among them.

mod azure;
mod bedrock;
mod canonical;
mod cloudflare;
mod definition;
mod helicone;
mod kong;
mod langfuse;
mod langsmith;
mod list;
mod litellm;
mod litellm_payload;
mod openinference;
mod opentelemetry;
mod portkey;
mod vertex;

pub use canonical::CANONICAL;
pub use definition::{Preset, PresetColumn};
pub use list::{ALL, by_name, names};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::snapshot::Column;

    #[test]
    fn each_preset_names_a_column_once_except_for_another_way_to_the_latency() {
        for preset in ALL {
            let columns: Vec<Column> =
                preset.columns.iter().map(|c| c.column).filter(|&c| c != Column::LatencyMs).collect();
            let distinct: BTreeSet<Column> = columns.iter().copied().collect();
            assert_eq!(columns.len(), distinct.len(), "{}", preset.title);
            assert!(distinct.contains(&Column::Ts), "{}", preset.title);
            assert!(distinct.contains(&Column::AccountId) || !preset.hint.is_empty(), "{}", preset.title);
            assert!(preset.columns.iter().all(|c| c.unit.is_none() || c.column.takes_unit()));
        }
        assert_eq!(by_name("canonical")[0].columns.len(), Column::ALL.len());
        assert_eq!(by_name("litellm").len(), 2);
        let titles: BTreeSet<&str> = ALL.iter().map(|preset| preset.title).collect();
        assert_eq!(titles.len(), ALL.len());
    }
}
