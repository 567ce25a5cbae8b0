//! `stillhunt attach-timestamp`: the answer of a time stamp authority, attached to a bundle.

use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, output};
use crate::bundle::{self, BundleError};
use crate::model::{Zone, visible};

/// Attach the answer of a time stamp authority (RFC 3161) to a bundle.
#[derive(clap::Args)]
#[command(
    after_help = "The bundle has the request: tagmanifest-sha256.txt.tsq. Send it to an authority, for example with
  curl -H Content-Type:application/timestamp-query --data-binary @tagmanifest-sha256.txt.tsq \\
      https://AUTHORITY > answer.tsr

Example: stillhunt attach-timestamp out/CASE-3F0A_PRODUCTION_v1 answer.tsr"
)]
pub(super) struct AttachTimestampArgs {
    /// The bag's folder
    bundle: PathBuf,
    /// The answer, or the token in it, as DER
    answer: PathBuf,
    /// Write what it states as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &AttachTimestampArgs) -> anyhow::Result<Outcome> {
    let stamp = match bundle::attach_timestamp(&args.bundle, &args.answer) {
        Err(BundleError::Timestamp { path, why }) => {
            eprintln!("{}: {}", path.display(), visible(&why));
            return Ok(Outcome::CheckFailed);
        }
        attached => attached?,
    };
    if args.json {
        let time = Zone::utc().format_exact(stamp.time);
        output::print_json(&json!({"time": time, "authority": stamp.authority, "signature_checked": false}))?;
    } else {
        output::print_text(&format!("attached; {}\n", stamp.in_words()))?;
    }
    Ok(Outcome::Done)
}
