//! Reading one file's canonical columns in batches.

/// Reads one file.
pub struct Reader;

/// Opens a reader.
pub fn read() {}
