//! A whole bundle, accepted by the public tools that its README names, and refused by `verify`
//! when any one of its files is altered.
//!
//! `STILLHUNT_VENV` names a Python environment with the packages bagit, case-utils,
//! duckdb, fonttools, page-validation, pikepdf and stix2-validator.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::sealing::read;
use common::{few_logs, files_under, output, run, tag_and_export, text};

/// A small case, marked and exported.
fn bundle(home: &Path) -> PathBuf {
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    tag_and_export(home, &case)
}

/// The Python of the environment, if it has the packages. Missing tools fail where `CI` is set.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("STILLHUNT_VENV").map(|venv| PathBuf::from(venv).join("bin/python"));
    let works = |python: &PathBuf| {
        let mut command = Command::new(python);
        command
            .args(["-c", "import bagit, case_utils, duckdb, fontTools, page, pikepdf, stix2validator"])
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    has("STILLHUNT_VENV with the packages of .ci/requirements.txt", python.as_ref().is_some_and(works))
        .then_some(python?)
}

/// True if a tool is installed. A missing tool is printed, and in CI it fails the test.
fn has(what: &str, there: bool) -> bool {
    if !there {
        eprintln!("skipped: there is no {what}");
        assert!(std::env::var_os("CI").is_none(), "CI has to have {what}");
    }
    there
}

fn is_installed(program: &str) -> bool {
    has(program, Command::new(program).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok())
}

fn accepts(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn public_tools_accept_the_bundle() {
    let home = tempfile::tempdir().unwrap();
    accepted(&bundle(home.path()));
}

#[test]
fn public_tools_accept_the_other_bundles() {
    let home = tempfile::tempdir().unwrap();
    bundle(home.path());
    let case = home.path().join("case.stillhunt");
    export(home.path(), &case, &["--audience", "share,internal,regulator", "--include-text"])
        .iter()
        .for_each(|bag| accepted(bag));
}

/// The sample, with the 20 exchanges and the lead that the demonstration marks.
#[test]
fn public_tools_accept_the_bundle_of_the_sample() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("demo");
    run(home.path(), &["demo", "--headless", text(&out)]);
    let bags: Vec<PathBuf> =
        files_under(&out).into_iter().filter(|file| file.ends_with("bagit.txt")).collect();
    assert!(!bags.is_empty());
    for bag in bags.iter().map(|file| out.join(file).parent().unwrap().to_owned()) {
        accepted(&bag);
        assert!(bag.join("data").join(EVENTS).is_file(), "the first lead of the sample has events");
        let accounts = read(&bag, "04_summaries/underlying/E21.event_accounts.csv");
        let names: Vec<&str> = accounts.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
        assert!(names.len() > 200);
        assert!(names.iter().all(|name| name.strip_prefix("account-").is_some_and(|own| own.len() == 16)));
    }
}

/// Figures of the events of the lead, which the demonstration marks behind 20 exchanges.
const EVENTS: &str = "04_summaries/underlying/E21.events.csv";

/// A log of real prompts, which is not part of the project.
#[test]
fn public_tools_accept_the_bundle_of_a_real_log() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/realmix/dev");
    if !logs.is_dir() {
        eprintln!("skipped: there is no {}", logs.display());
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let case = home.path().join("case.stillhunt");
    run(home.path(), &["import", text(&case), text(&logs), "--reference"]);
    accepted(&tag_and_export(home.path(), &case));
}

/// Bags of an export.
fn export(home: &Path, case: &Path, more: &[&str]) -> Vec<PathBuf> {
    let out = home.join("out");
    let arguments = [&["export", text(case), "--out", text(&out), "--json"], more].concat();
    let bags: serde_json::Value = serde_json::from_str(&run(home, &arguments)).unwrap();
    bags.as_array().unwrap().iter().map(|own| PathBuf::from(own["bag"].as_str().unwrap())).collect()
}

/// Checks a bag with every public tool that has something to say on it.
fn accepted(bag: &Path) {
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        if is_installed("sha256sum") {
            accepts(Command::new("sha256sum").args(["--check", "--strict", manifest]).current_dir(bag));
        }
    }
    let there = |name: &str| Some(bag.join("data").join(name)).filter(|path| path.exists());
    if is_installed("ssh-keygen") {
        for signed in ["tagmanifest-sha256.txt", "data/06_custody/journal.checkpoint"] {
            let Ok(message) = std::fs::File::open(bag.join(signed)) else { continue };
            let mut command = Command::new("ssh-keygen");
            command.args(["-Y", "verify", "-f", "data/06_custody/allowed_signers", "-I", "stillhunt"]);
            command.args(["-n", "file", "-s", &format!("{signed}.sig")]).current_dir(bag);
            accepts(command.stdin(message));
        }
    }
    if is_installed("xmllint") {
        for file in files_under(bag) {
            if file.extension().is_some_and(|kind| kind == "svg" || kind == "xhtml") {
                accepts(Command::new("xmllint").args(["--nonet", "--noout"]).arg(bag.join(file)));
            }
        }
    }
    let (pdf, annex) = (there("01_report/report.pdf"), there("01_report/records.pdf"));
    for pdf in [&pdf, &annex].into_iter().flatten() {
        if is_installed("qpdf") {
            accepts(Command::new("qpdf").arg("--check").arg(pdf));
        }
        if is_installed("pdftotext") {
            accepts(Command::new("pdftotext").arg(pdf).arg("-").stdout(Stdio::null()));
        }
    }
    let Some(python) = python() else { return };
    let bagit = "import bagit, sys; bagit.Bag(sys.argv[1]).validate()";
    accepts(Command::new(&python).args(["-c", bagit]).arg(bag));
    let scripts = [
        (PDF_A, pdf),
        (PDF_A, annex),
        (SUMMARIES, there("04_summaries/S-001.sql").and_then(|_| there("04_summaries"))),
        (UNDERLYING, there("04_summaries/underlying")),
        (LOAD_FILE, there("09_loadfile").and_then(|_| there(""))),
    ];
    for (script, path) in scripts.iter().filter_map(|(script, path)| Some((script, path.as_ref()?))) {
        accepts(Command::new(&python).args(["-c", script]).arg(path));
    }
    if let Some(case) = there("07_provenance/case.jsonld") {
        accepts(Command::new(python.with_file_name("case_validate")).arg(case));
    }
    if let Some(indicators) = there("indicators.stix.json") {
        let validator = python.with_file_name("stix2_validator");
        accepts(Command::new(validator).arg("--strict-types").arg(indicators));
    }
}

/// Reads the load file with Python's `csv`: every line has every field, every text is there with its hash, and the
/// records are those of the table.
const LOAD_FILE: &str = r#"
import csv, hashlib, os, sys
os.chdir(sys.argv[1])
with open("09_loadfile/VOL001.dat", newline="", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file, delimiter="\x14", quotechar="\u00fe", strict=True))
with open("09_loadfile/FIELDS.csv", newline="", encoding="utf-8") as file:
    fields = [row["field"] for row in csv.DictReader(file)]
with open("02_records/EX-0001.csv", newline="", encoding="utf-8") as file:
    records = list(csv.DictReader(file))
assert rows and list(rows[0]) == fields, (list(rows[0]), fields)
assert rows[0]["DOCTYPE"] == "report" and rows[0]["BEGBATES"].endswith("-000001")
assert rows[1]["DOCTYPE"] == "annex" and rows[1]["BEGBATES"].endswith("-A-000001")
is_internal = "_INTERNAL_" in sys.argv[1]
assert rows[1]["CONFIDENTIALITY"] == rows[2]["CONFIDENTIALITY"]
assert (rows[0]["CONFIDENTIALITY"] == rows[1]["CONFIDENTIALITY"]) == is_internal
assert len(rows) == len(records) + 2
assert len({row["BEGBATES"] for row in rows}) == len(rows)
annex = open("01_report/records.xhtml", encoding="utf-8").read()
for row, record in zip(rows[2:], records):
    path = os.path.join("09_loadfile", row["TEXTPATH"].replace("\\", "/"))
    text = open(path, "rb").read()
    assert hashlib.sha256(text).hexdigest() == row["TEXT_SHA256"], path
    assert os.path.basename(path) == row["BEGBATES"] + ".txt" and row["BEGBATES"] in annex
    assert row["EXCHANGE"] == record["exchange"] and row["ACCOUNT"] == record["account_id"]
    assert record["ts"] == row["DATE"] + "T" + row["TIME"] + "+00:00", (record["ts"], row)
assert len(os.listdir("09_loadfile/TEXT")) == len(records)
"#;

/// Checks a PDF against PDF/A-2u. Compressed bytes may end in a carriage return, which the validator takes for a part
/// of the line end that follows; lengths of streams are checked by qpdf, which reads as many bytes as are stated. Of a
/// CFF font with several private dictionaries, such as that of Chinese characters, the validator reads the widths of
/// the first; all of them are read here.
const PDF_A: &str = r#"
import io, page, pikepdf, sys
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen

def is_read_elsewhere(failure):
    of_cff = failure.rule_id.endswith("-GLYPH-WIDTH-001") and "CIDFontType0C" in failure.message
    return of_cff or failure.rule_id.endswith("-STREAM-LENGTH-001")

report = page.validate_pdf(sys.argv[1], profile=page.ValidationProfile.PDF_A_2U)
assert report.rules.total > 100, report.rules
failures = [failure for failure in report.failures if not is_read_elsewhere(failure)]
assert not failures, failures

def stated_widths(font):
    widths, stated = list(font.get("/W", [])), {}
    while widths:
        first, second = int(widths[0]), widths[1]
        if isinstance(second, pikepdf.Array):
            stated.update({first + at: float(width) for at, width in enumerate(second)})
            del widths[:2]
        else:
            stated.update({cid: float(widths[2]) for cid in range(first, int(second) + 1)})
            del widths[:3]
    return stated, float(font.get("/DW", 1000))

with pikepdf.open(sys.argv[1]) as pdf:
    for font in pdf.objects:
        if not isinstance(font, pikepdf.Dictionary) or font.get("/Subtype") != "/CIDFontType0":
            continue
        stated, default = stated_widths(font)
        program = CFFFontSet()
        program.decompile(io.BytesIO(bytes(font.FontDescriptor.FontFile3.read_bytes())), None)
        glyphs = program[0].CharStrings
        for cid, name in enumerate(program[0].charset):
            glyphs[name].draw(NullPen())
            assert glyphs[name].width == stated.get(cid, default), (name, glyphs[name].width)
"#;

/// Runs every `.sql` in DuckDB from its own folder and compares it with its `.csv`, cell by cell.
const SUMMARIES: &str = r#"
import csv, duckdb, glob, os, sys
os.chdir(sys.argv[1])
files = sorted(glob.glob("*.sql"))
assert files, "no summaries"
for name in files:
    found = duckdb.connect().execute(open(name, encoding="utf-8").read())
    header = [column[0] for column in found.description]
    rows = [["" if cell is None else str(cell) for cell in row] for row in found.fetchall()]
    with open(name[:-4] + ".csv", newline="", encoding="utf-8") as file:
        wanted = list(csv.reader(file))
    assert wanted == [header] + rows, (name, wanted, header, rows)
"#;

/// Runs the SQL of the underlying data: exhibits differ from the rows of their scope nowhere, and rows taken
/// away show; figures of a lead's members are those of its table.
const UNDERLYING: &str = r#"
import csv, duckdb, glob, os, re, sys
os.chdir(sys.argv[1])
def run(sql):
    found = duckdb.connect().execute(sql)
    return [column[0] for column in found.description], found.fetchall()
exhibits = sorted(glob.glob("EX-*.sql"))
assert len(exhibits) >= 4, exhibits
for name in exhibits:
    sql = open(name, encoding="utf-8").read()
    assert run(sql)[1] == [], (name, run(sql))
    table = r"read_csv\('E\d+\.[^']+', header = true, all_varchar = true\)"
    rows = re.search(r"'E\d+\.rows\.parquet'|" + table, sql).group(0)
    fewer = sql.replace(rows, "(SELECT * FROM " + rows + " LIMIT 10)")
    assert run(fewer)[1] != [], name
figures = sorted(glob.glob("E*.signals.sql"))
assert figures
for name in figures:
    header, rows = run(open(name, encoding="utf-8").read())
    with open(name[:-4] + ".csv", newline="", encoding="utf-8") as file:
        wanted = list(csv.reader(file))
    assert wanted[0] == header and len(wanted) == len(rows) + 1, (name, header)
    for row, own in zip(rows, wanted[1:]):
        assert [row[0], row[1]] == [own[0], int(own[1])], (row, own)
        assert row[1] > 0 or not any(own[2:5])
        assert all(float(a) == b for a, b in zip(own[2:], row[2:]) if a), (row, own)
tests = sorted(glob.glob("E*.tests.sql"))
assert len(tests) == len(figures), tests
for name in tests:
    header, rows = run(open(name, encoding="utf-8").read())
    with open(name[:-4] + ".csv", newline="", encoding="utf-8") as file:
        wanted = {row["test"]: float(row["p_value"]) for row in csv.DictReader(file)}
    assert header == ["test", "p_value"] and {row[0] for row in rows} == set(wanted), (name, rows, wanted)
    assert all(abs(p - wanted[test]) <= 1e-9 * p for test, p in rows), (name, rows, wanted)
events = sorted(glob.glob("E*.events.sql"))
page = re.sub("<[^>]*>", "", open("../../01_report/report.xhtml", encoding="utf-8").read())
for name in events:
    sql = open(name, encoding="utf-8").read()
    header, rows = run(sql)
    with open(name[:-4] + ".csv", newline="", encoding="utf-8") as file:
        wanted = list(csv.reader(file))
    assert wanted[0] == header and len(wanted) == len(rows) + 1 > 1, (name, header)
    for row, own in zip(rows, wanted[1:]):
        assert list(row[:2]) == own[:2], (row, own)
        assert all(abs(float(a) - b) <= 1e-9 * abs(b) for a, b in zip(own[2:], row[2:])), (row, own)
        if row[7] < 0.1:
            # The report's sentence has the figures that SQL gives.
            said = "%d of %d (accounts|units) of the community" % (round(row[4]), row[2])
            assert re.search(said + "[^.]* against (%d|%.1f) %% of other" % (round(100 * row[5]), 100 * row[5]), page), (row, said)
    lead = name.replace(".events.", ".lead.")
    if os.path.exists(lead):
        header, made = run(open(lead, encoding="utf-8").read())
        with open(lead[:-4] + ".csv", newline="", encoding="utf-8") as file:
            wanted = list(csv.reader(file))
        assert wanted[0] == header and len(wanted) == 2 and len(made) == 1, (lead, header, made)
        assert all(abs(float(a) - b) <= 1e-9 * abs(b) for a, b in zip(wanted[1][1:], made[0][1:]) if a), (made, wanted)
    fewer = sql.replace("part = 'community'", "part = 'community' AND unit::BIGINT > 2")
    assert run(fewer)[1] != rows, name
"#;

#[test]
fn one_altered_byte_in_any_file_is_named() {
    let home = tempfile::tempdir().unwrap();
    let bag = bundle(home.path());
    assert!(output(home.path(), &["verify", text(&bag)]).status.success());
    for file in files_under(&bag) {
        let path = bag.join(&file);
        let sound = std::fs::read(&path).unwrap();
        let mut altered = sound.clone();
        altered[sound.len() / 2] ^= 1;
        std::fs::write(&path, altered).unwrap();
        let output = output(home.path(), &["verify", text(&bag)]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{}", file.display());
        assert!(said.contains(text(&file)), "{}: {said}", file.display());
        std::fs::write(&path, sound).unwrap();
    }
}

/// Two exports differ in the export's own journal entry and in no figure.
#[test]
fn the_same_case_exported_twice_gives_the_same_files() {
    let home = tempfile::tempdir().unwrap();
    let first = bundle(home.path());
    let (case, out) = (home.path().join("case.stillhunt"), home.path().join("out"));
    run(home.path(), &["export", text(&case), "--out", text(&out), "--audience", "production"]);
    let second = first.with_file_name(first.file_name().unwrap().to_str().unwrap().replace("_v1", "_v2"));
    let differing: Vec<_> = files_under(&first)
        .into_iter()
        .filter(|file| std::fs::read(first.join(file)).ok() != std::fs::read(second.join(file)).ok())
        .map(|file| text(&file).to_owned())
        .filter(|file| file != "bag-info.txt")
        .collect();
    assert_eq!(
        differing,
        [
            "data/00_CHANGES.txt",
            "data/01_report/records.pdf",
            "data/01_report/records.xhtml",
            "data/01_report/report.pdf",
            "data/01_report/report.xhtml",
            "data/06_custody/journal.checkpoint",
            "data/06_custody/journal.checkpoint.sig",
            "data/06_custody/journal.csv",
            "data/06_custody/journal.jsonl",
            "data/07_provenance/case.jsonld",
            "manifest-sha256.txt",
            "tagmanifest-sha256.txt",
            "tagmanifest-sha256.txt.sig",
            "tagmanifest-sha256.txt.tsq",
        ]
    );
}
