//! Decimal mark of numbers written as text, from the first rows of some files.

use super::convert::readings;
use super::file::File;
use super::mapping::takes_decimal;
use super::missing::is_placeholder;
use super::source::locate;
use super::unit::DecimalMark;
use super::{Column, ColumnType, Mapping, probe};

/// Number of files that are looked at.
pub(super) const FILES: usize = 6;

/// Minimum number of values with a mark in a column that may have fractions.
const MIN_GROUPED: usize = 8;

/// Mapping in which columns of numbers without a decimal mark have the one that the files show, if their
/// text shows one and no other.
pub(super) fn with_marks<'a>(mut mapping: Mapping, files: impl Iterator<Item = &'a File> + Clone) -> Mapping {
    let open: Vec<Column> = Column::ALL
        .into_iter()
        .filter(|&column| takes_decimal(column))
        .filter(|&column| mapping.origin(column).is_some_and(|origin| origin.decimal.is_none()))
        .collect();
    let mut votes = Votes::default();
    for &column in &open {
        let Some(source) = mapping.source(column) else { continue };
        let texts = files.clone().take(FILES).flat_map(|file| texts(file, source));
        votes.add(&texts.collect::<Vec<_>>(), column.kind() == ColumnType::Int);
    }
    if let Some(mark) = votes.mark() {
        for column in open {
            if let Some(origin) = mapping.columns.get_mut(column.name()) {
                origin.decimal = Some(mark);
            }
        }
    }
    mapping
}

/// First values of a column of text; none for another type.
fn texts(file: &File, source: &str) -> Vec<String> {
    let Ok(Some(found)) = locate(file, source) else { return Vec::new() };
    if !super::path::is_textual(&found.data_type) {
        return Vec::new();
    }
    let texts = probe::first_values(file, &found);
    texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !is_placeholder(text)).collect()
}

/// Values that are a number with one decimal mark only.
#[derive(Default)]
struct Votes {
    point: bool,
    comma: bool,
    /// True if digits are grouped by the mark that is not the decimal one.
    grouped: bool,
}

impl Votes {
    /// Adds the values of a column. A number grouped by thousands could be one with a fraction of three digits:
    /// it counts only where all values without a mark are below 1,000, and there are some; in a column that may
    /// have fractions, only where [`MIN_GROUPED`] values or more have a mark and all of them could be grouped.
    fn add(&mut self, texts: &[String], is_whole: bool) {
        let unmarked = || texts.iter().filter_map(|text| text.parse::<u64>().ok());
        let marked = || texts.iter().filter(|text| text.contains(['.', ',']));
        let may_be_grouped =
            |text: &String| !text.starts_with('0') && readings(text).iter().all(Option::is_some);
        let all_below = unmarked().next().is_some() && unmarked().all(|number| number < 1_000);
        let is_grouped =
            all_below && (is_whole || marked().count() >= MIN_GROUPED && marked().all(may_be_grouped));
        for text in marked() {
            let mut read = readings(text);
            if is_grouped && read.iter().all(Option::is_some) {
                read = read.map(|number| number.filter(|number| !number.contains('.')));
            }
            let marks = text.chars().filter(|&c| c == '.' || c == ',').count();
            match read {
                [Some(number), None] => {
                    self.point = true;
                    self.grouped |= marks > usize::from(number.contains('.'));
                }
                [None, Some(_)] => {
                    self.comma = true;
                    self.grouped = true;
                }
                _ => {}
            }
        }
    }

    /// The mark that the values agree on. A decimal point without groups needs no mark.
    fn mark(&self) -> Option<DecimalMark> {
        match (self.point, self.comma) {
            (true, false) if self.grouped => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(columns: &[(&[&str], bool)]) -> Option<DecimalMark> {
        let mut votes = Votes::default();
        for (texts, is_whole) in columns {
            let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
            votes.add(&texts, *is_whole);
        }
        votes.mark()
    }

    #[test]
    fn the_mark_is_that_which_all_values_allow() {
        let (point, comma) = (Some(DecimalMark::Point), Some(DecimalMark::Comma));
        assert_eq!(mark(&[(&["12", "1.057", "998"], true)]), comma);
        assert_eq!(mark(&[(&["12", "1,057"], true)]), point);
        assert_eq!(mark(&[(&["12,5", "1.234,25"], false), (&["2.000"], true)]), comma);
        assert_eq!(mark(&[(&["1,234.5"], false)]), point);
        assert_eq!(mark(&[(&["0.25", "17"], false)]), None, "as usual");
        assert_eq!(mark(&[(&["2.000", "3.000"], true)]), None, "two or two thousand");
        assert_eq!(mark(&[(&["12.345", "17.250"], true)]), None, "fractions");
        assert_eq!(mark(&[(&["12.345", "4500"], true)]), None, "thousands are not grouped");
        assert_eq!(mark(&[(&["12,5"], false), (&["0.25"], false)]), None, "they disagree");
        let latencies = ["812", "1.234", "2.047", "1.991", "3.004", "1.100", "2.250", "1.675", "4.000"];
        assert_eq!(mark(&[(&latencies, false), (&["2.000"], true)]), comma);
        assert_eq!(mark(&[(&latencies[..5], false)]), None, "too few");
        let seconds = ["1", "0.234", "2.047", "1.991", "3.004", "1.100", "2.250", "1.675", "4.000"];
        assert_eq!(mark(&[(&seconds, false)]), None, "fractions");
    }
}
