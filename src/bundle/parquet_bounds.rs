//! Bounds on the decoding of a bundle's Parquet files, checked before decoding.
//!
//! A few kilobytes of Parquet can expand to gigabytes: by a page with extreme compression, a long dictionary
//! value that a million rows repeat, or a schema of a hundred thousand levels. This module reads the footer
//! and every page header and refuses a file that exceeds a bound. A bundle's own files are far below the
//! bounds: row groups end after 16 MiB, columns are plain, pages are Zstandard.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use super::thrift::{BINARY, LIST, Malformed, STRUCT, Thrift};
use crate::model::Watcher;

/// Maximum length of a footer, in bytes.
const FOOTER: u64 = 2 << 20;
/// Columns and groups of a schema, and column chunks of a file.
const ELEMENTS: usize = 4_096;
const CHUNKS: usize = 65_536;
/// Levels of a schema.
const LEVELS: usize = 24;
/// Bytes of one row group, inflated.
const GROUP: u64 = 96 << 20;
/// Bytes of one file, inflated.
const WHOLE: u64 = 4 << 30;
/// Rows and values of one file.
const ROWS: u64 = 16 << 20;
const VALUES: u64 = 1 << 30;
/// Pages of one file.
const PAGES: u64 = 4 << 20;
/// Upper bound of the bytes of one file that rows repeat from dictionaries.
const REPEATED: u64 = 32 << 30;
/// Bytes of a fixed-size value.
const FIXED: i64 = 1_024;
/// Bytes of a page header.
const HEADER: usize = 16 << 10;
/// Maximum bytes of rows decoded together, beyond the bytes of their pages.
const BATCH: u64 = 32 << 20;

/// Number of rows of each row group that may be decoded together, or the reason why the file is not decoded.
pub(super) fn batch_rows(file: &mut File, watcher: &dyn Watcher) -> Result<Vec<usize>, String> {
    let length = file.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    let footer = Footer::parse(&footer(file, length)?)?;
    let (mut total, mut rows, mut values, mut pages, mut repeated) = (0, 0, 0, 0, 0_u64);
    let mut batches = Vec::with_capacity(footer.groups.len());
    for (number, (group_rows, chunks)) in footer.groups.iter().enumerate() {
        let of_group = |why: String| format!("row group {number}: {why}");
        if watcher.check().is_err() {
            return Err("cancelled".to_owned());
        }
        rows += *group_rows;
        at_most("rows", rows, ROWS)?;
        let mut cost = Cost { inflated: 0, repeated: 0, values: 0, pages: 0 };
        for (chunk, leaf) in footer.chunks[chunks.clone()].iter().zip(&footer.leaves) {
            cost.add(file, length, chunk, leaf, *group_rows).map_err(of_group)?;
        }
        total += cost.inflated;
        values += cost.values;
        pages += cost.pages;
        at_most("bytes inflated in one row group", cost.inflated, GROUP).map_err(of_group)?;
        at_most("bytes inflated", total, WHOLE)?;
        at_most("values", values, VALUES)?;
        at_most("pages", pages, PAGES)?;
        repeated = repeated.saturating_add(cost.repeated.saturating_mul(*group_rows));
        at_most("bytes repeated out of dictionaries", repeated, REPEATED)?;
        let fixed: u64 = footer.leaves.iter().map(|leaf| leaf.width).sum();
        batches.push((BATCH / (cost.repeated + fixed).max(1)).clamp(1, 1_024) as usize);
    }
    file.rewind().map_err(|error| error.to_string())?;
    Ok(batches)
}

fn at_most(what: &str, found: u64, bound: u64) -> Result<(), String> {
    if found <= bound { Ok(()) } else { Err(format!("it has {found} {what}; at most {bound} are decoded")) }
}

fn footer(file: &mut File, length: u64) -> Result<Vec<u8>, String> {
    let mut tail = [0; 8];
    if length < 12 {
        return Err("it is too short for Parquet".to_owned());
    }
    file.seek(SeekFrom::End(-8))
        .and_then(|_| file.read_exact(&mut tail))
        .map_err(|error| error.to_string())?;
    let [a, b, c, d, magic @ ..] = tail;
    if &magic != b"PAR1" {
        return Err("it does not end as Parquet does".to_owned());
    }
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    at_most("bytes of footer", size, FOOTER)?;
    let start = (length - 8).checked_sub(size).ok_or("its footer is longer than itself")?;
    let mut bytes = vec![0; size as usize];
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.read_exact(&mut bytes))
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// A column of the schema.
#[derive(Clone, Copy)]
struct Leaf {
    /// True if a row may have several values.
    repeated: bool,
    /// True if values vary in length.
    variable: bool,
    /// Bytes of a value of fixed size, levels and offsets included, at most.
    width: u64,
}

/// A column of a row group.
#[derive(Clone, Copy, Default)]
struct Chunk {
    codec: i64,
    start: i64,
    size: i64,
}

#[derive(Default)]
struct Footer {
    leaves: Vec<Leaf>,
    chunks: Vec<Chunk>,
    /// Rows and chunks of each row group.
    groups: Vec<(u64, std::ops::Range<usize>)>,
}

impl Footer {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut footer = Self::default();
        let mut excess = None;
        let mut lists = 0;
        let read = Thrift::new(bytes).fields(|thrift, number, kind| {
            if !matches!(number, 2 | 4) || kind != LIST {
                return Ok(false);
            }
            lists += number;
            let (STRUCT, count) = thrift.list()? else { return Err(Malformed) };
            if number == 2 {
                footer.schema(thrift, count).map_err(|why| excess = why)
            } else {
                (0..count).try_for_each(|_| footer.group(thrift)).map_err(|why| excess = why)
            }
            .map_err(|()| Malformed)?;
            Ok(true)
        });
        match (read, excess) {
            (_, Some(why)) => Err(why),
            // Each list once, the schema before the row groups: a second one would replace the first.
            (Ok(()), None) if lists == 6 && !footer.leaves.is_empty() => Ok(footer),
            _ => Err("its footer cannot be read".to_owned()),
        }
    }

    fn schema(&mut self, thrift: &mut Thrift<'_>, count: usize) -> Result<(), Option<String>> {
        at_most("columns and groups in its schema", count as u64, ELEMENTS as u64).map_err(Some)?;
        // Children still to come at each level, and whether the level stands in something repeated.
        let mut open: Vec<(i64, bool)> = Vec::new();
        for _ in 0..count {
            let (mut physical, mut length, mut repetition, mut children) = (-1, 0, 0, 0);
            thrift
                .fields(|thrift, number, kind| {
                    let slot = match number {
                        1 => &mut physical,
                        2 => &mut length,
                        3 => &mut repetition,
                        5 => &mut children,
                        _ => return Ok(false),
                    };
                    if kind == BINARY || kind == LIST || kind == STRUCT {
                        return Err(Malformed);
                    }
                    *slot = thrift.int()?;
                    Ok(true)
                })
                .map_err(|Malformed| None)?;
            while open.last().is_some_and(|(left, _)| *left == 0) {
                open.pop();
            }
            if let Some((left, _)) = open.last_mut() {
                *left -= 1;
            }
            let repeated = repetition == 2 || open.last().is_some_and(|(_, repeated)| *repeated);
            if children > 0 {
                open.push((children, repeated));
                at_most("levels in its schema", open.len() as u64, LEVELS as u64).map_err(Some)?;
            } else if physical >= 0 {
                if !(0..=FIXED).contains(&length) {
                    return Err(Some(format!(
                        "it has values of {length} bytes; at most {FIXED} are decoded"
                    )));
                }
                let width = 32 + length.unsigned_abs();
                self.leaves.push(Leaf { repeated, variable: physical == 6, width });
            }
        }
        Ok(())
    }

    fn group(&mut self, thrift: &mut Thrift<'_>) -> Result<(), Option<String>> {
        let begin = self.chunks.len();
        let (mut rows, mut excess) = (0, None);
        let read = thrift.fields(|thrift, number, kind| match (number, kind) {
            (1, LIST) => {
                let (STRUCT, count) = thrift.list()? else { return Err(Malformed) };
                for _ in 0..count {
                    if self.chunks.len() >= CHUNKS {
                        excess = Some(format!("it has more than {CHUNKS} column chunks"));
                        return Err(Malformed);
                    }
                    let chunk = chunk(thrift)?;
                    self.chunks.push(chunk);
                }
                Ok(true)
            }
            (3, _) if !matches!(kind, BINARY | LIST | STRUCT) => {
                rows = thrift.int()?;
                Ok(true)
            }
            _ => Ok(false),
        });
        let chunks = begin..self.chunks.len();
        if read.is_err() || rows < 0 || chunks.len() != self.leaves.len() {
            return Err(excess);
        }
        self.groups.push((rows.unsigned_abs(), chunks));
        Ok(())
    }
}

fn chunk(thrift: &mut Thrift<'_>) -> Result<Chunk, Malformed> {
    let (mut chunk, mut data, mut dictionary) = (Chunk::default(), -1, None);
    thrift.fields(|thrift, number, kind| {
        if number != 3 || kind != STRUCT {
            return Ok(false);
        }
        thrift.fields(|thrift, number, kind| {
            if matches!(kind, BINARY | LIST | STRUCT) {
                return Ok(false);
            }
            match number {
                4 => chunk.codec = thrift.int()?,
                7 => chunk.size = thrift.int()?,
                9 => data = thrift.int()?,
                11 => dictionary = Some(thrift.int()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(true)
    })?;
    // The reader begins at the dictionary, if there is one.
    chunk.start = dictionary.unwrap_or(data);
    Ok(chunk)
}

/// Cost of decoding a row group.
struct Cost {
    /// Bytes of its pages, inflated, and of repeated values.
    inflated: u64,
    /// Bytes that one row may repeat from dictionaries.
    repeated: u64,
    values: u64,
    pages: u64,
}

#[derive(Default)]
struct Page {
    kind: i64,
    inflated: i64,
    stored: i64,
    values: i64,
    encoding: i64,
}

impl Cost {
    fn add(
        &mut self,
        file: &mut File,
        length: u64,
        chunk: &Chunk,
        leaf: &Leaf,
        rows: u64,
    ) -> Result<(), String> {
        // Uncompressed, Snappy and Zstandard inflate to the size that the page header says; the
        // decoders of the others go on as long as there is something.
        if !matches!(chunk.codec, 0 | 1 | 6) {
            return Err(format!("it is compressed in a way (codec {}) that no bundle uses", chunk.codec));
        }
        let (Ok(mut at), Ok(size)) = (u64::try_from(chunk.start), u64::try_from(chunk.size)) else {
            return Err("a column lies outside the file".to_owned());
        };
        let end =
            at.checked_add(size).filter(|end| *end <= length).ok_or("a column lies outside the file")?;
        let mut values = 0;
        while at < end {
            self.pages += 1;
            at_most("pages", self.pages, PAGES)?;
            let (page, header) = page(file, at)?;
            let sizes =
                (u64::try_from(page.stored), u64::try_from(page.inflated), u64::try_from(page.values));
            let (Ok(stored), Ok(inflated), Ok(count)) = sizes else {
                return Err("a page header has a negative number".to_owned());
            };
            at = at + header + stored;
            if at > end {
                return Err("a page is longer than its column".to_owned());
            }
            self.inflated += inflated.max(stored);
            at_most("bytes inflated in one row group", self.inflated, GROUP)?;
            // Plain, dictionary indices, run lengths of yes and no. Others let a value be repeated
            // by its neighbour.
            if !matches!(page.encoding, 0 | 2 | 3 | 8) {
                return Err(format!("a page is encoded in a way ({}) that no bundle uses", page.encoding));
            }
            if page.kind == 2 {
                if leaf.repeated && leaf.variable {
                    return Err("lists of text have a dictionary, which no bundle uses".to_owned());
                }
                self.repeated += inflated;
            } else {
                values += count;
            }
        }
        self.values += values;
        if leaf.repeated {
            self.inflated += values.saturating_mul(if leaf.width > 32 { leaf.width } else { 16 });
            at_most("bytes inflated in one row group", self.inflated, GROUP)?;
        } else if values > rows {
            return Err(format!("a column has {values} values for {rows} rows"));
        }
        Ok(())
    }
}

/// A page header and its length.
fn page(file: &mut File, at: u64) -> Result<(Page, u64), String> {
    let mut bytes = Vec::with_capacity(HEADER);
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.take(HEADER as u64).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    let mut page = Page { kind: -1, inflated: -1, stored: -1, values: -1, encoding: -1 };
    let mut thrift = Thrift::new(&bytes);
    let read = thrift.fields(|thrift, number, kind| match (number, kind) {
        (1..=3, kind) if !matches!(kind, BINARY | LIST | STRUCT) => {
            let value = thrift.int()?;
            *[&mut page.kind, &mut page.inflated, &mut page.stored][number as usize - 1] = value;
            Ok(true)
        }
        (5 | 7 | 8, STRUCT) => {
            let of_encoding = if number == 8 { 4 } else { 2 };
            thrift.fields(|thrift, number, kind| {
                if matches!(kind, BINARY | LIST | STRUCT) || (number != 1 && number != of_encoding) {
                    return Ok(false);
                }
                let value = thrift.int()?;
                if number == 1 {
                    page.values = value
                } else {
                    page.encoding = value
                }
                Ok(true)
            })?;
            Ok(true)
        }
        _ => Ok(false),
    });
    match read {
        Ok(()) if matches!(page.kind, 0 | 2 | 3) => Ok((page, thrift.position() as u64)),
        _ => Err("a page header cannot be read".to_owned()),
    }
}
