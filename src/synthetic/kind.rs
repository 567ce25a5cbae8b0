//! Kinds of innocent accounts: ordinary people, and innocents that look like a campaign.

/// Hours and days at which an account is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rhythm {
    /// A person at work: weekdays, office hours.
    Office,
    /// A person at home: evenings and weekends.
    Evening,
    /// A student: afternoons and late evenings.
    Student,
    /// A service that follows its users' day a little, at all hours.
    Service,
    /// A job that starts at the same hour and runs through its queue.
    Nightly,
    /// Long runs on few days, as fast as the model answers.
    Sweep,
    /// Three crews of an office around the globe.
    FollowTheSun,
    /// A student whose class hands in on one day.
    Deadline,
    /// Two days and the night between them, and hardly anything else.
    Event,
    /// A campaign's account that works in shifts.
    Shift,
    /// Requests at any time with equal probability.
    Poisson,
}

/// Network and client of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// A person's script or tool on a line at home.
    Home,
    /// An office: one fixed address, one card, an organisation.
    Office,
    /// Machines in a data centre.
    Server,
    /// Behind the group's one or few addresses, which others share.
    Nat,
}

/// A kind of account.
#[derive(Debug)]
pub struct Kind {
    /// Its label in the truth file, after `benign:`.
    pub label: &'static str,
    /// Ordinary kinds: share among them. Look-alikes: accounts of one group.
    pub share: f64,
    /// Look-alikes: groups per 1,500 accounts.
    pub groups: f64,
    /// Mean number of exchanges over the whole span, relative to the other kinds.
    pub volume: f64,
    /// Rhythm.
    pub rhythm: Rhythm,
    /// Network and client.
    pub client: Client,
    /// Classes of subjects.
    pub classes: &'static [&'static str],
    /// Number of subjects of an account; 0: all of its classes.
    pub favourites: usize,
    /// Mean number of turns of a conversation.
    pub turns: f64,
    /// The frames an account chooses one of, empty where prompts are bare.
    pub frames: &'static [&'static str],
    /// The stated use cases an account chooses one of.
    pub uses: &'static [&'static str],
    /// True if the group has one payment.
    pub one_payer: bool,
    /// True if a group with one payment declares one organisation.
    pub declared: bool,
    /// Median length of a first prompt in characters, without what a frame adds.
    pub prompt: f64,
    /// Least and most standing instructions in front of a framed prompt, the same in every prompt
    /// of an account.
    pub rules: (u64, u64),
    /// End users an account names, 0 for none.
    pub end_users: u32,
    /// Share of accounts made within the span, before their first exchange.
    pub new: f64,
    /// Median length of a full response in tokens.
    pub output: f64,
}

/// Classes of what people ask about.
pub const PEOPLE: &[&str] = &["home", "writing", "study", "business", "science", "software", "data"];

/// A kind that others differ from.
pub const BASE: Kind = Kind {
    label: "",
    share: 0.0,
    groups: 1.0,
    volume: 1.0,
    rhythm: Rhythm::Evening,
    client: Client::Home,
    classes: PEOPLE,
    favourites: 4,
    turns: 2.2,
    frames: &[],
    uses: &["personal"],
    one_payer: false,
    declared: true,
    prompt: 190.0,
    rules: (0, 0),
    end_users: 0,
    new: 0.18,
    output: 260.0,
};

/// The ordinary kinds; their shares add up to 1.
pub const ORDINARY: [Kind; 10] = [
    Kind {
        label: "hobbyist",
        share: 0.22,
        volume: 0.5,
        classes: &["home", "writing", "software"],
        uses: &["personal", "personal", "prototyping"],
        ..BASE
    },
    Kind {
        label: "developer",
        prompt: 330.0,
        share: 0.22,
        volume: 1.1,
        rhythm: Rhythm::Office,
        classes: &["software", "data", "agentic"],
        uses: &["software development", "software development", "prototyping"],
        turns: 2.8,
        output: 380.0,
        ..BASE
    },
    Kind {
        label: "agent_developer",
        prompt: 420.0,
        rules: (6, 22),
        share: 0.03,
        volume: 2.6,
        rhythm: Rhythm::Office,
        classes: &["agentic", "software"],
        favourites: 5,
        frames: &["tool-loop", "code-review-bot"],
        uses: &["agents", "software development"],
        turns: 4.0,
        output: 420.0,
        ..BASE
    },
    Kind {
        label: "writer",
        share: 0.11,
        volume: 0.8,
        classes: &["writing", "home"],
        favourites: 3,
        uses: &["content creation", "personal"],
        turns: 2.8,
        output: 420.0,
        ..BASE
    },
    Kind {
        label: "student",
        share: 0.13,
        volume: 0.6,
        rhythm: Rhythm::Student,
        classes: &["study", "science"],
        uses: &["education", "personal"],
        output: 300.0,
        ..BASE
    },
    Kind {
        label: "professional",
        prompt: 260.0,
        share: 0.15,
        volume: 0.8,
        rhythm: Rhythm::Office,
        client: Client::Office,
        classes: &["business", "writing", "data"],
        uses: &["business productivity", "data analysis"],
        ..BASE
    },
    Kind {
        label: "researcher",
        prompt: 280.0,
        share: 0.05,
        volume: 1.0,
        rhythm: Rhythm::Office,
        classes: &["science", "data", "study"],
        uses: &["research"],
        output: 380.0,
        ..BASE
    },
    Kind {
        label: "company_app",
        prompt: 140.0,
        rules: (6, 24),
        share: 0.05,
        volume: 5.0,
        rhythm: Rhythm::Service,
        client: Client::Server,
        classes: &["business", "home", "support", "writing"],
        favourites: 2,
        turns: 1.4,
        frames: &["shop-assistant", "meeting-notes", "listing-writer", "recipe-app", "tutor-app", "crm-mail"],
        uses: &["customer application"],
        end_users: 400,
        new: 0.1,
        output: 160.0,
        ..BASE
    },
    Kind {
        label: "power_user",
        prompt: 300.0,
        share: 0.03,
        volume: 4.5,
        classes: PEOPLE,
        favourites: 9,
        turns: 3.2,
        uses: &["personal", "software development", "research"],
        output: 420.0,
        ..BASE
    },
    Kind { label: "occasional", share: 0.01, volume: 0.12, favourites: 2, ..BASE },
];

/// Kind of a campaign's cover traffic and stated use.
pub const CAMPAIGN: Kind = Kind {
    label: "campaign",
    prompt: 230.0,
    rhythm: Rhythm::Shift,
    favourites: 3,
    turns: 1.3,
    uses: &["personal", "software development", "research", "prototyping", "education"],
    output: 420.0,
    ..BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::look_alikes::LOOK_ALIKES;
    use crate::synthetic::text::Grammar;

    #[test]
    fn shares_add_up_and_every_frame_and_class_is_in_the_grammar() {
        assert!((ORDINARY.iter().map(|kind| kind.share).sum::<f64>() - 1.0).abs() < 1e-9);
        let grammar = Grammar::built_in().unwrap();
        for kind in ORDINARY.iter().chain(&LOOK_ALIKES) {
            for class in kind.classes {
                assert!(!grammar.of_classes(&[class], "en").is_empty(), "{class}");
            }
            for frame in kind.frames {
                assert!(grammar.named(frame).is_some(), "{frame}");
            }
        }
    }
}
