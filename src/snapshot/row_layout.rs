//! Layout by which the rows of a file are numbered.
//!
//! An exchange is named by file and row for as long as its case lasts. The rules that recognise a layout get
//! better; so the case keeps, with each file, the layout under which its rows were numbered, and opens it so.

use serde::{Deserialize, Serialize};

use super::lines::{Dialect, Encoding, Format, Head, Layout, Wrapper, kept, kept_wrapper};

/// Carrier of a file's rows, and what tells where one ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "carrier", rename_all = "snake_case")]
pub enum RowLayout {
    /// Rows of Parquet.
    Parquet,
    /// Spans of nested traces in Parquet.
    Spans {
        /// Names of the lists of resources, scopes and spans.
        levels: [String; 3],
    },
    /// Lines, each a JSON object.
    JsonLines,
    /// JSON objects one after another, or in a list.
    JsonValues,
    /// JSON objects in a list inside an object.
    JsonItems {
        /// Names of the objects around the first list, from the outside inwards.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        through: Vec<String>,
        /// Names of the lists, from the outside inwards; each has one of its names.
        below: Vec<Vec<String>>,
        /// Names of the columns, where the rows are lists of values.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
        /// True where the objects around the list are columns of the rows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        around: bool,
    },
    /// Records of CSV.
    Csv {
        /// Character between fields.
        delimiter: char,
        /// True where a backslash precedes a quotation mark inside a field, or escapes in unquoted text; a
        /// mark is doubled otherwise.
        backslash: bool,
        /// True where quotation marks are text and every line is a record.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unquoted: bool,
        /// True where blanks around a field are not part of it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        padded: bool,
        /// Number of lines above the names of the columns.
        #[serde(default, skip_serializing_if = "is_zero")]
        above: u32,
        /// Names of the columns, where they stand in another file.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
    },
    /// Text in an encoding that the user has stated.
    Encoded {
        /// Its name in the Encoding Standard of the WHATWG.
        encoding: String,
        /// Layout of its text.
        layout: Box<RowLayout>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl RowLayout {
    /// Layout of a text file.
    pub(super) fn of_lines(format: Format) -> Self {
        let layout = Self::of_text(format.layout, format.around);
        match format.encoding {
            Some(encoding) => {
                Self::Encoded { encoding: encoding.name().to_owned(), layout: Box::new(layout) }
            }
            None => layout,
        }
    }

    /// Layout without the encoding.
    pub(super) fn of_characters(&self) -> &Self {
        match self {
            Self::Encoded { layout, .. } => layout,
            own => own,
        }
    }

    /// True where the objects around a list of rows are columns of these.
    pub(super) fn has_around(&self) -> bool {
        matches!(self.of_characters(), Self::JsonItems { around: true, .. })
    }

    fn of_text(layout: Layout, around: bool) -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<String>>();
        match layout {
            Layout::JsonLines => Self::JsonLines,
            Layout::JsonValues => Self::JsonValues,
            Layout::JsonItems(wrapper) => Self::items(wrapper, &[], around),
            Layout::JsonTable(wrapper, columns) => Self::items(wrapper, columns, around),
            Layout::Csv(Dialect { delimiter, backslash, unquoted, padded }, head) => Self::Csv {
                delimiter: char::from(delimiter),
                backslash,
                unquoted,
                padded,
                above: head.above,
                names: names(head.names.unwrap_or_default()),
            },
        }
    }

    /// Layout of the items of a list, with the names of their columns where these are lists of values.
    fn items(wrapper: Wrapper, columns: &[&str], around: bool) -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<String>>();
        Self::JsonItems {
            through: names(wrapper.through),
            below: wrapper.lists.iter().map(|list| names(list)).collect(),
            names: names(columns),
            around,
        }
    }

    /// Layout and encoding as the reader of text files takes them; `None` for Parquet, and for names that none
    /// can have.
    pub(super) fn in_lines(&self) -> Option<(Layout, Option<Encoding>)> {
        let encoding = match self {
            Self::Encoded { encoding, .. } => Some(Encoding::named(encoding)?),
            _ => None,
        };
        Some((self.of_characters().in_text()?, encoding))
    }

    fn in_text(&self) -> Option<Layout> {
        match self {
            Self::Parquet | Self::Spans { .. } | Self::Encoded { .. } => None,
            Self::JsonLines => Some(Layout::JsonLines),
            Self::JsonValues => Some(Layout::JsonValues),
            Self::JsonItems { through, below, names, .. } if names.is_empty() => {
                kept_wrapper(through, below).map(Layout::JsonItems)
            }
            Self::JsonItems { through, below, names, .. } => {
                Some(Layout::JsonTable(kept_wrapper(through, below)?, kept(names)?))
            }
            Self::Csv { delimiter, backslash, unquoted, padded, above, names } => {
                let delimiter = u8::try_from(*delimiter).ok()?;
                let (backslash, unquoted, padded) = (*backslash, *unquoted, *padded);
                let dialect = Dialect { delimiter, backslash, unquoted, padded };
                let names = if names.is_empty() { None } else { Some(kept(names)?) };
                Some(Layout::Csv(dialect, Head { above: *above, names }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::snapshot::fixture::canonical;
    use crate::snapshot::lines::Packing;
    use crate::snapshot::{Sealing, Snapshot, Sources, seal};

    #[test]
    fn a_layout_survives_the_journal() {
        let csv = Dialect { backslash: true, ..Dialect::of(b';') };
        let plain = Dialect { delimiter: b'\t', unquoted: true, padded: true, ..csv };
        let wide = Wrapper {
            through: &["d", "page"],
            lists: &[&["resourceSpans", "resource_spans"], &["scopeSpans"], &["spans"]],
        };
        let plain_list = Wrapper { through: &[], lists: &[&["data"]] };
        for layout in [
            Layout::JsonLines,
            Layout::JsonValues,
            Layout::JsonItems(plain_list),
            Layout::JsonItems(wide),
            Layout::JsonTable(wide, &["ts", "a"]),
            Layout::Csv(csv, Head { above: 3, names: None }),
            Layout::Csv(plain, Head { above: 0, names: Some(&["ts", "a \"b\""]) }),
        ] {
            for encoding in [None, Encoding::named("gbk")] {
                let around = matches!(layout, Layout::JsonItems(_));
                let format = Format { packing: Packing::Plain, encoding, layout, around };
                let kept = serde_json::to_string(&RowLayout::of_lines(format)).unwrap();
                let read: RowLayout = serde_json::from_str(&kept).unwrap();
                assert_eq!(read.in_lines(), Some((layout, encoding)), "{kept}");
                assert_eq!(read.has_around(), around, "{kept}");
            }
        }
        let before: RowLayout =
            serde_json::from_str(r#"{"carrier":"csv","delimiter":";","backslash":true}"#).unwrap();
        assert_eq!(before.in_lines(), Some((Layout::Csv(csv, Head::default()), None)), "a case from before");
        let before: RowLayout =
            serde_json::from_str(r#"{"carrier":"json_items","below":[["data"]]}"#).unwrap();
        assert_eq!(before.in_lines(), Some((Layout::JsonItems(plain_list), None)));
        let levels = ["rs", "ss", "Spans"].map(str::to_owned);
        assert_eq!(RowLayout::Spans { levels }.in_lines(), None);
    }

    #[test]
    fn a_case_numbers_rows_as_it_did_when_it_was_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let row = |n: u32| format!("{{\"ts\":\"2026-04-22T13:05:0{n}Z\",\"account_id\":\"a\"}}");
        let in_a_row = format!("{}{}\n{}\n", row(1), row(2), row(3));
        let path = dir.path().join("in.jsonl");
        std::fs::write(&path, in_a_row).unwrap();
        let files = [("in.jsonl".to_owned(), path)];
        let case = dir.path().join("case");
        std::fs::create_dir(&case).unwrap();
        let mapping = canonical();
        let mut snapshot = seal(&files, mapping, Sealing::Reference, &case, &Silent).unwrap();
        assert_eq!((snapshot.files[0].rows, &snapshot.files[0].layout), (3, &Some(RowLayout::JsonValues)));
        let opened = |snapshot: &Snapshot| {
            let sources = Sources { case_dir: case.clone(), snapshots: vec![snapshot.clone()] };
            sources.open(snapshot, &snapshot.files[0]).map(|file| file.rows()).map_err(|e| e.to_string())
        };
        assert_eq!(opened(&snapshot), Ok(3));
        // A case from before had two lines, of which one could not be read.
        snapshot.files[0].layout = None;
        assert_eq!(opened(&snapshot), Ok(2));
        snapshot.files[0].layout = Some(RowLayout::JsonLines);
        assert!(opened(&snapshot).unwrap_err().contains("it has 2 rows, and had 3"));
    }
}
