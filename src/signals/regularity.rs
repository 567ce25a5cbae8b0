//! The signal.

use super::{About, Input, Outcome, Signal};

pub(super) struct Regularity;

impl Signal for Regularity {
    fn about(&self) -> &'static About {
        todo!()
    }

    fn measure(&self, _: &Input<'_>) -> Outcome {
        todo!()
    }
}
