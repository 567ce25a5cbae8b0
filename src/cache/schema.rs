//! The tables of `cache.sqlite`.
