//! Times of the legal tables.

use crate::model::{Micros, Zone};

/// Time in UTC to the microsecond; empty for none.
pub(super) fn utc(time: Option<Micros>) -> String {
    time.map_or_else(String::new, |time| Zone::utc().format_exact(time))
}
