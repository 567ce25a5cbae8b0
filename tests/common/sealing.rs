//! Bundles changed by somebody who holds the key: files altered, then signed again.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use stillhunt::bundle::Fault;

use super::{files_under, text};

/// Beginning of a request for a time stamp of a SHA-256 (RFC 3161), before the hash.
const REQUEST: [u8; 24] =
    [0x30, 57, 2, 1, 1, 0x30, 49, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32];

/// The key that the program made.
pub fn key_of(home: &Path) -> PrivateKey {
    let key = fs::read(home.join("config/stillhunt/signing_ed25519")).unwrap();
    PrivateKey::from_openssh(&key).unwrap()
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sign(key: &PrivateKey, message: &[u8]) -> String {
    key.sign("file", HashAlg::Sha512, message).unwrap().to_pem(LineEnding::LF).unwrap()
}

/// Makes manifests, size and signatures fit the files again.
pub fn seal(bag: &Path, key: &PrivateKey) {
    let point = bag.join("data/06_custody/journal.checkpoint");
    fs::write(bag.join("data/06_custody/journal.checkpoint.sig"), sign(key, &fs::read(point).unwrap()))
        .unwrap();
    let (mut manifest, mut bytes, mut count) = (String::new(), 0, 0);
    for file in files_under(bag).into_iter().filter(|file| file.starts_with("data")) {
        let content = fs::read(bag.join(&file)).unwrap();
        manifest += &format!("{}  {}\n", sha256(&content), text(&file));
        bytes += content.len();
        count += 1;
    }
    fs::write(bag.join("manifest-sha256.txt"), &manifest).unwrap();
    let info = fs::read_to_string(bag.join("bag-info.txt")).unwrap();
    let lines: String = info
        .lines()
        .map(|line| match line.strip_prefix("Payload-Oxum: ") {
            Some(_) => format!("Payload-Oxum: {bytes}.{count}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    fs::write(bag.join("bag-info.txt"), &lines).unwrap();
    let tags: String = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
        .map(|name| format!("{}  {name}\n", sha256(&fs::read(bag.join(name)).unwrap())))
        .concat();
    fs::write(bag.join("tagmanifest-sha256.txt"), &tags).unwrap();
    fs::write(bag.join("tagmanifest-sha256.txt.sig"), sign(key, tags.as_bytes())).unwrap();
    let request = [&REQUEST[..], &Sha256::digest(tags.as_bytes()), &[1, 1, 0xff]].concat();
    fs::write(bag.join("tagmanifest-sha256.txt.tsq"), request).unwrap();
}

/// A file of the payload.
pub fn read(bag: &Path, file: &str) -> String {
    fs::read_to_string(bag.join("data").join(file)).unwrap()
}

/// Writes a file of the payload.
pub fn write(bag: &Path, file: &str, text: &str) {
    fs::write(bag.join("data").join(file), text).unwrap();
}

/// Replaces the first place of a text that has to be there.
pub fn replace(bag: &Path, file: &str, from: &str, to: &str) {
    let old = read(bag, file);
    assert!(old.contains(from), "{file} has no {from}");
    write(bag, file, &old.replacen(from, to, 1));
}

/// Changes a JSON file.
pub fn edit(bag: &Path, file: &str, change: impl Fn(&mut Value)) {
    let mut value: Value = serde_json::from_str(&read(bag, file)).unwrap();
    change(&mut value);
    write(bag, file, &(serde_json::to_string_pretty(&value).unwrap() + "\n"));
}

/// The report's page.
pub const PAGE: &str = "01_report/report.xhtml";
/// The page of the annex with the records.
pub const ANNEX: &str = "01_report/records.xhtml";

/// Names of the columns of a table, and its rows.
pub fn rows_of(bag: &Path, file: &str) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let old = read(bag, file);
    let mut reader = csv::Reader::from_reader(old.as_bytes());
    let names = reader.headers().unwrap().clone();
    (names, reader.records().map(Result::unwrap).collect())
}

/// Changes a cell of a table, and of the row that the report prints of it.
pub fn set_cell(bag: &Path, file: &str, (place, at): (usize, usize), to: &str) {
    let (names, rows) = rows_of(bag, file);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    for (row, cells) in rows.iter().enumerate() {
        let changed =
            cells.iter().enumerate().map(|(column, own)| if (row, column) == (place, at) { to } else { own });
        writer.write_record(changed).unwrap();
    }
    write(bag, file, &String::from_utf8(writer.into_inner().unwrap()).unwrap());
    let exhibit = file.strip_prefix("03_exhibits/").and_then(|leaf| leaf.strip_suffix(".csv"));
    let name = exhibit.unwrap_or(file).replace('/', ".");
    let page = read(bag, PAGE);
    let anchor = format!("<tr id=\"x-{name}-row-{}\">", place + 1);
    let Some(start) = page.find(&anchor) else { return };
    let end = start + page[start..].find("</tr>").unwrap();
    let [from, to] = [&rows[place][at], to].map(printed);
    let row = page[start..end].replacen(&format!("<td>{from}</td>"), &format!("<td>{to}</td>"), 1);
    write(bag, PAGE, &format!("{}{row}{}", &page[..start], &page[end..]));
}

/// A cell as the report prints it: a count with separators, a time to the second.
fn printed(cell: &str) -> String {
    if cell.len() == 32 && cell.contains('T') {
        return cell[..19].replace('T', " ");
    }
    if cell.is_empty() || !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return cell.to_owned();
    }
    let mut text = cell.to_owned();
    for at in (1..text.len()).rev().filter(|at| (text.len() - at).is_multiple_of(3)).collect::<Vec<_>>() {
        text.insert(at, ',');
    }
    text
}

/// Whoever has the program can print the PDF of the changed page, and write the hashes of all files.
pub fn is_content(fault: &Fault) -> bool {
    let is_hash = fault.file.ends_with("case.jsonld") && fault.what.starts_with("has another SHA-256 of");
    let is_pdf =
        ["report", "records"].map(|page| format!("is not what {page}.xhtml gives")).contains(&fault.what);
    !is_hash && !is_pdf
}

/// A deliberate change by somebody who can sign: its name, and what it does to a bag.
pub type Change = (&'static str, Box<dyn Fn(&Path)>);

/// A change by a function.
pub fn one(name: &'static str, change: impl Fn(&Path) + 'static) -> Change {
    (name, Box::new(change))
}

/// A change of the first place of a text in a file of the payload.
pub fn swap(name: &'static str, file: &'static str, from: &'static str, to: &'static str) -> Change {
    one(name, move |bag| replace(bag, file, from, to))
}

/// Names of the changes of a sound bag that `verify` does not find after they were signed again. Faults for which
/// `is_counted` is false do not count.
pub fn missed(
    home: &Path,
    sound: &Path,
    changes: &[Change],
    is_counted: impl Fn(&Fault) -> bool,
) -> Vec<&'static str> {
    let key = key_of(home);
    let bag = home.join("changed");
    let mut missed = Vec::new();
    assert_eq!(stillhunt::bundle::verify(sound, &stillhunt::model::Silent).unwrap(), []);
    for (name, change) in changes {
        for file in files_under(sound) {
            fs::create_dir_all(bag.join(&file).parent().unwrap()).unwrap();
            fs::copy(sound.join(&file), bag.join(&file)).unwrap();
        }
        change(&bag);
        seal(&bag, &key);
        let mut found = stillhunt::bundle::verify(&bag, &stillhunt::model::Silent).unwrap();
        found.retain(&is_counted);
        match found.as_slice() {
            [] => missed.push(*name),
            [fault, ..] => println!("{name}: {} faults: {}: {}", found.len(), fault.file, fault.what),
        }
        fs::remove_dir_all(&bag).unwrap();
    }
    missed
}
