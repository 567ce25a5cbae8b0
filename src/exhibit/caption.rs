//! Caption of an exhibit: scope, counts, time zone, sources, versions.

use crate::cache::Cache;
use crate::model::{Scope, Zone, format_count};
use crate::query::Selection;
use crate::signals;

/// Lines below an exhibit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// One sentence or list a line; hostile characters not yet made visible.
    pub lines: Vec<String>,
}

impl Caption {
    /// The caption of a scope.
    pub fn of(cache: &Cache, selection: &Selection, scope: &Scope, zone: &Zone) -> Self {
        let counts = cache.counts();
        let mut sources: Vec<(String, usize)> = Vec::new();
        for file in cache.files() {
            let snapshot = file.snapshot.to_string();
            match sources.last_mut() {
                Some((last, files)) if *last == snapshot => *files += 1,
                _ => sources.push((snapshot, 1)),
            }
        }
        Self::from_parts(
            &scope.describe(zone),
            [
                selection.exchanges,
                counts.distinct,
                selection.accounts.len() as u64,
                cache.accounts().len() as u64,
            ],
            zone,
            &sources,
        )
    }

    /// Caption of its parts: the scope in words; exchanges, of all exchanges, accounts, of all accounts;
    /// the zone; each snapshot's SHA-256 with its number of files.
    pub(super) fn from_parts(
        scope: &str,
        counts: [u64; 4],
        zone: &Zone,
        sources: &[(String, usize)],
    ) -> Self {
        let [exchanges, all_exchanges, accounts, all_accounts] = counts;
        let mut lines = vec![
            format!("Scope: {scope}."),
            format!(
                "{} of {} exchanges, {} of {} accounts. Times in {}.",
                format_count(exchanges),
                format_count(all_exchanges),
                format_count(accounts),
                format_count(all_accounts),
                zone.name()
            ),
        ];
        for (snapshot, files) in sources {
            let plural = if *files == 1 { "file" } else { "files" };
            lines.push(format!("Source: snapshot SHA-256 {snapshot} ({files} {plural})."));
        }
        lines.push(versions());
        Self { lines }
    }
}

/// Versions of the program and of every signal, in a line.
pub fn versions() -> String {
    let signals: Vec<_> = signals::abouts().map(|about| format!("{} v{}", about.id, about.version)).collect();
    format!("stillhunt {}; signals {}.", env!("CARGO_PKG_VERSION"), signals.join(", "))
}
