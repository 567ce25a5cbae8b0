//! Reading a manifest that somebody else wrote.

use std::collections::BTreeMap;

use super::fault::Fault;
use crate::model::Digest;

/// The files a manifest lists with their SHA-256, and what is wrong with the manifest. Lines that
/// are malformed, name something outside the bag or stand twice are faults and list nothing.
pub(super) fn parse(name: &str, text: &str, of_payload: bool) -> (BTreeMap<String, Digest>, Vec<Fault>) {
    let mut listed = BTreeMap::new();
    let mut faults = Vec::new();
    for (line, number) in text.split_terminator('\n').zip(1..) {
        let mut fault = |what: &str| faults.push(Fault::new(name, format!("line {number} {what}")));
        let Some((digest, file)) = line.split_once("  ") else {
            fault("is not a SHA-256, two spaces and a name");
            continue;
        };
        // `parse` would take upper-case digits as well, which no tool writes here.
        let Some(digest) = digest.parse::<Digest>().ok().filter(|parsed| parsed.to_string() == digest) else {
            fault("does not begin with a SHA-256 of 64 lower-case hexadecimal digits");
            continue;
        };
        let file = decode(file);
        if !is_inside(&file) {
            fault("names a file outside the bundle");
        } else if file.starts_with("data/") != of_payload {
            fault(if of_payload { "names no file of the payload" } else { "names a file of the payload" });
        } else if listed.insert(file, digest).is_some() {
            fault("names a file a second time");
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        faults.push(Fault::new(name, "does not end with a line end"));
    }
    (listed, faults)
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
        parse("m", line, true).1
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
        let (listed, faults) = parse("m", &text, true);
        assert_eq!(listed.len(), 2);
        let said: Vec<_> = faults.iter().map(|fault| &fault.what[..6]).collect();
        assert_eq!(said, ["line 2", "line 3", "line 4", "line 5", "does n"]);
        assert_eq!(faults_of(&format!("{}  data/a\n", digest.to_string().to_uppercase())).len(), 1);
    }
}
