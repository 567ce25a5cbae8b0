//! Glossary of the report.

/// Terms of the report, for readers outside the field.
pub(super) const TERMS: [(&str, &str); 21] = [
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
        "A measured behaviour of an account or a group, with its own definition and unit (section Methods).",
    ),
    ("lead", "A group of accounts, or one account, that the program puts forward for review."),
    (
        "core member",
        "An account that formed the lead, by rare values that it shares with other accounts or by similar prompts.",
    ),
    ("joined member", "An account that was added to the lead because of its membership probability."),
    ("rank", "The position of a lead in the list: an order of review."),
    (
        "campaign",
        "Accounts that act together to collect a model's responses in order to train a copy. The program calls no lead a campaign.",
    ),
    (
        "p-value",
        "An upper bound on how often a group of ordinary accounts of this case would have figures as unusual by chance. It is not the probability that the accounts are innocent.",
    ),
    (
        "q-value",
        "The expected share of false leads among all leads with an equal or smaller q-value (Benjamini–Hochberg 1995). Without a q-value no error rate is claimed.",
    ),
    ("bits", "A measure of rarity. Each bit halves the number of other accounts that share a value."),
    ("relied-on", "A tag: the case rests on this evidence."),
    ("exculpatory", "A tag: this evidence speaks against the case."),
    ("context", "A tag: this evidence helps to understand the rest."),
    ("control", "A tag: these accounts are known to be benign; error rates are measured on them."),
    ("benign explanation", "An innocent cause of the same figures, such as a reseller or a university."),
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
