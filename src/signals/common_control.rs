//! The signal.

use super::{About, Input, Outcome, Signal};

pub(super) struct CommonControl;

impl Signal for CommonControl {
    fn about(&self) -> &'static About {
        todo!()
    }

    fn measure(&self, _: &Input<'_>) -> Outcome {
        todo!()
    }
}
