//! The sample case inside the binary.

use anyhow::Context as _;
use include_dir::{Dir, include_dir};

use super::{ImportRequest, Session, import, memory_of_machine};
use crate::case::{Action, InvestigatorEvent};
use crate::model::Watcher;
use crate::snapshot::Sealing;

static SAMPLE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sample-data");

/// Release of the sample's new model, added as an investigator's event for comparison with the
/// rhythms. See `sample-data/README.md`.
const RELEASE: (&str, &str) = ("2026-05-16T16:00:00Z", "atlas-3-large released");

/// A throw-away case with the sample in it. It is gone when this is dropped.
pub struct SampleCase {
    /// The folder that holds the case.
    pub folder: tempfile::TempDir,
    /// The case, open.
    pub session: Session,
}

/// Loads the sample into a throw-away case.
///
/// # Errors
/// A temporary folder that cannot be written, or cancellation.
pub fn sample_case(watcher: &dyn Watcher) -> anyhow::Result<SampleCase> {
    let folder = tempfile::Builder::new()
        .prefix("stillhunt-sample-")
        .tempdir()
        .context("the sample needs a temporary folder; set TMPDIR to one with 100 MB of room")?;
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).context("writing the sample")?;
    for file in SAMPLE.files() {
        if file.path().extension().is_some_and(|ending| ending == "parquet") {
            let name = file.path().file_name().context("a file of the sample has no name")?;
            std::fs::write(logs.join(name), file.contents()).context("writing the sample")?;
        }
    }
    let request = ImportRequest {
        case_dir: folder.path().join("sample.stillhunt"),
        paths: vec![logs],
        mapping: None,
        sealing: Sealing::Copy,
        memory: memory_of_machine(),
        leave_out: Vec::new(),
        accept_set_aside: false,
    };
    // Small enough to wait for its topics.
    let mut session = import(&request, watcher)?.finish_text(watcher)?;
    let ts = RELEASE.0.parse::<jiff::Timestamp>()?.as_microsecond();
    let event = InvestigatorEvent { ts, label: RELEASE.1.to_owned() };
    session.case.record(Action::EventAdded { event })?;
    Ok(SampleCase { folder, session })
}
