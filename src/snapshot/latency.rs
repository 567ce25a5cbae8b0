//! Unit of a latency: by the name of its column, or assumed and said.

use super::look::FileColumns;
use super::preset::Preset;
use super::unit::Unit;
use super::{Column, Mapping, Origin, probe};
use crate::model::visible;

/// Words at the end of a column's name that say its unit.
const WORDS: [(&str, Unit); 22] = [
    ("ms", Unit::Ms),
    ("msec", Unit::Ms),
    ("msecs", Unit::Ms),
    ("millis", Unit::Ms),
    ("millisecond", Unit::Ms),
    ("milliseconds", Unit::Ms),
    ("s", Unit::S),
    ("sec", Unit::S),
    ("secs", Unit::S),
    ("second", Unit::S),
    ("seconds", Unit::S),
    ("us", Unit::Us),
    ("usec", Unit::Us),
    ("usecs", Unit::Us),
    ("micros", Unit::Us),
    ("microsecond", Unit::Us),
    ("microseconds", Unit::Us),
    ("ns", Unit::Ns),
    ("nsec", Unit::Ns),
    ("nanos", Unit::Ns),
    ("nanosecond", Unit::Ns),
    ("nanoseconds", Unit::Ns),
];
/// Longest and shortest median of plausible latencies, in ms.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 1.0..=3_600_000.0;

/// Unit that a column's name says: that of its last word in `duration_ms`, `DurationMs`, `latency (s)`.
pub(super) fn unit_by_name(name: &str) -> Option<Unit> {
    let last = name.rsplit(['.', '$', '\'', '"']).find(|part| part.contains(char::is_alphabetic))?;
    let mut words = vec![String::new()];
    let mut before = false;
    for c in last.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && before {
            words.push(String::new());
        }
        before = c.is_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    let word = words.pop()?;
    WORDS.iter().find(|(own, _)| *own == word).map(|(_, unit)| *unit)
}

/// Unit that the names of all sources of a latency say.
fn unit_by_names(origin: &Origin) -> Option<Unit> {
    let mut units = origin.columns.iter().map(|name| unit_by_name(name));
    let first = units.next()??;
    units.all(|unit| unit == Some(first)).then_some(first)
}

/// Mapping whose latency has the unit that its name says, unless it has one.
pub(super) fn with_unit_by_name(mut mapping: Mapping) -> Mapping {
    if let Some(origin) = mapping.columns.get_mut(Column::LatencyMs.name())
        && origin.since.is_none()
        && origin.unit.is_none()
    {
        // Milliseconds are what a latency without a unit is in.
        origin.unit = unit_by_names(origin).filter(|unit| *unit != Unit::Ms);
    }
    mapping
}

/// Unit in which the latencies of a preset are plausible, if they are not in its own.
pub(super) fn plausible_unit(origin: &Origin, seen: &[&FileColumns]) -> Option<Unit> {
    let unit = origin.unit.filter(|_| origin.since.is_none())?;
    let middle = middle(origin, seen)?;
    (!is_plausible(unit, middle) && is_plausible(Unit::Ms, middle)).then_some(Unit::Ms)
}

fn is_plausible(unit: Unit, middle: f64) -> bool {
    PLAUSIBLE.contains(&unit.to_millis(middle))
}

fn middle(origin: &Origin, seen: &[&FileColumns]) -> Option<f64> {
    let [name] = &origin.columns[..] else { return None };
    seen.iter()
        .find_map(|file| probe::middle_of(&file.opened, &file.get(name)?))
        .filter(|middle| *middle > 0.0)
}

/// Sentence on a latency whose unit nothing says, that is in another one than that of its preset, or that is not
/// plausible in its unit.
pub(super) fn note(presets: &[&Preset], seen: &[&FileColumns], mapping: &Mapping) -> Option<String> {
    let origin = mapping.origin(Column::LatencyMs).filter(|origin| origin.since.is_none())?;
    let source = origin.first()?;
    let number = middle(origin, seen)?;
    let unit = origin.unit.unwrap_or(Unit::Ms);
    let read = format!("{number} in “{}” is read as {number} {}", visible(source), unit.name());
    if !is_plausible(unit, number) {
        return Some(format!(
            "{read}, which is no plausible median of latencies; set unit = \"…\" for latency_ms in the mapping."
        ));
    }
    let known = presets.iter().flat_map(|preset| preset.columns);
    let mut known = known.filter(|own| {
        let is_own = |name: &str| source == name || source.ends_with(&format!(".{name}"));
        own.column == Column::LatencyMs && own.sources.iter().any(|name| is_own(name))
    });
    match known.next() {
        Some(own) if own.unit.unwrap_or(Unit::Ms) == unit => None,
        Some(own) => Some(format!(
            "{read}, not in the {} of the preset; set unit = \"…\" for latency_ms if it is another.",
            own.unit.unwrap_or(Unit::Ms).name()
        )),
        None if origin.unit.is_some() || unit_by_names(origin).is_some() => None,
        None => Some(format!(
            "{read}: its name says no unit, so ms are assumed; set unit = \"s\" for latency_ms if these are seconds."
        )),
    }
}

/// Maximum number of files whose latencies are compared, and minimum number of files and of latencies of each.
const COMPARED_FILES: usize = 64;
const MIN_FILES: usize = 3;
const MIN_LATENCIES: usize = 5;
/// Ratio of the median of one file to that of all files that shows another unit.
const OTHER_UNIT: std::ops::RangeInclusive<f64> = 200.0..=5_000.0;

/// Sentence on files whose latencies are a thousand times those of most files, or a thousandth.
pub(super) fn files_note(seen: &[&FileColumns], mapping: &Mapping) -> Option<String> {
    let source = mapping.origin(Column::LatencyMs).filter(|own| own.since.is_none())?.first()?;
    let step = seen.len().div_ceil(COMPARED_FILES).max(1);
    let median = |file: &&FileColumns| {
        let mut numbers = probe::numbers_of(&file.opened, &file.get(source)?)?;
        numbers.retain(|number| *number > 0.0);
        numbers.sort_by(f64::total_cmp);
        let median = *numbers.get(numbers.len() / 2)?;
        (numbers.len() >= MIN_LATENCIES).then(|| (median, file.file.clone()))
    };
    let mut medians: Vec<(f64, String)> = seen.iter().step_by(step).filter_map(median).collect();
    medians.sort_by(|a, b| a.0.total_cmp(&b.0));
    let middle = medians.get(medians.len() / 2).filter(|_| medians.len() >= MIN_FILES)?.0;
    let is_odd = |own: f64| OTHER_UNIT.contains(&(own / middle)) || OTHER_UNIT.contains(&(middle / own));
    let odd: Vec<&(f64, String)> = medians.iter().filter(|(own, _)| is_odd(*own)).collect();
    let (own, file) = odd.first()?;
    Some(format!(
        "{} of {} files have a median latency_ms far from the {middle} of most, such as {own} in {}; their unit may be another.",
        odd.len(),
        medians.len(),
        visible(file)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{accounts, texts, times, write};
    use crate::snapshot::propose;

    #[test]
    fn a_day_in_another_unit_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let day = |n: usize| {
            let latencies = if n == 2 {
                texts(&["1.2", "2.5", "0.9", "3", "2"])
            } else {
                texts(&["900", "2500", "1200", "3000", "800"])
            };
            let columns = vec![("ts", times(5)), ("account_id", accounts(5)), ("latency_ms", latencies)];
            (format!("{n}.parquet"), write(&dir.path().join(format!("{n}.parquet")), columns))
        };
        let files: Vec<_> = (0..4).map(day).collect();
        let notes = propose(&files, None).unwrap().notes;
        assert!(
            notes.iter().any(|note| note.starts_with("1 of 4 files have a median latency_ms")),
            "{notes:?}"
        );
        let notes = propose(&files[..2], None).unwrap().notes;
        assert!(!notes.iter().any(|note| note.contains("median latency_ms")), "{notes:?}");
    }

    #[test]
    fn names_say_their_unit() {
        for (name, unit) in [
            ("duration_ms", Some(Unit::Ms)),
            ("DurationMs", Some(Unit::Ms)),
            ("took_s", Some(Unit::S)),
            ("latency (s)", Some(Unit::S)),
            ("_raw.request_seconds", Some(Unit::S)),
            ("body.$.duration_ns", Some(Unit::Ns)),
            ("metrics['elapsed_us']", Some(Unit::Us)),
            ("attributes.duration", None),
            ("tokens", None),
            ("status", None),
            ("ms.total", None),
        ] {
            assert_eq!(unit_by_name(name), unit, "{name}");
        }
    }
}
