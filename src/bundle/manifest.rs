//! Parser of manifests, which may be hostile.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

use super::fault::Fault;
use crate::model::Digest;

/// Faults of one file after which it is not read further.
const MAX_FAULTS: usize = 1_000;
/// Files that a manifest may list, and bytes of a line.
const LINES: usize = 100_000;
const LINE: usize = 8 << 10;

/// Files that a manifest lists with their SHA-256, and the faults of the manifest. Lines that
/// are malformed, name something outside the bag or stand twice are faults and list nothing. Reads
/// no more than 100,000 lines and 1,000 faults.
pub(super) fn parse(
    name: &str,
    mut text: impl BufRead,
    of_payload: bool,
) -> (BTreeMap<String, Digest>, Vec<Fault>) {
    let mut listed = BTreeMap::new();
    let mut faults = Vec::new();
    for number in 1.. {
        let mut fault = |what: &str| faults.push(Fault::new(name, format!("line {number} {what}")));
        let mut line = match next_line(&mut text, LINE) {
            Ok(None) => break,
            Ok(Some(line)) => line,
            Err(error) => {
                fault(&format!("cannot be read, nor what follows: {error}"));
                break;
            }
        };
        if number > LINES {
            fault("is one more than the 100,000 files that a bundle may have; the rest is not read");
            break;
        }
        if line.pop_if(|end| *end == b'\n').is_none() {
            faults.push(Fault::new(name, "does not end with a line end"));
        }
        // RFC 8493 allows either line end.
        line.pop_if(|end| *end == b'\r');
        match listing(&line, of_payload) {
            Err(what) => faults.push(Fault::new(name, format!("line {number} {what}"))),
            Ok((file, digest)) => {
                if listed.insert(file, digest).is_some() {
                    faults.push(Fault::new(name, format!("line {number} names a file a second time")));
                }
            }
        }
        if faults.len() >= MAX_FAULTS {
            faults.push(Fault::new(name, "has more faults; the rest is not read"));
            break;
        }
    }
    (listed, faults)
}

/// The next line with its end, where it has one; an error where it is longer than `longest` bytes.
pub(super) fn next_line(text: &mut impl BufRead, longest: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    text.take(longest as u64 + 1).read_until(b'\n', &mut line)?;
    if line.len() > longest {
        return Err(std::io::Error::other(format!("it is longer than {longest} bytes")));
    }
    Ok((!line.is_empty()).then_some(line))
}

/// The file that a line names, and its SHA-256.
fn listing(line: &[u8], of_payload: bool) -> Result<(String, Digest), &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "is not UTF-8")?;
    let (digest, file) = line.split_once("  ").ok_or("is not a SHA-256, two spaces and a name")?;
    // Either case of the digits, as RFC 8493 has it.
    let digest = digest
        .parse::<Digest>()
        .ok()
        .filter(|_| digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or("does not begin with a SHA-256 of 64 hexadecimal digits")?;
    let file = decode(file);
    if !is_inside(&file) {
        Err("names a file outside the bundle")
    } else if file.starts_with("data/") != of_payload {
        Err(if of_payload { "names no file of the payload" } else { "names a file of the payload" })
    } else {
        Ok((file, digest))
    }
}

/// RFC 8493 writes carriage return, line feed and percent sign as `%0D`, `%0A` and `%25`.
fn decode(file: &str) -> String {
    let parts = [("%0D", "\r"), ("%0d", "\r"), ("%0A", "\n"), ("%0a", "\n"), ("%25", "%")];
    parts.into_iter().fold(file.to_owned(), |file, (code, plain)| file.replace(code, plain))
}

fn is_inside(file: &str) -> bool {
    !file.contains(['\\', '\0'])
        && file.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && file.get(1..2) != Some(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(line: &str) -> Vec<Fault> {
        parse("m", line.as_bytes(), true).1
    }

    #[test]
    fn what_leads_outside_is_refused() {
        let digest = Digest::of(b"x");
        for file in [
            "/etc/passwd",
            "data/../../x",
            "../x",
            "data//x",
            "data/./x",
            "C:\\x",
            "C:/x",
            "data\\x",
            "x",
            "data/",
        ] {
            assert_eq!(faults_of(&format!("{digest}  {file}\n")).len(), 1, "{file}");
        }
        assert_eq!(faults_of(&format!("{digest}  data/a b.txt\n")), []);
        assert_eq!(faults_of(&format!("{digest}  data/a%0Ab%25.txt\n")), []);
    }

    #[test]
    fn malformed_lines_are_named_by_number() {
        let digest = Digest::of(b"x");
        let text =
            format!("{digest}  data/a\n\n{digest} data/b\nxyz  data/c\n{digest}  data/a\n{digest}  data/d");
        let (listed, faults) = parse("m", text.as_bytes(), true);
        assert_eq!(listed.len(), 2);
        let said: Vec<_> = faults.iter().map(|fault| &fault.what[..6]).collect();
        assert_eq!(said, ["line 2", "line 3", "line 4", "line 5", "does n"]);
    }

    /// RFC 8493, sections 2.1.3 and 2.2.1: line ends LF, CR or CRLF, digits of either case.
    #[test]
    fn upper_case_digits_and_windows_line_ends_are_read() {
        let digest = Digest::of(b"x");
        let upper = digest.to_string().to_uppercase();
        let text = format!("{upper}  data/a\r\n{digest}  data/b\r\n");
        let (listed, faults) = parse("m", text.as_bytes(), true);
        assert_eq!(faults, []);
        assert!(listed.keys().eq(["data/a", "data/b"]) && listed.values().all(|found| *found == digest));
        assert_eq!(faults_of(&format!("+{}  data/a\n", &upper[1..])).len(), 1);
    }
}
