//! Values that layers above derive from an opened cache and keep with it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One value of each type, made by `Default` when first asked for and kept as long as the cache is
/// open. The type belongs to the layer that asks: the cache knows nothing of it.
#[derive(Default)]
pub(super) struct Derived(Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Derived {
    /// The value of a type; all who ask get the same one.
    pub(super) fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        // Under the name of a type stands a value of that type and of no other.
        Arc::clone(value).downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;

    #[test]
    fn each_type_has_one_value_that_stays() {
        let derived = Derived::default();
        derived.of::<OnceLock<u8>>().get_or_init(|| 7);
        assert_eq!(derived.of::<OnceLock<u8>>().get(), Some(&7));
        assert_eq!(derived.of::<OnceLock<u16>>().get(), None);
    }
}
