//! `stillhunt verify`: check of a bundle.

use std::path::PathBuf;

use serde_json::json;

use super::progress::Terminal;
use super::{Outcome, output};
use crate::bundle::{self, Trust};
use crate::model::{Zone, visible};

/// Check every part of a bundle and list the faults.
#[derive(clap::Args)]
#[command(after_help = "Example: stillhunt verify out/CASE-3F0A_PRODUCTION_v1 \\
    --signer SHA256:6OZ1kZCpeE8Qmx+V…")]
pub(super) struct VerifyArgs {
    /// The bag's folder
    bundle: PathBuf,
    /// Fingerprint of the signer's key, received from the sender in another way (`ssh-keygen -l`)
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "allowed_signers")]
    signer: Option<String>,
    /// File of keys that may sign, in OpenSSH's format
    #[arg(long, value_name = "FILE")]
    allowed_signers: Option<PathBuf>,
    /// Write the faults as JSON
    #[arg(long)]
    json: bool,
}

/// Files that are compared only if this version of the program wrote the bundle.
const NOT_OF_THIS_VERSION: &str = "01_report (another version of the program wrote it)";

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Outcome> {
    let trust = match (&args.signer, &args.allowed_signers) {
        (Some(fingerprint), _) => Trust::fingerprint(fingerprint),
        (None, Some(path)) => Trust::allowed_signers(path)?,
        (None, None) => Trust::default(),
    };
    let faults = bundle::verify_signed(&args.bundle, &trust, &Terminal::new())?;
    let signer = bundle::signer(&args.bundle);
    let stamp = bundle::timestamp(&args.bundle);
    let is_intact = faults.is_empty();
    let is_compared = is_intact && bundle::is_content_compared(&args.bundle);
    let is_own = bundle::is_of_this_version(&args.bundle);
    let other_version = (!is_own).then(|| NOT_OF_THIS_VERSION.to_owned());
    let not_compared: Vec<String> = bundle::vouched_in(&args.bundle)
        .into_iter()
        .map(bundle::Vouched::in_words)
        .chain(other_version)
        .collect();
    if args.json {
        let listed: Vec<_> =
            faults.iter().map(|fault| json!({"file": fault.file, "what": fault.what})).collect();
        // Sound only for a key that the reader confirms.
        output::print_json(&json!({
            "intact": is_intact, "content_compared": is_compared, "signer": signer,
            "signer_vouched_for": trust.is_given() && is_intact,
            "sound": trust.is_given() && is_intact && is_compared, "faults": listed,
            "not_compared": not_compared,
            "time_stamp": stamp.filter(|_| is_intact).map(|stamp| json!({
                "time": Zone::utc().format_exact(stamp.time), "authority": stamp.authority,
                "signature_checked": false,
            })),
        }))?;
    } else if is_intact {
        let signer = signer.unwrap_or_default();
        output::print_text(&match trust.is_given() {
            _ if !is_compared => format!(
                "content not compared: the bundle is of an earlier version. Its bytes, signatures and the chain of its \
                 journal are intact; signed by {signer}\n"
            ),
            true => format!("the bundle is sound; signed by {signer}, the key you named\n"),
            false => format!(
                "the bundle is intact; signed by {signer}. The owner of that key is not confirmed.\n\
                 Get the fingerprint from the sender in another way and run verify with --signer.\n"
            ),
        })?;
        output::print_text(&match stamp {
            Some(stamp) => format!("{}.\n", stamp.in_words()),
            None => "No time stamp is attached.\n".to_owned(),
        })?;
        output::print_text(&format!(
            "Only the signer vouches for these parts; no other part of the bundle gives them:\n  {}\n",
            not_compared.join("\n  ")
        ))?;
    } else {
        for fault in &faults {
            output::print_text(&format!("{}: {}\n", visible(&fault.file), visible(&fault.what)))?;
        }
    }
    Ok(if is_intact { Outcome::Done } else { Outcome::CheckFailed })
}
