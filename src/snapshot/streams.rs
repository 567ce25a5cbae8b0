//! Answers that are logged as they were streamed, in a column that no mapping calls a conversation.

use super::file::File;
use super::source::locate;
use super::streamed::events_of;
use super::{Column, Mapping, probe};

/// Mapping in which a response is read as a conversation where nine in ten of the first values of its source are the
/// events of a stream: their words would be parted otherwise.
pub(super) fn with_streams<'a>(mut mapping: Mapping, mut files: impl Iterator<Item = &'a File>) -> Mapping {
    let Some(origin) = mapping.columns.get_mut(Column::ResponseText.name()) else { return mapping };
    let [name] = &origin.columns[..] else { return mapping };
    let values = |file: &File| Some(probe::first_values(file, &locate(file, name).ok()??));
    let values = files.find_map(values).unwrap_or_default();
    let streams = values.iter().filter(|text| events_of(text.trim_start()).is_some()).count();
    origin.conversation |= !values.is_empty() && 10 * streams >= 9 * values.len();
    mapping
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{canonical, texts, write};

    #[test]
    fn a_column_of_streams_is_read_as_their_text() {
        let dir = tempfile::tempdir().unwrap();
        let is_read_so = |values: &[&str]| {
            let path = write(&dir.path().join("f"), vec![("response_text", texts(values))]);
            let mapping = with_streams(canonical(), std::iter::once(&File::open(&path, "f").unwrap()));
            mapping.origin(Column::ResponseText).unwrap().conversation
        };
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n";
        assert!(is_read_so(&[stream, stream]));
        assert!(!is_read_so(&[stream, "data: {a caller's words", "plain"]));
    }
}
