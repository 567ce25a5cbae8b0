//! Figures of an evaluation as one long table, the same on a terminal, in a file and in a bundle.

use super::{CampaignMatch, Evaluation, InnocentClass, LastRead, Null, Ranked, Rate};

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Section of the evaluation.
    pub section: &'static str,
    /// Subject: a campaign, a class of innocent accounts, a signal, a baseline. May be hostile text.
    pub subject: String,
    /// Name of the figure.
    pub figure: String,
    /// Value; `None` where it is undefined.
    pub value: Option<f64>,
    /// Wilson's 95 % interval (Wilson 1927) where the value is a share.
    pub interval: Option<(f64, f64)>,
    /// Numerator of a share.
    pub hits: Option<f64>,
    /// Denominator of a share.
    pub of: Option<usize>,
}

/// Figures of one section, in order.
struct Section {
    name: &'static str,
    figures: Vec<Figure>,
}

impl Section {
    fn number(&mut self, subject: &str, figure: &str, value: Option<f64>) {
        self.figures.push(Figure {
            section: self.name,
            subject: subject.to_owned(),
            figure: figure.to_owned(),
            value,
            interval: None,
            hits: None,
            of: None,
        });
    }

    fn rate(&mut self, subject: &str, figure: &str, rate: Rate) {
        self.number(subject, figure, rate.share());
        if let Some(last) = self.figures.last_mut() {
            (last.interval, last.hits, last.of) = (Some(rate.interval()), Some(rate.hits), Some(rate.of));
        }
    }

    fn ranked(&mut self, subject: &str, ranked: &Ranked) {
        self.number(subject, "PR-AUC", ranked.average_precision);
        for rate in &ranked.precision {
            self.rate(subject, &format!("precision at {}", rate.of), *rate);
        }
    }
}

impl Evaluation {
    /// Every figure, section after section: `accounts`, `campaigns`, `innocents`, `null`,
    /// `without`, `baselines`.
    pub fn figures(&self) -> Vec<Figure> {
        let section = |name, fill: &dyn Fn(&mut Section)| {
            let mut section = Section { name, figures: Vec::new() };
            fill(&mut section);
            section.figures
        };
        [
            section("accounts", &|s| accounts(s, &self.accounts)),
            section("campaigns", &|s| self.campaigns.iter().for_each(|found| campaign(s, found))),
            section("innocents", &|s| {
                s.number("leads read", read(self.innocents.last_read), rank(self.innocents.last_read));
                self.innocents.classes.iter().for_each(|class| innocents(s, class));
            }),
            section("null", &|s| self.null.iter().for_each(|of| null(s, of))),
            section("without", &|s| self.without(s)),
            section("baselines", &|s| {
                self.baselines.iter().for_each(|(name, ranked)| s.ranked(name, ranked));
            }),
        ]
        .concat()
    }

    fn without(&self, section: &mut Section) {
        for without in &self.without {
            let own = without.accounts.average_precision;
            section.number(without.signal, "PR-AUC without it", own);
            let added = self.accounts.average_precision.zip(own).map(|(with, without)| with - without);
            section.number(without.signal, "PR-AUC it adds", added);
            let surfaced = Rate { hits: without.surfaced as f64, of: self.campaigns.len() };
            section.rate(without.signal, "campaigns surfaced without it", surfaced);
        }
    }
}

fn accounts(section: &mut Section, ranked: &Ranked) {
    section.rate("all", "prevalence", ranked.prevalence);
    section.ranked("all", ranked);
    for recall in &ranked.recall {
        section.rate(&recall.campaign, &format!("recall at {}", recall.first), recall.rate);
    }
}

fn campaign(section: &mut Section, found: &CampaignMatch) {
    let name = &found.campaign;
    let best = found.best.as_ref();
    section.number(name, "rank of its best lead", best.map(|best| best.rank as f64));
    section.rate(name, "share held", best.map_or(Rate { hits: 0.0, of: found.accounts }, |best| best.held));
    if let Some(best) = best {
        section.rate(name, "purity", best.purity);
        section.number(name, "q of its best lead", best.q_value);
    }
    section.number(name, "surfaced as one lead", Some(f64::from(u8::from(found.surfaced()))));
}

fn innocents(section: &mut Section, class: &InnocentClass) {
    section.rate(&class.name, "in the leads read", class.in_leads);
    section.rate(&class.name, "among the first of the account list", class.among_first);
    let testable = Rate { hits: class.testable as f64, of: class.in_leads.of };
    section.rate(&class.name, "testable", testable);
}

fn null(section: &mut Section, null: &Null) {
    section.number(&null.of, "distance from uniform", null.uniformity.map(|test| test.distance));
    section.number(&null.of, "Kolmogorov-Smirnov p", null.uniformity.map(|test| test.p));
    for (level, rate) in &null.at_most {
        section.rate(&null.of, &format!("p at most {level}"), *rate);
    }
    if null.smallest_q.is_some() {
        section.number(&null.of, "smallest q", null.smallest_q);
    }
}

/// Words for the range of leads that count as read.
fn read(last_read: LastRead) -> &'static str {
    match last_read {
        LastRead::LastCampaign(_) => "down to the last true campaign, by rank",
        LastRead::Discoveries => "none is a campaign's: those with q at most 0.1",
    }
}

fn rank(last_read: LastRead) -> Option<f64> {
    match last_read {
        LastRead::LastCampaign(rank) => Some(rank as f64),
        LastRead::Discoveries => None,
    }
}
