//! A shared scope, stored as its value.

use std::sync::Arc;

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

use crate::model::Scope;

/// Writes the scope.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(scope: &Arc<Scope>, serializer: S) -> Result<S::Ok, S::Error> {
    scope.as_ref().serialize(serializer)
}

/// Reads the scope.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Scope>, D::Error> {
    Scope::deserialize(deserializer).map(Arc::new)
}
