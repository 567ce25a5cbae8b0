//! One writer a case.
