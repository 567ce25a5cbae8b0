//! History of scopes, for back and forward.

use std::sync::Arc;

use crate::model::Scope;

/// Maximum number of scopes; the oldest is dropped first.
const LIMIT: usize = 200;

/// The present scope, those before and those after.
#[derive(Clone, Debug, Default)]
pub struct History {
    before: Vec<Arc<Scope>>,
    present: Arc<Scope>,
    after: Vec<Arc<Scope>>,
}

impl History {
    /// The present scope.
    pub fn present(&self) -> &Arc<Scope> {
        &self.present
    }

    /// Goes to a scope and drops the next ones. False if it is the present one already.
    pub fn go(&mut self, scope: Scope) -> bool {
        if *self.present == scope {
            return false;
        }
        let left = std::mem::replace(&mut self.present, Arc::new(scope));
        self.before.push(left);
        if self.before.len() > LIMIT {
            self.before.remove(0);
        }
        self.after.clear();
        true
    }

    /// Goes to the previous scope; false if there is none.
    pub fn back(&mut self) -> bool {
        let Some(scope) = self.before.pop() else { return false };
        self.after.push(std::mem::replace(&mut self.present, scope));
        true
    }

    /// Goes to the next scope; false if there is none.
    pub fn forward(&mut self) -> bool {
        let Some(scope) = self.after.pop() else { return false };
        self.before.push(std::mem::replace(&mut self.present, scope));
        true
    }

    /// True if there is a previous scope.
    pub fn can_go_back(&self) -> bool {
        !self.before.is_empty()
    }

    /// True if there is a next scope.
    pub fn can_go_forward(&self) -> bool {
        !self.after.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_and_forward_walk_the_same_way() {
        let mut history = History::default();
        let one = Scope::default().with_account("a".into());
        let two = Scope::default().with_account("b".into());
        assert!(history.go(one.clone()) && history.go(two.clone()) && !history.go(two.clone()));
        assert!(history.back() && **history.present() == one);
        assert!(history.back() && history.present().is_everything() && !history.back());
        assert!(history.forward() && **history.present() == one);
        assert!(history.go(Scope::default()));
        assert!(!history.forward(), "a new scope drops the next ones");
    }
}
