//! Times from a change of scope to the window's answer, with every view open.
//!
//! `cargo bench --bench window -- CASE`; without a case, the sample is loaded first.
//!
//! The window is drawn without a display, 60 frames a second, 1920 × 1200, and every frame is
//! turned into triangles. `first` is the wall time from the change of scope until every view has
//! something new to show, coarse where the exact answer takes long; `ready` until the end of the
//! first frame in which nothing is on its way any more; `answers` is how many jobs it took. A
//! frame's cost is the CPU time of the thread that draws it (`CLOCK_THREAD_CPUTIME_ID`); what a
//! graphics driver does with it is not in it. The opening is measured cold where the page cache
//! may be dropped (as root, on Linux), else warm.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{
    Context, Event, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, pos2, vec2,
};
use rustix::time::{ClockId, clock_gettime};

use common::{RUNS, Subject, drop_page_cache, forget_peak, median_and_worst, peak_bytes, share, timed};
use stillhunt::cache::{AccountIndex, Cache};
use stillhunt::case::Access;
use stillhunt::jobs::{Session, open};
use stillhunt::model::{AccountId, AttributeKind, Scope, Silent, TimeSpan, Zone};
use stillhunt::query::links::LinkLimits;
use stillhunt::query::listing::{ExchangeOrder, Listing};
use stillhunt::query::select;
use stillhunt::query::topic_map::{ColourBy, Viewport};
use stillhunt::query::{Grain, RasterOrder, accounts, exchanges, intervals, links, pivot, rhythm, topic_map};
use stillhunt::ui::{App, Command, Start};

/// Frames a second.
const FRAME: Duration = Duration::from_micros(16_667);
/// Points across and down.
const SIZE: [f32; 2] = [1920.0, 1200.0];
/// Frames of the pointer's way over the window.
const SWEEP: usize = 240;
/// Accounts of which the links can be drawn; more are never asked for.
const LINKED: usize = 400;

fn main() -> anyhow::Result<()> {
    let subject = Subject::chosen()?;
    let session = open(&subject.case, Access::ReadOnly, &Silent)?;
    let scopes = scopes(&session);
    println!("{}: {} exchanges\n", subject.case.display(), session.cache.counts().distinct);
    queries(&session, &scopes);
    drop(session);
    forget_peak();
    let settings = tempfile::tempdir()?;
    let cold = if drop_page_cache() { "cold" } else { "warm" };
    let (ms, mut window) = timed(|| Window::open(Start::Case(subject.case.clone()), settings.path()));
    println!("opening, {cold}, until the first frame with all its answers: {ms:.0} ms\n");
    window.app.spread_views();
    window.until_ready();
    follow(&mut window, &scopes);
    println!("peak memory of the window: {:.2} GiB", peak_bytes() as f64 / f64::from(1 << 30));
    Ok(())
}

/// The scopes that are gone through in turn.
fn scopes(session: &Session) -> Vec<(&'static str, Scope)> {
    let cache = &session.cache;
    let everything = Scope::default();
    let mut scopes = Vec::new();
    let week = cache.hot().span().map(|span| {
        let middle = span.start + span.length() / 2;
        TimeSpan { start: middle, end: middle + 7 * 24 * 3_600 * 1_000_000 }
    });
    let lead = session.leads.groups.first().map(|group| group.scope(cache));
    scopes.extend(lead.clone().map(|scope| ("a lead", scope)));
    let third: Vec<AccountIndex> = (0..cache.accounts().len() as AccountIndex).step_by(3).collect();
    let third = everything.clone().with_accounts("every third", ids(cache, &third).collect());
    scopes.push(("a third of accounts", third));
    let first = session.leads.accounts.first().and_then(|lead| ids(cache, &[lead.account]).next());
    scopes.extend(first.map(|id| ("one account", everything.clone().with_account(id))));
    scopes.extend(week.map(|week| ("a week", everything.clone().with_span(week))));
    let topic = cache.topics().iter().max_by_key(|topic| topic.exchanges);
    scopes.extend(
        topic.map(|topic| {
            ("a topic", everything.clone().with_topics([(topic.id, topic.label.clone())].into()))
        }),
    );
    let ips = &cache.values()[cache.values_of_kind(AttributeKind::Ip)];
    let busiest = ips.iter().max_by_key(|value| value.exchanges);
    scopes.extend(busiest.map(|ip| ("an IP", everything.clone().with_value(ip.kind, &ip.value))));
    scopes.push(("everything", everything));
    scopes.extend(lead.zip(week).map(|(scope, week)| ("lead and week", scope.with_span(week))));
    scopes
}

fn ids<'a>(cache: &'a Cache, accounts: &'a [AccountIndex]) -> impl Iterator<Item = AccountId> + 'a {
    accounts.iter().map(|&account| cache.accounts()[account as usize].id.clone())
}

/// The application in a context of its own.
struct Window {
    ctx: Context,
    app: App,
    began: Instant,
    /// Cost of each frame, in milliseconds.
    frames: Vec<f64>,
}

impl Window {
    fn open(start: Start, settings: &std::path::Path) -> Self {
        let ctx = Context::default();
        let app = App::with_settings_in(&ctx, start, settings);
        let mut window = Self { ctx, app, began: Instant::now(), frames: Vec::new() };
        while !window.app.case_is_open() {
            window.frame(Vec::new());
        }
        window.until_ready();
        window
    }

    /// Draws one frame and waits until the next is due; true if no answer is pending.
    fn frame(&mut self, events: Vec<Event>) -> bool {
        let began = Instant::now();
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE.into())),
            time: Some(self.began.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        let (asked, open) = (self.app.jobs().requested(), self.app.jobs().open());
        let before = cpu_ms();
        let output = self.ctx.run_ui(input, |ui| self.app.ui(ui));
        let triangles = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        self.frames.push(cpu_ms() - before);
        drop(triangles);
        let ready = open == 0 && self.app.jobs().requested() == asked;
        if !ready {
            std::thread::sleep(FRAME.saturating_sub(began.elapsed()));
        }
        ready
    }

    fn until_ready(&mut self) {
        while !self.frame(Vec::new()) {}
    }

    /// Milliseconds from a change of scope until every view shows something of it, and until all
    /// show it exactly.
    fn look_at(&mut self, scope: Scope) -> (f64, f64) {
        let ctx = self.ctx.clone();
        let began = Instant::now();
        let since = || began.elapsed().as_secs_f64() * 1e3;
        self.app.carry_out(&ctx, Command::SetScope(scope));
        let (mut first, mut asked) = (0.0, self.app.jobs().requested());
        while !self.frame(Vec::new()) {
            // A view asks for its exact answer once the coarse one is there; that asked last has it.
            if self.app.jobs().requested() != asked {
                (first, asked) = (since(), self.app.jobs().requested());
            }
        }
        (first, since())
    }
}

/// CPU time of this thread in milliseconds.
fn cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// Changes the scope, every view open.
fn follow(window: &mut Window, scopes: &[(&'static str, Scope)]) {
    // Once without counting: the first round fills the fonts' atlas.
    for (_, scope) in scopes {
        window.look_at(scope.clone());
    }
    let mut first = vec![Vec::new(); scopes.len()];
    let mut ready = vec![Vec::new(); scopes.len()];
    let mut frames = vec![Vec::new(); scopes.len()];
    let mut answers = vec![0; scopes.len()];
    for _ in 0..RUNS {
        for (i, (_, scope)) in scopes.iter().enumerate() {
            window.frames.clear();
            let before = window.app.jobs().requested();
            let (coarse, exact) = window.look_at(scope.clone());
            first[i].push(coarse);
            ready[i].push(exact);
            frames[i].append(&mut window.frames);
            answers[i] = window.app.jobs().requested() - before;
        }
    }
    println!(
        "{:<20}{:>9}{:>10}{:>10}{:>10}{:>14}{:>8}{:>8}",
        "change to", "answers", "first ms", "ready ms", "worst", "frame p50 ms", "p99", "worst"
    );
    for (i, (name, _)) in scopes.iter().enumerate() {
        let (first, _) = median_and_worst(std::mem::take(&mut first[i]));
        let (median, worst) = median_and_worst(std::mem::take(&mut ready[i]));
        let told = format!("{:>9}{first:>10.0}{median:>10.0}{worst:>10.0}", answers[i]);
        print_frames(name, &told, &mut frames[i]);
    }
    window.look_at(Scope::default());
    window.frames.clear();
    sweep(window);
    print_frames("pointer and wheel", &format!("{:>39}", ""), &mut window.frames);
    println!();
}

fn print_frames(name: &str, ready: &str, frames: &mut [f64]) {
    frames.sort_by(f64::total_cmp);
    let [p50, p99, worst] = [0.5, 0.99, 1.0].map(|part| share(frames, part));
    println!("{name:<20}{ready}{p50:>14.1}{p99:>8.1}{worst:>8.1}");
}

/// The pointer goes over all views in lines, turning the wheel.
fn sweep(window: &mut Window) {
    let [width, height] = SIZE;
    for i in 0..SWEEP {
        let share = i as f32 / SWEEP as f32;
        let at = pos2(width * (share * 8.0).fract(), height * share);
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, if i % 40 < 20 { -30.0 } else { 30.0 }),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        };
        if window.frame(vec![Event::PointerMoved(at), wheel]) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    window.until_ready();
}

/// Queries of each view, alone.
fn queries(session: &Session, scopes: &[(&'static str, Scope)]) {
    let names: Vec<&str> = asked(session, &Scope::default()).into_iter().map(|(name, _)| name).collect();
    print!("{:<20}", "query, median ms");
    names.iter().for_each(|name| print!("{name:>12}"));
    println!();
    for (title, scope) in scopes {
        let runs: Vec<_> = (0..RUNS).map(|_| asked(session, scope)).collect();
        print!("{title:<20}");
        for at in 0..names.len() {
            let (median, _) = median_and_worst(runs.iter().map(|run| run[at].1).collect());
            print!("{median:>12.1}");
        }
        println!();
    }
}

/// Each query's name and milliseconds. A query fails only when cancelled or where the cache is
/// damaged, and then the measurement stops.
#[expect(clippy::unwrap_used, reason = "a measurement, not the program")]
fn asked(session: &Session, scope: &Scope) -> Vec<(&'static str, f64)> {
    let cache = &session.cache;
    let (select, selection) = timed(|| Arc::new(select(cache, scope, &Silent).unwrap()));
    let plane = Viewport { min: [0.0, 0.0], max: [1.0, 1.0] };
    let limits = LinkLimits { accounts: 150, values: 60 };
    let linked: &[AccountIndex] = if selection.accounts.len() > LINKED { &[] } else { &selection.accounts };
    let rows = Listing::new(cache, &selection, ExchangeOrder::Account, &Silent).unwrap().rows(0..200);
    vec![
        ("select", select),
        ("accounts", timed(|| accounts::accounts(cache, &selection)).0),
        ("timeline", timed(|| rhythm::timeline(cache, &selection, 360, &Silent).unwrap()).0),
        ("week", timed(|| rhythm::hour_of_week(cache, &selection, &Zone::utc(), &Silent).unwrap()).0),
        (
            "raster",
            timed(|| {
                rhythm::raster(cache, &selection, [1024, 512], RasterOrder::FirstUse, Grain::Exact, &Silent)
                    .unwrap()
            })
            .0,
        ),
        (
            "intervals",
            timed(|| intervals::interval_histogram(cache, &selection, Grain::Exact, &Silent).unwrap()).0,
        ),
        ("statistics", timed(|| intervals::interval_statistics(cache, &selection, &Silent).unwrap()).0),
        (
            "map",
            timed(|| {
                topic_map::grid(cache, &selection, plane, [768, 512], &ColourBy::Topic, Grain::Exact, &Silent)
                    .unwrap()
            })
            .0,
        ),
        ("coverage", timed(|| topic_map::coverage(cache, &selection, &Silent).unwrap()).0),
        ("by account", timed(|| Listing::new(cache, &selection, ExchangeOrder::Account, &Silent).unwrap()).0),
        ("by time", timed(|| Listing::new(cache, &selection, ExchangeOrder::Time, &Silent).unwrap()).0),
        ("page", timed(|| exchanges::rows(cache, &rows).unwrap()).0),
        ("links", timed(|| links::graph(cache, linked, &[].into(), limits, &[])).0),
        ("pivot", timed(|| pivot::pivot(cache, linked, &AttributeKind::ALL)).0),
    ]
}
