//! Budget of main memory.

use std::fmt;
use std::str::FromStr;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Budget of main memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryBudget(u64);

/// Error of a text that is not a budget.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an amount of memory; give at least 256MiB, for example 512MiB or 4GiB")]
pub struct ParseMemoryError(String);

impl MemoryBudget {
    /// Smallest budget, 256 MiB: a smaller one would only save reading ahead.
    pub const MIN: Self = Self(256 * MIB);

    /// A quarter of a machine's memory, at most 4 GiB, at least [`MIN`](Self::MIN); a GiB
    /// where the machine's memory is not known.
    pub fn of_machine(bytes: Option<u64>) -> Self {
        bytes.map_or(Self(GIB), |bytes| Self((bytes / 4).clamp(Self::MIN.0, 4 * GIB)))
    }

    /// Budget that is too small for any work, for tests.
    #[cfg(test)]
    pub(crate) fn tiny() -> Self {
        Self(128)
    }

    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}MiB", self.0 / MIB)
    }
}

impl FromStr for MemoryBudget {
    type Err = ParseMemoryError;

    /// Whole `MiB` or `GiB` (also `M`, `MB`, `G`, `GB`, all meaning powers of two).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text[number.len()..].to_ascii_lowercase().as_str() {
            "m" | "mb" | "mib" => MIB,
            "g" | "gb" | "gib" => GIB,
            _ => 0,
        };
        let bytes = number.trim().parse().ok().and_then(|number: u64| number.checked_mul(unit));
        let budget = bytes.map(Self).filter(|budget| budget.0 >= Self::MIN.0);
        budget.ok_or_else(|| ParseMemoryError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_and_written() {
        let written = |text: &str| text.parse::<MemoryBudget>().map(|budget| budget.to_string());
        assert_eq!(written("4GiB").unwrap(), "4096MiB");
        assert_eq!(written("512 mb").unwrap(), "512MiB");
        for wrong in ["", "12", "1MiB", "-4GiB", "4 TiB", "99999999999999999999G"] {
            assert!(written(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_machine_gives_a_quarter() {
        let of = |bytes| MemoryBudget::of_machine(bytes).bytes();
        assert_eq!((of(Some(8 * GIB)), of(Some(64 * GIB)), of(Some(MIB))), (2 * GIB, 4 * GIB, 256 * MIB));
        assert_eq!(of(None), GIB);
    }
}
