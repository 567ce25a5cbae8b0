//! Commit that a release is built from, for the journal and the bundle; sentences of the report, for `verify`.

use std::path::PathBuf;
use std::process::Command;

#[path = "src/bundle/report/literals.rs"]
mod literals;

/// Folders whose texts are sentences of the report.
const SENTENCES: [&str; 2] = ["src/bundle/report/sections", "src/exhibit"];

fn main() -> Result<(), std::io::Error> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STILLHUNT_COMMIT");
    write_sentences()?;
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if std::env::var_os("STILLHUNT_COMMIT").is_some() || !is_release {
        return Ok(());
    }
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=STILLHUNT_COMMIT={commit}");
    }
    Ok(())
}

/// Writes `sentences.txt` for `bundle/report/words`.
fn write_sentences() -> Result<(), std::io::Error> {
    let mut sources = Vec::new();
    for folder in SENTENCES {
        println!("cargo::rerun-if-changed={folder}");
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|kind| kind == "rs") {
                sources.push(std::fs::read_to_string(path)?);
            }
        }
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    std::fs::write(out.join("sentences.txt"), literals::sentences(&sources))
}

/// Output of a git command; `None` outside a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
