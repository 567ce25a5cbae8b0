//! SIGTERM, SIGINT and SIGHUP close the window as its button does: after pending writes.

use super::exit::Exit;

/// Time in seconds that the window has to close once everything is written. A hidden window, or one whose
/// desktop is gone, may draw no frame any more.
#[cfg(unix)]
const FOR_THE_WINDOW: u64 = 5;

/// Installs the handler by which the three signals close the window.
///
/// # Errors
/// Refusal of the operating system to install the handlers; the signals then end the program at once.
#[cfg(unix)]
pub fn close_on_signals(exit: &Exit) -> std::io::Result<()> {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let (mut heard, sender) = UnixStream::pair()?;
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::low_level::pipe::register(signal, sender.try_clone()?)?;
    }
    let exit = exit.clone();
    std::thread::spawn(move || {
        let mut times = 0;
        while heard.read_exact(&mut [0]).is_ok() {
            times += 1;
            exit.ask();
            if times == 1 {
                end_without_a_window(exit.clone());
            } else {
                eprintln!("{}", lost_by_killing(exit.writes().decisions()));
            }
        }
    });
    Ok(())
}

/// The three signals exist on Unix only.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn close_on_signals(_: &Exit) -> std::io::Result<()> {
    Ok(())
}

/// Ends the process once everything is written, if the window does not close in time.
#[cfg(unix)]
fn end_without_a_window(exit: Exit) {
    std::thread::spawn(move || {
        exit.writes().wait(None);
        std::thread::sleep(std::time::Duration::from_secs(FOR_THE_WINDOW));
        std::process::exit(0);
    });
}

#[cfg(unix)]
fn lost_by_killing(decisions: u64) -> String {
    format!("stillhunt: {decisions} decisions are still being written; killing the program now loses them")
}
