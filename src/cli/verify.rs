//! `stillhunt verify`: check of a bundle.

use std::path::PathBuf;

use serde_json::json;

use super::progress::Terminal;
use super::{Outcome, output};
use crate::bundle;
use crate::model::visible;

/// Check every part of a bundle and list the faults.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt verify out/acme_PRODUCTION_v1")]
pub(super) struct VerifyArgs {
    /// The bag's folder
    bundle: PathBuf,
    /// Write the faults as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Outcome> {
    let faults = bundle::verify(&args.bundle, &Terminal::new())?;
    if args.json {
        let listed: Vec<_> =
            faults.iter().map(|fault| json!({"file": fault.file, "what": fault.what})).collect();
        output::print_json(&json!({"sound": faults.is_empty(), "faults": listed}))?;
    } else if faults.is_empty() {
        output::print_text("the bundle is sound\n")?;
    } else {
        for fault in &faults {
            output::print_text(&format!("{}: {}\n", visible(&fault.file), visible(&fault.what)))?;
        }
    }
    Ok(if faults.is_empty() { Outcome::Done } else { Outcome::CheckFailed })
}
