//! Memory of the machine.

use crate::model::MemoryBudget;

/// Default memory limit of loading: a quarter of the machine's memory, at most 4 GiB; 1 GiB where
/// the amount is unavailable (read on Linux only).
pub fn memory_of_machine() -> MemoryBudget {
    MemoryBudget::of_machine(total())
}

fn total() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
