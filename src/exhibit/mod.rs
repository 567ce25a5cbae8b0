//! A scope becomes a figure (SVG) or a table (CSV), the same bytes for the same scope.
//!
//! Every exhibit prints its scope in words, N of M, the time zone, its sources' hashes and its
//! version. Nothing here is interactive; the window draws for itself from the same queries.

mod error;
