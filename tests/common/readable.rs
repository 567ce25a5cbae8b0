//! Every file of a bag as text.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, StructArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::files_under;

/// Streams of a PDF, decompressed, and its words and metadata as `pdftotext` and `pdfinfo` have them.
pub fn words_of_pdf(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut found = String::new();
    for at in memchr::memmem::find_iter(&bytes, b"stream") {
        let after = &bytes[at + 6..];
        let start = after.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
        let mut text = Vec::new();
        // A stream that is not compressed stands in the file as it is.
        if flate2::read::ZlibDecoder::new(&after[start..]).read_to_end(&mut text).is_ok() || !text.is_empty()
        {
            found.push_str(&String::from_utf8_lossy(&text));
            // Text of names and metadata may be UTF-16.
            found.extend(text.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)));
        }
    }
    for program in [&["pdftotext", "-layout"][..], &["pdftotext", "-raw"], &["pdfinfo"]] {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(path);
        if program[0] == "pdftotext" {
            command.arg("-");
        }
        if let Ok(output) = command.output() {
            assert!(output.status.success(), "{command:?}");
            found.push_str(&String::from_utf8_lossy(&output.stdout));
        } else {
            assert!(std::env::var_os("CI").is_none(), "CI has to have {}", program[0]);
        }
    }
    // Words that a line end or a column parts.
    let joined = found.split_whitespace().collect::<Vec<_>>().join(" ");
    found + &joined
}

/// Text of a Parquet file's string columns, those inside of structs included.
pub fn words_of_parquet(path: &Path) -> String {
    fn words(column: &StructArray, found: &mut String) {
        for (array, field) in column.columns().iter().zip(column.fields()) {
            found.push_str(field.name());
            found.push('\n');
            if let Some(inner) = array.as_struct_opt() {
                words(inner, found);
            } else if let Ok(text) = arrow_cast::cast(array, &arrow_schema::DataType::Utf8) {
                let text = text.as_string::<i32>();
                for row in (0..text.len()).filter(|&row| text.is_valid(row)) {
                    found.push_str(text.value(row));
                    found.push('\n');
                }
            }
        }
    }
    let mut found = String::new();
    let file = std::fs::File::open(path).unwrap();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        words(&StructArray::from(batch.unwrap()), &mut found);
    }
    found
}

/// Every file of a bag as text: Parquet decoded, streams of PDF decompressed, and the words that `pdftotext` finds.
pub fn readable(bag: &Path) -> Vec<(PathBuf, String)> {
    let files = files_under(bag).into_iter();
    files
        .map(|file| {
            let path = bag.join(&file);
            let is_parquet = file.extension().is_some_and(|end| end == "parquet");
            let mut words = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            if is_parquet {
                words.push_str(&words_of_parquet(&path));
            }
            if file.extension().is_some_and(|end| end == "pdf") {
                words.push_str(&words_of_pdf(&path));
            }
            (file, words)
        })
        .collect()
}
