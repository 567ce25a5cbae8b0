//! `00_README.txt`: description of a bundle, and instructions for checking it without Stillhunt.

use super::{Audience, VOUCHED};

/// Text of the README. `fingerprint` is that of the signing key.
pub(super) fn readme(case: &str, fingerprint: &str, include_text: bool, audience: Audience) -> String {
    let text = match (include_text, audience.are_names_clear()) {
        (true, true) => WITH_TEXT,
        (true, false) => REDACTED_TEXT,
        (false, true) => WITHOUT_TEXT,
        (false, false) => PRIVATE_TEXT,
    };
    let names = if audience.are_names_clear() { CLEAR } else { PSEUDONYMS };
    let case: String = crate::model::visible(case).replace('\n', " ");
    let body = if audience.has_records() { README } else { SHORT };
    let contents = match audience {
        Audience::Share => {
            "  data/indicators.stix.json   indicators in STIX 2.1: values that accounts of leads relied on share. Cards are\n                     SHA-256 of their fingerprint; fingerprints of less than 64 bits are left out, since\n                     they could be guessed. No account, no prompt and no other content.\n                     Values of a lead are shared only if every benign explanation of it was weighed and\n                     ruled out: one that nobody weighed counts as one that is open. Left out are addresses\n                     that are not one party's (private, carrier, documentation, loopback, link-local,\n                     reserved) and values of accounts outside or of exculpated, contested or control accounts.\n  data/indicators_left_out.csv   number of indicators, and of leads and values left out with the reason"
        }
        _ => {
            "  data/01_report     incident.xhtml and incident.csv: the incident, with what the organisation has stated\n                     and what was computed from the logs\n  data/06_custody    sources.csv: the logs with their SHA-256"
        }
    };
    body.replace("{CONTENTS}", contents)
        .replace("{TEXT}", text)
        .replace("{NAMES}", names)
        .replace("{AUDIENCE}", &audience.word().to_uppercase())
        .replace("{CHECK}", CHECK)
        .replace("{VOUCHED}", &only_the_signer(audience))
        .replace("{FINGERPRINT}", fingerprint)
        .replace("{CASE}", &case)
}

/// List of the parts that no other part of a bundle gives.
fn only_the_signer(audience: Audience) -> String {
    let is_own = |files: &str| match audience {
        Audience::Share => files.starts_with("indicators"),
        Audience::Regulator => files.contains("incident"),
        _ => !files.starts_with("indicators") && !files.contains("incident"),
    };
    VOUCHED.iter().filter(|own| is_own(own.files)).map(|own| wrapped(&own.in_words())).collect()
}

/// A text in lines of at most 100 characters, indented by two characters and then by four.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), "  ".to_owned());
    for word in text.split(' ') {
        if line.chars().count() + word.chars().count() > 99 && line.trim() != "" {
            lines += &format!("{}\n", line.trim_end());
            line = "    ".to_owned();
        }
        line += word;
        line.push(' ');
    }
    lines + line.trim_end() + "\n"
}

/// Sentence of the README of a bundle with prompts and responses.
pub(super) const TEXT_INCLUDED: &str = "The records include prompts and responses.";
const WITH_TEXT: &str = "The records include prompts and responses. Nothing is redacted in them.\n";
const REDACTED_TEXT: &str = "\
The records include prompts and responses. Words such as [REDACTED: e-mail address, R3] stand in place of
words that are left out: R3 is the number of the redaction. The redaction log has a row for each, with rule
or person, reason, a range of the length, and a salted commitment to the whole text as it was. A redacted
record has a SHA-256 of its own (redacted_copy_sha256), and its source row lacks the redacted values.
Names in the text stand as pseudonyms; words of the text that equal a prompt template stay.
";
const WITHOUT_TEXT: &str = "\
Prompts, responses and prompt embeddings are left out of the records. The redaction log has the
SHA-256 of each value left out.
";
const PRIVATE_TEXT: &str = "\
Prompts, responses, prompt embeddings and hashes of prompts are left out of the records. The redaction
log has a salted commitment to each value left out and a range of its length. The salts are disclosed
one by one on order; 05_methods/hashes.txt says how a disclosed value is checked.
";
const CLEAR: &str = "\
Names of accounts, cards, addresses and organisations stand in clear. data/10_internal has the key of
the pseudonyms in the other bundles, the salts of their commitments, the places of redactions (which are
made in the other bundles alone), and the investigator's notes.
THIS BUNDLE IS WORK PRODUCT OF COUNSEL AND GOES TO NOBODY ELSE.
";
const PSEUDONYMS: &str = "\
Accounts, cards, addresses, networks, email domains, organisations, API keys, end users and prompt
templates stand as keyed pseudonyms such as account-0123456789abcdef: one name has one pseudonym in
every file. Leads have keyed ids. Topics have numbers instead of words. NOT withheld are user agents, TLS
fingerprints, ASN, country, stated use, access tier, model, sign-up bursts, times of exchanges, of creation and
of verification, conversation and request ids, stop reasons, token counts, latencies, token entropies, watermark
scores, and names of log files. Accounts, cards, addresses and the like in names of log files stand as pseudonyms
too, unless the journal has the setting file_names: clear; snapshot_sha256 is then made of the names as they stand
here, and the files are in the order of these names. Figures of single accounts are exact, of accounts that nobody relies on too
(signal values, tokens, days of creation and use): whoever knows an invoice or a sign-up day finds the row. The
journal names other bundles of this case, with audience and time. Not searched for in prose that people wrote are names of fewer than
five characters, numbers of fewer than six digits, plain words, and words of the program.
The investigator's notes are work product of counsel and are left out; so is the story, unless the report
prints it as its narrative. The journal shows sequence, time,
person, action and object of every entry. Single fields are withheld: notes, paths of the investigator's
machine, names behind pseudonyms. Each stands as a salted commitment, with its reason in the redaction
log. For entries of format 1 the chain binds the whole entry; values shown for a withheld one are bound
only by this bundle's signature.
";

/// Checks that every bundle allows.
const CHECK: &str = r#"  1. Every file:      sha256sum -c manifest-sha256.txt
                      sha256sum -c tagmanifest-sha256.txt
  2. The whole bag:   bagit.py --validate .            (Python package bagit)
  3. The signer:      ssh-keygen -Y verify -f data/06_custody/allowed_signers -I stillhunt \
                        -n file -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt
                      The fingerprint of the key has to be
                        {FINGERPRINT}
                      Compare it with the fingerprint that the sender gave you in another way, such
                      as by telephone. The bundle alone proves only that the holder of the key that
                      it names wrote it: stillhunt verify . --signer FINGERPRINT checks that it is the
                      key that you were given.
     The time:        tagmanifest-sha256.txt.tsq is a request for a time stamp (RFC 3161) of the SHA-256 of
                      tagmanifest-sha256.txt. tagmanifest-sha256.txt.tsr, if it is there, is the answer of
                      an authority: openssl ts -verify -in tagmanifest-sha256.txt.tsr \
                        -queryfile tagmanifest-sha256.txt.tsq -CAfile CERTIFICATE_OF_THE_AUTHORITY"#;

const SHORT: &str = r#"CASE BUNDLE FOR {AUDIENCE}: {CASE}

This folder is a BagIt bag (RFC 8493, SHA-256) written by Stillhunt. The program puts accounts forward for
review by measured behaviour. This bundle does not say who operates an account, of which nation an
operator is, what anyone intended, or that a model was trained on the answers.

CONTENTS
{CONTENTS}
                     data/06_custody/journal.checkpoint is the signed head of the case's journal
  data/00_CHANGES.txt  version of this bundle

HOW TO CHECK THIS BUNDLE (run the commands in this folder)
{CHECK}

WHAT ONLY THE SIGNER VOUCHES FOR
{VOUCHED}
Files that belong at the root: bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt,
tagmanifest-sha256.txt.sig and .tsq, and .tsr where a time stamp was attached. No other file belongs there.
"#;

const README: &str = r#"CASE BUNDLE FOR {AUDIENCE}: {CASE}

This folder is a BagIt bag (RFC 8493, SHA-256) written by Stillhunt. It contains the records that an
investigator marked in the logs of a model API, figures made from these logs, the methods, and
the chain of custody. The program puts accounts forward for review by measured behaviour. This
bundle does not say who operates an account, of which nation an operator is, what anyone intended,
or that a model was trained on the answers. It gives no probability of guilt.

CONTENTS
  data/01_report     the report, once as PDF (PDF/A-2u) and once as XHTML without scripts, with the
                     same content. Each figure in it names the exhibit and the row that has it.
                     records.pdf and records.xhtml: annex that prints the records, with their
                     designation (absent if no exchange was marked)
  data/02_records    the records marked as evidence, as Parquet, each file with a description of its
                     columns (the folder is absent if no exchange was marked).
                     EX-0001.parquet has columns under Stillhunt's names; EX-0001.csv is the same for a
                     spreadsheet.
                     EX-0001.source-NN.parquet has the rows with names and values of the log.
  data/03_exhibits   tables (CSV) and figures (SVG)
  data/04_summaries  counts of the records, each with SQL that gives the same figures
                     (the folder is absent if there are no records)
  data/05_methods    definitions, error rates, control accounts, benign explanations, versions
  data/06_custody    sources with their hashes, statements on clocks, scopes used, the journal;
                     gaps.csv: hours without an exchange in a file, in a snapshot (no file named)
                     or in all snapshots together (no snapshot named);
                     import_reports.json: of each snapshot the files left out, the rows read, left
                     out and set aside with the reasons, and where each column came from.
                     Values that could not be read and the folders of files left out are withheld.
  data/07_provenance case.jsonld: people, program, files of the log, exhibits and acts in CASE/UCO 1.4
  data/08_legal      redaction_log.csv: values, words and journal fields withheld, with reasons;
                     designations.csv: confidentiality of each file; bag-info.txt has the most restrictive;
                     elements.csv: the legal elements of the proceeding that bag-info.txt names (Profile),
                     with what is stated and assigned to each, empty ones too; tos: clauses,
                     acceptance; notices, measures, prices, losses; after_revocation.csv and harm.csv:
                     exchanges after notices, and their cost, computed from the logs
  data/09_loadfile   VOL001.dat: a line for the report, its annex and each record (Concordance: UTF-8
                     with byte order mark, values between þ, U+0014 between values); FIELDS.csv: its fields;
                     TEXT: prompt and response of each record, or that they are withheld
  data/00_CHANGES.txt  version of this bundle, and what was done since the one before

{TEXT}{NAMES}
HOW TO CHECK THIS BUNDLE (run the commands in this folder)
{CHECK}
  4. The journal:     ssh-keygen -Y verify -f data/06_custody/allowed_signers -I stillhunt \
                        -n file -s data/06_custody/journal.checkpoint.sig \
                        < data/06_custody/journal.checkpoint
                      Each line of journal.jsonl has the fields prev, body_hash and hash. The field
                      hash is the SHA-256 of the line "PREV BODY_HASH" with its line end:
                        printf '%s %s\n' PREV BODY_HASH | sha256sum
                      The field body_hash is the SHA-256 of the commitments of the entry's fields, a line
                      each; the commitment of a disclosed field is the SHA-256 of its text:
                        printf '%s' FIELD | sha256sum
                      journal.csv is the same journal for a spreadsheet. All rules: data/05_methods/hashes.txt
  5. The summaries:   in data/04_summaries, each S-*.sql run by DuckDB gives its S-*.csv.
  6. The records:     record_sha256 is the SHA-256 of all columns of a row of the log, by the rule in
                      data/05_methods/record_hash.txt; record_commitment is a salted commitment to it
                      (hashes.txt). Times in EX-0001.parquet are cut to microseconds; the source rows
                      keep nanoseconds.
  7. The parts together:  stillhunt verify .
                      compares files, signatures, journal, records and figures with each other. It counts
                      04_summaries/S-* and the figures of 04_summaries/underlying again without SQL.

WHAT ONLY THE SIGNER VOUCHES FOR
  A table or value is made again by stillhunt verify from other parts of this bundle, or stands in two
  places that are compared, or is in this list. stillhunt reproduce makes again from the logs what only
  they show.
{VOUCHED}
Files that belong at the root: bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt,
tagmanifest-sha256.txt.sig and .tsq, and .tsr where a time stamp was attached. The last three are about
tagmanifest-sha256.txt and therefore listed in no manifest. No other file belongs at the root.

HOW TEXT IS WRITTEN
  Other people wrote the text in the logs. In the tables of 03_exhibits, 05_methods and 06_custody a
  control or invisible character other than a tab or a line end is written as its code in angle brackets,
  such as ⟨U+202E⟩. A
  cell that begins with = + - @ (full-width forms too) or a tab and is no negative number has a ' before it, so that no spreadsheet
  takes it for a formula. CSV is UTF-8 without byte order mark; a spreadsheet has to import it as UTF-8. The same holds for EX-0001.csv in 02_records, for CSV in 04_summaries/underlying, and, but for
  the ', for 09_loadfile. In 04_summaries a ' stands before the same characters and before a carriage return;
  the text is otherwise unchanged. The Parquet files in 02_records have text unchanged; in EX-0001 identifiers
  have \xFF for a byte that is not UTF-8, and \x5C for a backslash before what looks like such a code.

MAKING THIS BUNDLE AGAIN FROM THE LOGS
  stillhunt reproduce . --snapshots LOGS --internal BUNDLE needs an INTERNAL bundle that is not older than this
  one: export both in one command (--audience internal,production), or INTERNAL last.

DIFFERENCES BETWEEN TWO EXPORTS OF THE SAME CASE
  An export adds its own entry to the journal. Two exports therefore differ in journal.jsonl,
  journal.csv, journal.checkpoint, its signature, the description of the journal in the report, the journal's hash
  at the foot of each page of report and records, 00_CHANGES.txt, case.jsonld, indicators.stix.json, the date and version in bag-info.txt, and hence in the manifests, their signature and
  the request for a time stamp. All else is the same to the byte.
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_whose_key_and_what_is_left_out() {
        let text = readme("acme\n\u{202e}", "SHA256:abc", false, Audience::Production);
        assert!(text.contains("SHA256:abc") && text.contains("redaction_log.csv") && !text.contains('{'));
        assert!(text.starts_with("CASE BUNDLE FOR PRODUCTION: acme ⟨U+202E⟩\n"));
        assert!(readme("x", "y", true, Audience::Production).contains("include prompts"));
        for audience in Audience::ALL {
            let text = readme("x", "SHA256:abc", false, audience);
            assert!(text.contains("SHA256:abc") && !text.contains('{'), "{text}");
            assert!(text.contains(&audience.word().to_uppercase()));
        }
    }
}
