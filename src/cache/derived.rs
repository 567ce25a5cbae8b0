//! Values that layers above derive from an open cache and keep with it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One value of each type, made by `Default` at first use and kept as long as the cache is open. The
/// types belong to the layers above.
#[derive(Default)]
pub(super) struct Derived(Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Derived {
    /// Value of a type, the same one for every caller.
    pub(super) fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        // The value under a type's id always has that type, so the default is never used.
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
