//! Plain types that every other module uses: identities, time, scope, attributes, tags.
//!
//! This layer reads and writes no file, database or screen, and does not depend on Arrow, SQLite or egui.

mod attribute;
mod chance;
mod count;
mod differences;
mod exchange;
mod follow;
mod hmac;
mod id;
mod lead;
pub mod markdown;
mod memory;
pub mod moment;
mod network;
mod progress;
mod scope;
mod shared_texts;
mod tag;
mod text;
mod time;

pub use attribute::{AttributeKind, Family};
pub use chance::format_chance;
pub use count::{counted, format_count};
pub use differences::{Differences, Stretch, differences};
pub use exchange::{Record, SourceRow, float_of, float_value};
pub use follow::{Followed, LeadList, without_lead};
pub use hmac::hmac;
pub use id::{AccountId, Digest, ExchangeRef, ParseIdError};
pub use lead::{LeadId, LeadRef, earlier_rank};
pub use memory::{MemoryBudget, ParseMemoryError};
pub use network::network;
pub use progress::{Cancelled, Progress, Silent, Watcher};
pub use scope::{AccountSet, Scope, name_now};
pub use shared_texts::SharedTexts;
pub use tag::Tag;
pub use text::{DECEPTIVE, HOSTILE_LEGEND, is_deceptive, is_hostile, visible, visible_id};
pub use time::{EARLIEST, LATEST, Micros, TimeSpan, UnknownZone, Zone, format_duration};
