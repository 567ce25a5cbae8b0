//! Kind of a file in a folder, by its name and first bytes.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::lines::{Layout, Rules, sniff};
use super::other_format::other_format;

/// Usual extensions of Parquet files.
const EXTENSIONS: [&str; 4] = ["parquet", "parq", "pqt", "pq"];
/// Usual extensions of JSON Lines and CSV, and of their compression.
const TEXT_EXTENSIONS: [&str; 6] = ["jsonl", "ndjson", "jsonlines", "json", "csv", "tsv"];
/// Those of them that notes beside a log hardly have.
const OF_LOGS: [&str; 5] = ["jsonl", "ndjson", "jsonlines", "csv", "tsv"];
const PACKED_EXTENSIONS: [&str; 4] = ["gz", "gzip", "zst", "zstd"];
/// Extensions of files that are still being written or transferred.
const UNFINISHED: [&str; 11] = [
    "tmp",
    "temp",
    "part",
    "partial",
    "inprogress",
    "crdownload",
    "download",
    "filepart",
    "writing",
    "incomplete",
    "_copying_",
];
/// Extensions of encrypted files, and of compression that is not read.
const CLOSED: [&str; 15] =
    ["gpg", "pgp", "age", "enc", "aes", "xz", "bz2", "lz4", "lzo", "sz", "snappy", "br", "zip", "7z", "rar"];
/// Extensions of files as they were before a change.
const BACKUPS: [&str; 4] = ["bak", "backup", "old", "orig"];
/// Extensions of archives of several files.
const ARCHIVES: [&str; 5] = ["zip", "tar", "tgz", "7z", "rar"];
/// Beginnings of the names of text files that describe an export.
const NOTES: [&str; 3] = ["manifest", "metadata", "schema"];
/// Maximum length of a path in a file that stands for a link.
const MAX_LINK_BYTES: u64 = 4_096;

/// Usual extensions of the files that are read, for file dialogs.
pub fn usual_extensions() -> Vec<&'static str> {
    [&EXTENSIONS[..], &TEXT_EXTENSIONS, &PACKED_EXTENSIONS].concat()
}

/// Kind of a file of a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Parquet,
    Text,
    /// Encrypted or compressed in a way that is not read.
    Closed,
}

/// Kind of a file in a folder.
///
/// # Errors
/// The rule by which it is left out.
pub(super) fn kind_of(path: &Path, name: &str) -> Result<Kind, &'static str> {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    if UNFINISHED.contains(&extension) {
        return Err("unfinished: its name says that it is still being written or sent");
    }
    if BACKUPS.contains(&extension) || name.ends_with('~') {
        return Err("a backup, by its name; name it to read it");
    }
    if EXTENSIONS.contains(&extension) {
        return Ok(Kind::Parquet);
    }
    if closed(name).is_some() {
        // The import names it and stops: it is part of a log.
        return Ok(Kind::Closed);
    }
    let mut first = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut first));
    if read.is_ok() && (&first == b"PAR1" || &first == b"PARE") {
        return Ok(Kind::Parquet);
    }
    if ARCHIVES.contains(&extension) || stem.ends_with(".tar") {
        return Err("an archive; unpack it first");
    }
    let extension = match PACKED_EXTENSIONS.contains(&extension) {
        true => stem.rsplit_once('.').map_or("", |(_, extension)| extension),
        false => extension,
    };
    if is_body(path, name) {
        return Err("the body of a Bedrock call, which its row in the log names; its words are a caller's");
    }
    if let Some(reason) = other_format(path) {
        return Err(reason);
    }
    let is_named = TEXT_EXTENSIONS.contains(&extension);
    let sniffed = sniff(path, Rules::Present);
    match sniffed.as_ref().err().map(std::io::Error::kind) {
        // The import says what is not clear, and stops.
        Some(ErrorKind::InvalidData) => return Ok(Kind::Text),
        Some(ErrorKind::Unsupported) if is_named => return Ok(Kind::Text),
        _ => {}
    }
    let layout = sniffed.ok().flatten().map(|format| format.layout);
    if is_named && NOTES.iter().any(|note| name.starts_with(note)) {
        return Err("a description of the export, by its name");
    }
    match layout {
        Some(Layout::JsonLines | Layout::JsonItems(_) | Layout::JsonTable(_, _)) => Ok(Kind::Text),
        Some(Layout::Csv(_, head)) if head.above > 0 && head.names.is_some() => Ok(Kind::Text),
        Some(Layout::Csv(_, head)) if head.above > 0 && !is_named => {
            Err("a table below other text; name the file to read it")
        }
        // Other endings promise no table.
        Some(_) if is_named || extension.is_empty() => Ok(Kind::Text),
        _ if first.starts_with(b"[") => Err("JSON lists without names; have the rows written as objects"),
        // An import names such a file as one that cannot be read, and stops.
        _ if OF_LOGS.contains(&extension) && read.is_ok() => Ok(Kind::Text),
        _ => Err("not Parquet, JSON Lines or CSV, by its first bytes"),
    }
}

/// What to do with a log that its name calls encrypted, or compressed in a way that is not read, such as
/// `part-1.parquet.gpg`; `None` for any other name.
pub(super) fn closed(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let mut endings = name.rsplit('.');
    let (last, before) = (endings.next()?, endings.next()?);
    let is_parquet = EXTENSIONS.contains(&before);
    let is_closed = CLOSED.contains(&last) && (is_parquet || OF_LOGS.contains(&before))
        || is_parquet && PACKED_EXTENSIONS.contains(&last);
    is_closed.then_some(
        "encrypted, or compressed in a way that is not read; decrypt or unpack it first, or leave it out with --leave-out",
    )
}

/// True for a request or a response that Amazon Bedrock writes beside its log for its length: `data/ID_input.json.gz`.
/// A caller writes it, and could write what looks like a row of the log.
fn is_body(path: &Path, name: &str) -> bool {
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    let is_in_data = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "data");
    is_in_data && (stem.ends_with("_input.json") || stem.ends_with("_output.json"))
}

/// Folder to which a file leads that stands for a link: its whole text is a relative path to a folder.
/// Git, and tools that unpack archives where links are not allowed, write links so.
pub(super) fn linked_folder(path: &Path) -> Option<PathBuf> {
    let about = fs::metadata(path).ok().filter(|about| (1..=MAX_LINK_BYTES).contains(&about.len()))?;
    let text = about.is_file().then(|| fs::read_to_string(path).ok())??;
    let to = Path::new(&text);
    let is_path = text.contains('/') && !text.contains(['\n', '\r', '\0']) && to.is_relative();
    let folder = path.parent()?.join(to);
    (is_path && folder.is_dir()).then_some(folder)
}
