//! The build of the program that works in a case.

use std::fs::File;
use std::sync::OnceLock;

use super::Action;
use crate::files;
use crate::model::Digest;

/// Version, commit and binary of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Version.
    pub version: &'static str,
    /// Commit that it was built from; `unknown` for builds that were not given one.
    pub commit: &'static str,
    /// SHA-256 of the binary; `None` where it cannot be read.
    pub binary: Option<Digest>,
}

impl Program {
    /// The running program. Its binary is hashed once, which takes a moment.
    pub fn running() -> &'static Self {
        static RUNNING: OnceLock<Program> = OnceLock::new();
        RUNNING.get_or_init(|| Self {
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("STILLHUNT_COMMIT").unwrap_or("unknown"),
            binary: binary(),
        })
    }

    /// Entry of an opening.
    pub fn opened(&self) -> Action {
        Action::Opened {
            version: self.version.to_owned(),
            commit: self.commit.to_owned(),
            binary: self.binary,
        }
    }
}

fn binary() -> Option<Digest> {
    let file = File::open(std::env::current_exe().ok()?).ok()?;
    files::sha256(file, |error| error, |_| Ok(())).ok().map(|(digest, _)| digest)
}
