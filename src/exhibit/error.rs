//! What can go wrong with an exhibit.
