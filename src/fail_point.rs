//! Fail points: named points at which a test kills the program, injects an error or pauses it.
//!
//! A point is before and after every write, sync, rename and removal on which the safety of a case depends.
//! Without the feature `fail-points`, passing a point is an empty function, and the binary has neither their
//! code nor their names. With it, two environment variables control the failure:
//!
//! - `STILLHUNT_FAIL_POINT="POINT PASSAGE ACTION"`. `POINT` is a name or `*` for all of them.
//!   `PASSAGE` counts passages of such points from 1; `3+` means the third and all later ones.
//!   `ACTION` is `kill` (SIGKILL: no handler runs), `error` (input/output error), `full` (no space
//!   left), or `hold` (waits until the file named by `STILLHUNT_FAIL_RELEASE` exists).
//! - `STILLHUNT_FAIL_LOG=FILE`: appends the name of each passed point as a line.

use std::io;

/// Passes the point of this name. Without the feature `fail-points` this does nothing.
///
/// # Errors
/// The error that a test ordered.
#[cfg(not(feature = "fail-points"))]
#[inline(always)]
pub(crate) fn pass(_point: &'static str) -> io::Result<()> {
    Ok(())
}

/// Passes the point of this name: logs it, then injects the configured failure.
///
/// # Errors
/// The error that a test ordered.
#[cfg(feature = "fail-points")]
pub(crate) fn pass(point: &'static str) -> io::Result<()> {
    armed::pass(point)
}

#[cfg(feature = "fail-points")]
mod armed {
    use std::io::{self, Write as _};
    use std::path::PathBuf;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    /// Interval at which a paused program checks for the release file.
    const LOOK: Duration = Duration::from_millis(5);

    /// Failure that is injected at a passage.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Failure {
        Kill,
        Error,
        Full,
        Hold,
    }

    /// A failure configured by the environment.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct Order {
        /// Name of the point; `None` for all of them.
        pub point: Option<String>,
        /// First passage at which it fails, from 1.
        pub passage: u64,
        /// Fails at all later passages too.
        pub and_later: bool,
        pub failure: Failure,
    }

    impl Order {
        pub(super) fn parse(text: &str) -> Option<Self> {
            let mut words = text.split_whitespace();
            let (point, passage, failure) = (words.next()?, words.next()?, words.next()?);
            let failure = match failure {
                "kill" => Failure::Kill,
                "error" => Failure::Error,
                "full" => Failure::Full,
                "hold" => Failure::Hold,
                _ => return None,
            };
            Some(Self {
                point: (point != "*").then(|| point.to_owned()),
                passage: passage.trim_end_matches('+').parse().ok()?,
                and_later: passage.ends_with('+'),
                failure,
            })
        }

        fn strikes_at(&self, passage: u64) -> bool {
            passage == self.passage || (self.and_later && passage > self.passage)
        }
    }

    static ORDER: OnceLock<Option<Order>> = OnceLock::new();
    static PASSAGES: AtomicU64 = AtomicU64::new(0);

    pub(super) fn pass(point: &'static str) -> io::Result<()> {
        note(point)?;
        let order = ORDER.get_or_init(|| std::env::var("STILLHUNT_FAIL_POINT").ok().map(|text| read(&text)));
        let Some(order) = order else { return Ok(()) };
        if order.point.as_ref().is_some_and(|name| name != point) {
            return Ok(());
        }
        let passage = PASSAGES.fetch_add(1, Ordering::SeqCst) + 1;
        if order.strikes_at(passage) { strike(order.failure, point) } else { Ok(()) }
    }

    /// An invalid order must not let a test pass.
    fn read(text: &str) -> Order {
        Order::parse(text).unwrap_or_else(|| {
            eprintln!("stillhunt: STILLHUNT_FAIL_POINT is no `POINT PASSAGE ACTION`: {text}");
            std::process::exit(2)
        })
    }

    fn note(point: &str) -> io::Result<()> {
        let Some(path) = std::env::var_os("STILLHUNT_FAIL_LOG") else { return Ok(()) };
        let mut log = std::fs::File::options().append(true).create(true).open(path)?;
        // One write, so that lines of several threads do not mix.
        log.write_all(format!("{point}\n").as_bytes())
    }

    fn strike(failure: Failure, point: &str) -> io::Result<()> {
        match failure {
            Failure::Kill => kill(),
            Failure::Error => Err(io::Error::other(format!("ordered at the fail point {point}"))),
            Failure::Full => Err(io::ErrorKind::StorageFull.into()),
            Failure::Hold => {
                let release = std::env::var_os("STILLHUNT_FAIL_RELEASE").map(PathBuf::from);
                while release.as_ref().is_some_and(|file| !file.exists()) {
                    std::thread::sleep(LOOK);
                }
                Ok(())
            }
        }
    }

    fn kill() -> ! {
        #[cfg(unix)]
        if signal_hook::low_level::raise(signal_hook::consts::SIGKILL).is_ok() {
            // The signal ends the process before this is over.
            std::thread::sleep(Duration::from_secs(60));
        }
        std::process::abort()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn orders_are_read() {
            let order = Order::parse("case.commit 3+ error").unwrap();
            assert_eq!((order.point.as_deref(), order.failure), (Some("case.commit"), Failure::Error));
            assert!(!order.strikes_at(2) && order.strikes_at(3) && order.strikes_at(4));
            let order = Order::parse("* 17 kill").unwrap();
            assert!(order.point.is_none() && order.strikes_at(17) && !order.strikes_at(18));
            for wrong in ["", "case.commit", "case.commit 1", "case.commit one kill", "case.commit 1 burn"] {
                assert_eq!(Order::parse(wrong), None, "{wrong}");
            }
        }
    }
}
