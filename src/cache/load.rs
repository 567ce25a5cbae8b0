//! Building a cache from sealed snapshots.
