//! Glossary of the report.

/// Terms of the report, for readers outside the field.
pub(super) const TERMS: [(&str, &str); 32] = [
    (
        "account",
        "The unit of this case, as the log names it: a billed account, organisation, API key or end user.",
    ),
    (
        "exchange",
        "One request to the model and its response: one row of a log. It is named by the SHA-256 of its snapshot, its file and its row, counted from 0. Rows of exhibits are counted from 1.",
    ),
    ("snapshot", "A set of log files, identified by its SHA-256. The files are never changed."),
    ("SHA-256", "A number computed from a file or a record. A changed file has another SHA-256."),
    (
        "signal",
        "A measured behaviour of an account or a group, with its own definition and unit (section Method).",
    ),
    ("lead", "A group of accounts, or one account, that the program puts forward for review."),
    (
        "core member",
        "An account that formed the lead, by values that few accounts have, or by prompts similar to those of others.",
    ),
    (
        "joined member",
        "An account that was added to the lead because a model of this case gives it a high membership probability.",
    ),
    (
        "content community",
        "Accounts whose prompts are more similar to each other than to those of other accounts. They need share nothing else.",
    ),
    (
        "event of a content community",
        "Something that happened to accounts, such as being new and heavy. It is evidence if it happened to more of the community than to others.",
    ),
    (
        "new and heavy",
        "Created shortly before the log begins or later, and used as much as the median account or more. The finding states both thresholds.",
    ),
    (
        "client family",
        "Programs that name themselves alike to the service, such as one library in several versions.",
    ),
    ("prompts of their own", "Prompts of an account of which nobody else sent more than half."),
    (
        "peers, cohort",
        "The accounts that an account is compared with: those of the same stated use, model and volume, where they are enough.",
    ),
    ("ordinary group", "A group of accounts that would form in this case without a campaign."),
    (
        "extraction-likeness",
        "How unusual the use of the accounts is among their peers, in ways that collecting responses can cause. It does not show a purpose.",
    ),
    (
        "common control",
        "How far the accounts act as one, by measures of their use. A company or a class can cause it too.",
    ),
    ("volume quintile", "One of five classes of accounts by number of exchanges; the fifth has the most."),
    ("rank", "The position of a lead in the list: an order of review."),
    (
        "campaign",
        "Accounts that act together to collect a model's responses in order to train a copy. The program calls no lead a campaign.",
    ),
    (
        "p-value",
        "An upper bound on how often ordinary accounts or groups of this case would have figures as unusual by chance. It is not the probability that the accounts are innocent.",
    ),
    (
        "q-value",
        "If all leads with an equal or smaller q-value are taken as true, the expected share of wrong ones among them (Benjamini–Hochberg 1995). It is not the chance that this lead is wrong.",
    ),
    ("bits", "A measure of rarity. Each bit halves the number of other accounts that share a value."),
    ("relied-on", "A tag: the case rests on this evidence."),
    ("exculpatory", "A tag: this evidence speaks against the case."),
    ("context", "A tag: this evidence helps to understand the rest."),
    ("control", "A tag: these accounts are known to be benign; error rates are measured on them."),
    (
        "benign explanation, benign look-alike",
        "A cause of the same figures that is no campaign, such as a reseller or a university.",
    ),
    (
        "commitment to the record",
        "A hash of the withheld record with a secret number. It shows later that the record was not changed, and does not disclose it.",
    ),
    (
        "element",
        "A fact that a party has to show under a legal frame: contract, trade secret or computer access.",
    ),
    (
        "linked account",
        "Another member of the lead of an account. A link does not show who operates either of them.",
    ),
    (
        "journal",
        "The record of all actions in this case. Each entry has the hash of the entry before it, so that a later change can be detected.",
    ),
];
