//! Functions under fuzzing, one a target, each of any bytes. Each panics where a promise is broken.
//!
//! The targets under `targets/` call these with bytes from libFuzzer, `tests/fuzz.rs` of the
//! program with bytes from proptest. Only public functions of the program are used, so what is
//! reached here is what a file, a mapping or a bundle from outside can reach.

mod bundle;
mod columns;
mod feed;
mod import;
mod outputs;
mod seeds;
mod texts;

pub use bundle::bundle_verify;
pub use import::{lines_bytes, parquet_bytes, parquet_columns};
pub use outputs::hostile_outputs;
pub use seeds::seeds;
pub use texts::{journal, mapping_toml, scope_json};

/// A target: its name and the function that takes its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 8] = [
    ("bundle_verify", bundle_verify),
    ("hostile_outputs", hostile_outputs),
    ("journal", journal),
    ("lines_bytes", lines_bytes),
    ("mapping_toml", mapping_toml),
    ("parquet_bytes", parquet_bytes),
    ("parquet_columns", parquet_columns),
    ("scope_json", scope_json),
];
