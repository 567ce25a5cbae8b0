//! The kinds of accounts that are no campaign: ordinary people and the innocents who look guilty.

/// When an account is at work.
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
    /// A campaign's account that takes its turn in shifts.
    Shift,
    /// Requests at any time, alike likely.
    Poisson,
}

/// Where its requests come from and with what.
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
    /// When.
    pub rhythm: Rhythm,
    /// From where.
    pub client: Client,
    /// What about.
    pub classes: &'static [&'static str],
    /// On how many subjects an account stays; 0: all of its classes.
    pub favourites: usize,
    /// Mean number of turns of a conversation.
    pub turns: f64,
    /// The frames an account chooses one of, empty where prompts are bare.
    pub frames: &'static [&'static str],
    /// The stated use cases an account chooses one of.
    pub uses: &'static [&'static str],
    /// Whether the group has one payment.
    pub one_payer: bool,
    /// Whether a group with one payment says that it is one organisation.
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

const PEOPLE: &[&str] = &["home", "writing", "study", "business", "science", "software", "data"];

const BASE: Kind = Kind {
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

/// The innocents who look guilty, each with what makes it look so. `share` is one group's size.
pub const LOOK_ALIKES: [Kind; 20] = [
    Kind {
        label: "agency",
        prompt: 260.0,
        rules: (3, 9),
        groups: 2.0,
        share: 16.0,
        volume: 1.6,
        rhythm: Rhythm::Office,
        client: Client::Office,
        classes: &["business", "writing"],
        favourites: 3,
        frames: &["agency-brief"],
        uses: &["content creation"],
        one_payer: true,
        ..BASE
    },
    Kind {
        label: "campus",
        share: 30.0,
        volume: 0.7,
        rhythm: Rhythm::Student,
        client: Client::Nat,
        classes: &["study", "science", "writing"],
        uses: &["education"],
        ..BASE
    },
    Kind { label: "vpn_exit", share: 30.0, volume: 0.7, client: Client::Nat, ..BASE },
    Kind { label: "carrier_nat", share: 36.0, volume: 0.4, client: Client::Nat, ..BASE },
    Kind {
        label: "eval_harness",
        prompt: 240.0,
        share: 4.0,
        volume: 9.0,
        rhythm: Rhythm::Sweep,
        client: Client::Server,
        classes: &["exam", "science", "study", "software", "data", "business"],
        favourites: 0,
        turns: 1.0,
        frames: &["exam-letter", "exam-reason"],
        uses: &["evaluation", "research"],
        output: 90.0,
        ..BASE
    },
    Kind {
        label: "lab_sweep",
        prompt: 240.0,
        declared: false,
        groups: 2.0,
        share: 6.0,
        volume: 3.5,
        rhythm: Rhythm::Sweep,
        client: Client::Server,
        classes: &["exam", "science", "data", "agentic"],
        favourites: 0,
        turns: 1.0,
        frames: &["exam-reason"],
        uses: &["research"],
        one_payer: true,
        output: 220.0,
        ..BASE
    },
    Kind {
        label: "batch_customer",
        prompt: 220.0,
        rules: (2, 6),
        share: 3.0,
        volume: 14.0,
        rhythm: Rhythm::Nightly,
        client: Client::Server,
        classes: &["reviews"],
        turns: 1.0,
        frames: &["sentiment-batch", "extract-batch"],
        uses: &["data processing"],
        new: 0.0,
        output: 12.0,
        ..BASE
    },
    Kind {
        label: "sharded_production",
        prompt: 130.0,
        rules: (10, 26),
        groups: 2.0,
        share: 8.0,
        volume: 4.0,
        rhythm: Rhythm::Service,
        client: Client::Server,
        classes: &["support", "home"],
        favourites: 0,
        turns: 1.6,
        frames: &["shop-assistant"],
        uses: &["customer application"],
        one_payer: true,
        end_users: 900,
        new: 0.0,
        output: 150.0,
        ..BASE
    },
    Kind {
        label: "support_bot",
        prompt: 120.0,
        rules: (8, 28),
        share: 4.0,
        volume: 9.0,
        rhythm: Rhythm::Service,
        client: Client::Server,
        classes: &["support"],
        turns: 2.4,
        frames: &["support-bot"],
        uses: &["customer support"],
        end_users: 1_500,
        new: 0.0,
        output: 120.0,
        ..BASE
    },
    Kind {
        label: "reseller",
        share: 3.0,
        volume: 11.0,
        rhythm: Rhythm::Service,
        client: Client::Server,
        classes: PEOPLE,
        favourites: 0,
        turns: 2.2,
        uses: &["customer application"],
        end_users: 600,
        ..BASE
    },
    Kind {
        label: "follow_the_sun",
        prompt: 380.0,
        share: 12.0,
        volume: 3.2,
        rhythm: Rhythm::FollowTheSun,
        client: Client::Office,
        classes: &["software", "agentic", "data"],
        favourites: 5,
        turns: 2.8,
        uses: &["software development"],
        one_payer: true,
        output: 380.0,
        ..BASE
    },
    Kind {
        label: "class_deadline",
        share: 24.0,
        volume: 0.5,
        rhythm: Rhythm::Deadline,
        client: Client::Nat,
        classes: &["assignment"],
        uses: &["education"],
        new: 0.8,
        ..BASE
    },
    Kind {
        label: "small_team",
        prompt: 300.0,
        declared: false,
        groups: 10.0,
        share: 4.0,
        volume: 1.2,
        rhythm: Rhythm::Office,
        client: Client::Office,
        classes: &["software", "business", "data"],
        uses: &["software development", "business productivity"],
        one_payer: true,
        ..BASE
    },
    Kind {
        label: "new_power_user",
        prompt: 300.0,
        share: 20.0,
        volume: 3.8,
        favourites: 8,
        turns: 3.0,
        uses: &["personal", "prototyping", "research"],
        new: 1.0,
        output: 420.0,
        ..BASE
    },
    Kind {
        label: "synthetic_data_hobbyist",
        prompt: 60.0,
        share: 5.0,
        volume: 5.0,
        rhythm: Rhythm::Sweep,
        classes: PEOPLE,
        favourites: 12,
        turns: 1.0,
        frames: &["synthetic-data"],
        uses: &["personal", "research"],
        new: 0.7,
        output: 420.0,
        ..BASE
    },
    Kind {
        label: "chat_aggregator",
        share: 3.0,
        volume: 9.0,
        rhythm: Rhythm::Service,
        client: Client::Server,
        classes: PEOPLE,
        favourites: 0,
        turns: 3.2,
        frames: &["chat-app"],
        rules: (4, 14),
        uses: &["customer application"],
        end_users: 2_000,
        output: 300.0,
        ..BASE
    },
    Kind {
        label: "hackathon",
        share: 24.0,
        volume: 1.2,
        rhythm: Rhythm::Event,
        client: Client::Nat,
        classes: &["software", "agentic", "data"],
        prompt: 330.0,
        uses: &["prototyping", "software development"],
        new: 1.0,
        output: 380.0,
        ..BASE
    },
    Kind {
        label: "classroom",
        share: 26.0,
        volume: 0.6,
        rhythm: Rhythm::Office,
        client: Client::Nat,
        classes: &["study", "assignment"],
        favourites: 2,
        uses: &["education"],
        new: 0.6,
        ..BASE
    },
    Kind {
        label: "homework",
        share: 24.0,
        volume: 0.5,
        rhythm: Rhythm::Student,
        classes: &["study", "science", "exam"],
        favourites: 6,
        turns: 1.3,
        uses: &["education", "personal"],
        new: 0.5,
        output: 300.0,
        ..BASE
    },
    Kind {
        label: "rag_app",
        share: 3.0,
        volume: 7.0,
        rhythm: Rhythm::Service,
        client: Client::Server,
        classes: &["business", "science", "support"],
        favourites: 2,
        turns: 1.2,
        frames: &["rag-answer"],
        prompt: 1_800.0,
        rules: (4, 12),
        uses: &["customer application", "business productivity"],
        end_users: 700,
        output: 150.0,
        ..BASE
    },
];

/// What a campaign's account is when it is nothing else: its cover traffic, its stated use.
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
