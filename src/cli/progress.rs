//! Progress on stderr: a bar on a terminal, plain lines elsewhere; Ctrl-C cancels.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::SIGINT;
use signal_hook::flag::{register, register_conditional_shutdown};

use crate::model::{Progress, Watcher};

static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static HANDLER: Once = Once::new();

/// Shortest time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Progress reporter of long commands.
pub(super) struct Terminal {
    state: Mutex<State>,
}

/// State of the report on stderr.
struct State {
    bar: Option<ProgressBar>,
    phase: String,
    phase_began: Instant,
    last_line: Option<Instant>,
}

impl Terminal {
    /// Starts reporting, and takes Ctrl-C as a request to stop cleanly. A second Ctrl-C ends the
    /// process at once; temporary files it leaves are removed by the next command.
    pub(super) fn new() -> Self {
        HANDLER.call_once(|| {
            let flag = Arc::clone(&INTERRUPTED);
            // The order matters: the second Ctrl-C finds the flag that the first one set.
            let registered = register_conditional_shutdown(SIGINT, 130, Arc::clone(&flag))
                .and_then(|_| register(SIGINT, flag));
            if let Err(error) = registered {
                eprintln!("Ctrl-C will end the program at once, without removing temporary files: {error}");
            }
        });
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            bar.set_style(style());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let now = Instant::now();
        Self { state: Mutex::new(State { bar, phase: String::new(), phase_began: now, last_line: None }) }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:28} {wide_bar} {human_pos}/{human_len} {prefix} {per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Watcher for Terminal {
    fn report(&self, progress: Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let new_phase = state.phase != progress.phase;
        if new_phase {
            state.phase.clone_from(&progress.phase);
            state.phase_began = Instant::now();
        }
        if let Some(bar) = &state.bar {
            if new_phase {
                bar.reset();
                bar.set_message(progress.phase);
                bar.set_prefix(progress.unit);
            }
            bar.set_length(progress.total);
            bar.set_position(progress.done);
        } else if new_phase || state.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            state.last_line = Some(Instant::now());
            eprintln!("{}", line(&progress, state.phase_began.elapsed()));
        }
    }

    fn note(&self, text: &str) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let print = || eprintln!("{}", crate::model::visible(text));
        match &state.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn is_cancelled(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = &state.bar {
            bar.finish_and_clear();
        }
    }
}

/// `reading rows: 120,000 of 398,290 rows, 85,000 rows/s, 3 s left`.
fn line(progress: &Progress, elapsed: Duration) -> String {
    let Progress { phase, done, total, unit } = progress;
    let grouped = |n: u64| indicatif::HumanCount(n).to_string();
    if *total == 0 {
        return if *done == 0 { phase.clone() } else { format!("{phase}: {} {unit}", grouped(*done)) };
    }
    let mut text = format!("{phase}: {} of {} {unit}", grouped(*done), grouped(*total));
    let seconds = elapsed.as_secs_f64();
    if *done > 0 && done < total && seconds > 0.5 {
        let rate = *done as f64 / seconds;
        let left = (*total - *done) as f64 / rate;
        text += &format!(", {} {unit}/s, {left:.0} s left", grouped(rate as u64));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_much_how_fast_and_how_long() {
        let progress = Progress { phase: "reading rows".into(), done: 2000, total: 10_000, unit: "rows" };
        assert_eq!(
            line(&progress, Duration::from_secs(2)),
            "reading rows: 2,000 of 10,000 rows, 1,000 rows/s, 8 s left"
        );
    }
}
