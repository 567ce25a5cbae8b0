//! What the machine has.

use crate::model::MemoryBudget;

/// What loading may take unless someone says otherwise: a quarter of the machine's memory, at most
/// 4 GiB; a GiB where the system does not say how much there is (it is asked on Linux only).
pub fn memory_of_machine() -> MemoryBudget {
    MemoryBudget::of_machine(total())
}

fn total() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
