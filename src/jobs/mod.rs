//! Background work: request, progress, cancel, reply; the latest reply wins.
//!
//! Also importing into a case and opening one, which window and commands share. No code here draws or
//! prints.

mod acceptance;
mod case_worker;
mod change_sources;
mod copies;
mod import;
mod log;
mod machine;
mod mark;
mod pending_writes;
mod pool;
mod refusal;
mod reproduce;
mod sample;
mod session;
mod slot;
#[cfg(test)]
mod tests;
mod text_pass;

pub use acceptance::{acceptance_of, document_of};
pub use case_worker::{CaseReply, CaseWorker, ClosingCase, Ended, NotWritten, Recorder, TEXT_PASS};
pub use change_sources::{SourceChange, SourceChangeRequest, change_sources, files_of, named_snapshot};
pub use copies::{CopiesWithoutCase, files_of_copies};
pub use import::{ImportRequest, adopt, files_to_import, import};
pub use log::{log_failure, log_folder, start_log};
pub use machine::memory_of_machine;
pub use mark::{ExchangeSources, Marked, exchange_sources, mark, mark_exchanges, unreadable_in_words};
pub use pending_writes::{Pending, PendingWrite, PendingWrites};
pub use pool::{JobStatus, Jobs, Listed, Ticket};
pub use refusal::{AlreadyThere, NotAllReadable, TooManySetAside, beyond_limits};
pub use reproduce::reproduce;
pub use sample::{SampleCase, sample_case};
pub use session::{NotOpened, Session, WayOut, open, open_to_read, stored_leads};
pub use slot::{Slot, SlotState};
pub use text_pass::{Renewed, finish_text};
