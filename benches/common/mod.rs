//! Helpers of the measurements: the case measured, and figures of several runs. Each uses a part of it.

#![allow(dead_code)]

use std::path::PathBuf;
use std::time::Instant;

use stillhunt::jobs::sample_case;
use stillhunt::model::Silent;

/// Runs of each thing measured.
pub const RUNS: usize = 5;

/// The case to measure; the sample's is deleted with this.
pub struct Subject {
    /// Its folder.
    pub case: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Subject {
    /// Case named by the first argument or by `STILLHUNT_BENCH_CASE`, else that of the sample.
    pub fn chosen() -> anyhow::Result<Self> {
        // Cargo adds `--bench` to what was asked for.
        let named =
            std::env::args_os().skip(1).find(|argument| !argument.to_string_lossy().starts_with("--"));
        if let Some(case) = named.or_else(|| std::env::var_os("STILLHUNT_BENCH_CASE")) {
            return Ok(Self { case: case.into(), _folder: None });
        }
        let sample = sample_case(&Silent)?;
        let case = sample.session.case.dir().to_owned();
        Ok(Self { case, _folder: Some(sample.folder) })
    }
}

/// Milliseconds that something took, and what it gave.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let got = work();
    (began.elapsed().as_secs_f64() * 1e3, got)
}

/// Median and maximum.
pub fn median_and_worst(mut numbers: Vec<f64>) -> (f64, f64) {
    numbers.sort_by(f64::total_cmp);
    (share(&numbers, 0.5), share(&numbers, 1.0))
}

/// Quantile of sorted numbers: the smallest number that this share does not exceed; 0 of none.
pub fn share(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share).ceil() as usize).max(1) - 1;
    sorted.get(at).copied().unwrap_or(0.0)
}

/// The most memory this process has had at once (`VmHWM` of Linux); 0 where the system does not say.
pub fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Starts [`peak_bytes`] anew, where the system can.
pub fn forget_peak() {
    // Where the peak cannot be reset, the figure is too high rather than too low.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Drops the system's cache of files; true if it did.
pub fn drop_page_cache() -> bool {
    std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}
