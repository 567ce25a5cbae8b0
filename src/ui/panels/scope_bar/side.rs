//! The two rows of the bar: the scope, and the second scope that it is compared with.

use crate::model::Scope;
use crate::ui::Against;
use crate::ui::view::{Command, ViewContext};

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The scope.
    A,
    /// The second scope.
    B,
}

impl Side {
    /// The other row.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Name of the row on buttons.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "the scope",
            Self::B => "scope B",
        }
    }

    /// Its scope; `None` without a second scope.
    pub fn scope<'a>(self, cx: &ViewContext<'a>) -> Option<&'a Scope> {
        match self {
            Self::A => Some(cx.scope),
            Self::B => cx.against.map(|against| against.scope.as_ref()),
        }
    }

    /// Requests another scope for the row.
    pub fn send(self, cx: &ViewContext<'_>, scope: Scope) {
        cx.send(match self {
            Self::A => Command::SetScope(scope),
            Self::B => Command::Compare(Some(match cx.against {
                Some(against) => against.with(scope),
                None => Against::of(scope),
            })),
        });
    }
}
