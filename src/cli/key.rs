//! `stillhunt key`: a signing key protected by a passphrase.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Outcome, output};
use crate::bundle::SigningKey;

/// Make an Ed25519 key for signing bundles, protected by a passphrase, in OpenSSH's format.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt key --out signing.key --passphrase-file passphrase.txt")]
pub(super) struct KeyArgs {
    /// File of the key, which must not exist
    #[arg(long)]
    out: PathBuf,
    /// File whose first line is the passphrase; - reads it from stdin
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
}

pub(super) fn run(args: &KeyArgs) -> anyhow::Result<Outcome> {
    let key = SigningKey::make(&args.out, &passphrase(&args.passphrase_file)?)?;
    output::print_text(&format!("{}\n{}\n", args.out.display(), key.fingerprint()))?;
    Ok(Outcome::Done)
}

/// First line of a file, or of stdin for `-`.
pub(super) fn passphrase(path: &Path) -> anyhow::Result<String> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("the passphrase cannot be read from stdin")?
    } else {
        std::fs::read_to_string(path).with_context(|| path.display().to_string())?
    };
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
