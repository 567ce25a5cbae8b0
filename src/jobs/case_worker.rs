//! The one thread that writes to the case, so that the window never waits for a disk.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use crate::cache::{Cache, RowId};
use crate::case::{Action, Case, EvidenceSource, State};
use crate::model::Tag;
use crate::snapshot::Sources;

/// What the worker says back, in order.
#[derive(Clone, Debug)]
pub enum CaseReply {
    /// The case changed and is on the disk.
    Changed(Arc<State>),
    /// Something could not be done; why and what to do.
    Failed(String),
}

/// A handle on the thread that owns the [`Case`]. Dropping it lets the thread finish what was
/// asked and close the case.
pub struct CaseWorker {
    requests: mpsc::Sender<Request>,
    replies: mpsc::Receiver<CaseReply>,
    dir: PathBuf,
}

enum Request {
    Record(Action),
    TagSource { source: EvidenceSource, tag: Tag, note: String },
    TagExchanges { rows: Vec<RowId>, tag: Tag, note: String },
    Undo,
    Redo,
}

impl CaseWorker {
    /// Gives the case to a thread of its own. `wake` is called after each reply.
    pub fn start(
        case: Case,
        cache: Arc<Cache>,
        sources: Arc<Sources>,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let dir = case.dir().to_owned();
        let (requests, inbox) = mpsc::channel();
        let (outbox, replies) = mpsc::channel();
        std::thread::spawn(move || {
            let mut case = case;
            while let Ok(request) = inbox.recv() {
                let reply = match carry_out(&mut case, &cache, &sources, request) {
                    Ok(()) => CaseReply::Changed(Arc::new(case.state().clone())),
                    Err(error) => CaseReply::Failed(format!("{error:#}")),
                };
                if outbox.send(reply).is_err() {
                    return;
                }
                wake();
            }
        });
        Self { requests, replies, dir }
    }
}

fn carry_out(case: &mut Case, cache: &Cache, sources: &Sources, request: Request) -> anyhow::Result<()> {
    todo!()
}
