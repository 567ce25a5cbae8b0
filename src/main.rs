//! Starts the window or a command by the arguments.

use std::process::ExitCode;

use stillhunt::cli::{self, NextStep, WindowOn};
use stillhunt::ui::{self, Start};

/// Allocator of the program: at a million accounts the memory needed is a fifth less than with glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    stillhunt::jobs::start_log();
    let start = match cli::run() {
        NextStep::Exit(code) => return code,
        NextStep::Window(WindowOn::Start) => Start::Nothing,
        NextStep::Window(WindowOn::Case(dir)) => Start::Case(dir),
        NextStep::Window(WindowOn::Sample) => Start::Sample,
    };
    match ui::run(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stillhunt: {error}");
            ExitCode::from(3)
        }
    }
}
