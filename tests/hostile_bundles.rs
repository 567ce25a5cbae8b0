//! Bundles made or changed by somebody else: every change is named by its file, and nothing that
//! a bundle holds costs `verify` more than 256 MiB.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use common::{few_logs, files_under, run, stillhunt, tag_and_export, text};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stillhunt::bundle::verify;
use stillhunt::model::Silent;

fn bundle(home: &Path) -> PathBuf {
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    tag_and_export(home, &case)
}

fn copy(from: &Path, to: &Path) {
    for file in files_under(from) {
        fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}

const KINDS: [&str; 13] = [
    "bit flipped",
    "byte replaced",
    "file removed",
    "file added",
    "file renamed",
    "files swapped",
    "file cut",
    "file lengthened",
    "symbolic link",
    "other case",
    "look-alike name",
    "manifest path",
    "manifest line",
];

/// Changes a bag in one way; the names of which one has to be reported, and how to undo it.
fn change(bag: &Path, files: &[PathBuf], kind: &str, rng: &mut ChaCha8Rng) -> Vec<String> {
    let file = files[rng.random_range(0..files.len())].clone();
    let path = bag.join(&file);
    let name = text(&file).to_owned();
    let bytes = fs::read(&path).unwrap();
    let at = rng.random_range(0..bytes.len());
    match kind {
        "bit flipped" | "byte replaced" => {
            let mut bytes = bytes;
            bytes[at] ^=
                if kind == "bit flipped" { 1 << rng.random_range(0..8) } else { rng.random_range(1..=255) };
            fs::write(&path, bytes).unwrap();
            vec![name]
        }
        "file removed" => {
            fs::remove_file(&path).unwrap();
            vec![name]
        }
        "file added" => {
            let folder = Path::new(&name).parent().unwrap().to_owned();
            let added = folder.join(format!("{}{}", ["x", ".", "EX-", "~"][at % 4], rng.random::<u32>()));
            fs::write(bag.join(&added), "x").unwrap();
            vec![text(&added).to_owned()]
        }
        "file renamed" => {
            let new = format!("{name}{}", ["~", ".bak", " ", "."][at % 4]);
            fs::rename(&path, bag.join(&new)).unwrap();
            vec![name, new]
        }
        "files swapped" => {
            let other = loop {
                let other = &files[rng.random_range(0..files.len())];
                if fs::read(bag.join(other)).unwrap() != bytes {
                    break other;
                }
            };
            fs::write(&path, fs::read(bag.join(other)).unwrap()).unwrap();
            fs::write(bag.join(other), bytes).unwrap();
            vec![name, text(other).to_owned()]
        }
        "file cut" => {
            fs::write(&path, &bytes[..at]).unwrap();
            vec![name]
        }
        "file lengthened" => {
            fs::write(&path, [bytes, vec![b'\n'; 1 + at % 9]].concat()).unwrap();
            vec![name]
        }
        "symbolic link" => {
            let outside = bag.parent().unwrap().join("outside");
            fs::write(&outside, &bytes).unwrap();
            fs::remove_file(&path).unwrap();
            symlink([outside, PathBuf::from("."), PathBuf::from("../../etc/passwd")][at % 3].clone(), &path)
                .unwrap();
            vec![name]
        }
        "other case" => {
            let leaf = file.file_name().unwrap().to_str().unwrap();
            let upper = leaf.to_uppercase();
            let new = if upper == leaf { leaf.to_lowercase() } else { upper };
            let new = file.with_file_name(new);
            fs::rename(&path, bag.join(&new)).unwrap();
            vec![name, text(&new).to_owned()]
        }
        "look-alike name" => {
            let leaf = file.file_name().unwrap().to_str().unwrap();
            let new = match at % 3 {
                0 => leaf.replace('a', "\u{430}").replace('e', "\u{435}"),
                1 => format!("\u{202e}{leaf}"),
                _ => format!("{leaf}\u{200b}"),
            };
            let new = file.with_file_name(if new == leaf { format!("{leaf}\u{301}") } else { new });
            fs::rename(&path, bag.join(&new)).unwrap();
            vec![name, text(&new).to_owned()]
        }
        _ => {
            let manifest =
                if file.starts_with("data") { "manifest-sha256.txt" } else { "tagmanifest-sha256.txt" };
            let whole = fs::read_to_string(bag.join(manifest)).unwrap();
            let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
            let line = at % lines.len();
            if kind == "manifest path" {
                let tricks = ["data/../", "/", "../", "C:\\", "data//", "./", "data/%2e%2e/"];
                let listed = lines[line][66..].to_owned();
                let trick = tricks[rng.random_range(0..tricks.len())];
                lines[line] = format!("{}{trick}{listed}", &lines[line][..66]);
            } else if rng.random_bool(0.5) {
                lines.remove(line);
            } else {
                lines.insert(line, lines[line].clone());
            }
            fs::write(bag.join(manifest), lines.join("\n") + "\n").unwrap();
            vec![manifest.to_owned()]
        }
    }
}

fn tamper(home: &Path, sound: &Path, seed: u64, times: usize) {
    let files = files_under(sound);
    assert_eq!(verify(sound, &Silent).unwrap(), []);
    let (mut rng, bag) = (ChaCha8Rng::seed_from_u64(seed), home.join("changed/bag"));
    let mut table: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    copy(sound, &bag);
    for number in 0..times {
        let kind = KINDS[number % KINDS.len()];
        let names = change(&bag, &files, kind, &mut rng);
        let faults = verify(&bag, &Silent);
        let caught = faults.as_ref().map_or(true, |faults| !faults.is_empty());
        let named = match &faults {
            Ok(faults) => names.iter().all(|name| faults.iter().any(|fault| fault.file == *name)),
            Err(error) => error.to_string().contains(&names[0]),
        };
        let row = table.entry(kind).or_default();
        row[0] += 1;
        row[1] += usize::from(caught);
        row[2] += usize::from(named);
        assert!(caught && named, "seed {seed}, change {number}, {kind} of {names:?}: {faults:?}");
        // Back to what was exported.
        for name in names {
            let _ = fs::remove_file(bag.join(&name));
            if sound.join(&name).exists() {
                fs::copy(sound.join(&name), bag.join(&name)).unwrap();
            }
        }
    }
    println!("seed {seed}\n| kind | tried | caught | rightly named |");
    for (kind, [tried, caught, named]) in table {
        println!("| {kind} | {tried} | {caught} | {named} |");
    }
}

/// One test, since making the bundle takes longest.
#[test]
fn changes_are_named_and_nothing_takes_more_than_256_mib() {
    let home = tempfile::tempdir().unwrap();
    let sound = bundle(home.path());
    tamper(home.path(), &sound, 1, 390);
    costs(home.path(), &sound);
}

/// `STILLHUNT_SEED` and `STILLHUNT_TIMES` change what is drawn.
#[test]
#[ignore = "ten thousand changes take minutes"]
fn ten_thousand_changes_are_caught_and_named() {
    let number = |name, usual| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let home = tempfile::tempdir().unwrap();
    let sound = bundle(home.path());
    tamper(home.path(), &sound, number("STILLHUNT_SEED", 2026), number("STILLHUNT_TIMES", 10_000) as usize);
}

/// Runs `verify` as a process of its own; gives what it said, and its greatest memory in MiB.
fn verified(home: &Path, bag: &Path) -> (String, u64) {
    let mut child = stillhunt(home).args(["verify", text(bag)]).stdout(Stdio::piped()).spawn().unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut said).unwrap();
        said
    });
    let mut peak = 0;
    let code = loop {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert_eq!(code.code(), Some(1), "a hostile bundle has to fail a check, not crash");
    (reader.join().unwrap(), peak / 1024)
}

fn parquet(path: &Path, column: ArrayRef, compression: Compression) {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_page_size_limit(64 << 20)
        .build();
    let batch = RecordBatch::try_from_iter([("text", column)]).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A footer whose schema goes down as many levels.
fn deep_schema(levels: usize) -> Vec<u8> {
    // Field 2, a list of structs, each with a one-letter name and one child.
    let mut footer = vec![0x15, 0x02, 0x19, 0xfc];
    let mut count = levels;
    while count > 0x7f {
        footer.push((count & 0x7f) as u8 | 0x80);
        count >>= 7;
    }
    footer.push(count as u8);
    for _ in 0..levels {
        footer.extend([0x48, 1, b'a', 0x15, 2, 0]);
    }
    footer.extend([0x16, 0, 0x19, 0x0c, 0]);
    parquet_of(&footer)
}

fn parquet_of(footer: &[u8]) -> Vec<u8> {
    [b"PAR1", footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

/// Bundles made to take memory or time: each is refused by the file and the reason, within 256 MiB.
fn costs(home: &Path, sound: &Path) {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let long = "x".repeat(40 << 20);
    let repeated = |rows: usize, value: &str| -> ArrayRef {
        let keys = Int32Array::from(vec![0; rows]);
        Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from(vec![value]))))
    };
    let records = |bag: &Path| bag.join("data/02_records/x.parquet");
    type Hostile<'a> = (&'a str, &'a str, Box<dyn Fn(&Path) + 'a>);
    let cases: Vec<Hostile<'_>> = vec![
        (
            "data/02_records/x.parquet",
            "bytes inflated",
            Box::new(|bag| {
                parquet(
                    &records(bag),
                    Arc::new(StringArray::from_iter_values((0..4).map(|n| format!("{n}{long}")))),
                    zstd,
                );
            }),
        ),
        (
            "data/02_records/x.parquet",
            "repeated out of dictionaries",
            Box::new(|bag| {
                parquet(&records(bag), repeated(100_000, &long[..1 << 20]), zstd);
            }),
        ),
        (
            "data/02_records/x.parquet",
            "codec 2",
            Box::new(|bag| {
                parquet(&records(bag), repeated(1, &long), Compression::GZIP(GzipLevel::default()));
            }),
        ),
        (
            "data/02_records/x.parquet",
            "levels in its schema",
            Box::new(|bag| {
                fs::write(records(bag), deep_schema(4_000)).unwrap();
            }),
        ),
        (
            "data/02_records/x.parquet",
            "columns and groups",
            Box::new(|bag| {
                fs::write(records(bag), deep_schema(100_000)).unwrap();
            }),
        ),
        (
            "data/02_records/x.parquet",
            "bytes of footer",
            Box::new(|bag| {
                fs::write(records(bag), parquet_of(&vec![0; 400 << 20])).unwrap();
            }),
        ),
        (
            "manifest-sha256.txt",
            "line",
            Box::new(|bag| {
                fs::write(bag.join("manifest-sha256.txt"), "\n".repeat(300 << 20)).unwrap();
            }),
        ),
        (
            "manifest-sha256.txt",
            "longer than",
            Box::new(|bag| {
                fs::write(bag.join("manifest-sha256.txt"), "x".repeat(300 << 20)).unwrap();
            }),
        ),
        (
            "data/06_custody/journal.jsonl",
            "longer than",
            Box::new(|bag| {
                fs::write(bag.join("data/06_custody/journal.jsonl"), "[".repeat(300 << 20)).unwrap();
            }),
        ),
        (
            "data/02_records/x.schema.json",
            "not a JSON object",
            Box::new(|bag| {
                fs::write(
                    bag.join("data/02_records/x.schema.json"),
                    format!("[0{}]", ",0".repeat(100 << 20)),
                )
                .unwrap();
            }),
        ),
        (
            "data/huge",
            "is not read",
            Box::new(|bag| {
                File::create(bag.join("data/huge")).unwrap().set_len(100 << 30).unwrap();
            }),
        ),
        (
            "data/pipe",
            "neither a file nor a folder",
            Box::new(|bag| {
                assert!(Command::new("mkfifo").arg(bag.join("data/pipe")).status().unwrap().success());
            }),
        ),
        ("data/loop", "symbolic link", Box::new(|bag| symlink("..", bag.join("data/loop")).unwrap())),
        (
            "data/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d",
            "is a folder inside 16 others",
            Box::new(|bag| {
                fs::create_dir_all(bag.join("data").join(["d"; 300].join("/"))).unwrap();
            }),
        ),
        (
            "data/many",
            "holds more than 100000",
            Box::new(|bag| {
                fs::create_dir(bag.join("data/many")).unwrap();
                (0..100_001).for_each(|n| drop(File::create(bag.join(format!("data/many/{n}"))).unwrap()));
            }),
        ),
        (
            "data/nnnnnnnn",
            "is not listed",
            Box::new(|bag| {
                fs::write(bag.join("data").join("n".repeat(255)), "x").unwrap();
            }),
        ),
    ];
    for (file, reason, hostile) in cases {
        let bag = home.join("hostile/bag");
        copy(sound, &bag);
        hostile(&bag);
        let (said, peak) = verified(home, &bag);
        let found = said.lines().any(|line| line.starts_with(file) && line.contains(reason));
        println!("{peak:>4} MiB  {file}: {reason}");
        assert!(found, "{file}: {reason}: {}", said.chars().take(2_000).collect::<String>());
        assert!(peak < 256, "{file}: {reason}: {peak} MiB");
        fs::remove_dir_all(home.join("hostile")).unwrap();
    }
}
