//! Arguments become the window or a command; nothing else happens here.

use std::process::ExitCode;

use stillhunt::cli::{self, Asked, WindowOn};
use stillhunt::ui::{self, Start};

fn main() -> ExitCode {
    stillhunt::jobs::start_log();
    let start = match cli::run() {
        Asked::Exit(code) => return code,
        Asked::Window(WindowOn::Start) => Start::Nothing,
        Asked::Window(WindowOn::Case(dir)) => Start::Case(dir),
        Asked::Window(WindowOn::Sample) => Start::Sample,
    };
    match ui::run(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stillhunt: {error}");
            ExitCode::from(3)
        }
    }
}
