//! `00_README.txt`: description of a bundle, and instructions for checking it without Stillhunt.

/// Text of the README. `fingerprint` is that of the signing key.
pub(super) fn readme(case: &str, fingerprint: &str, include_text: bool) -> String {
    let text = if include_text {
        "The records include prompts and responses.\n"
    } else {
        "Prompts, responses and prompt embeddings are left out of the records. The redaction log has the\n\
         SHA-256 of each value left out. EX-0001.source-NN.schema.json names the columns of the log that\n\
         are left out of the source rows. Two things that come from prompts are NOT withheld: topic\n\
         labels, which are words of prompts, and prompt templates, which are beginnings of prompts with\n\
         numbers and quotations masked. They occur in exhibits, scopes, methods, report and journal.\n"
    };
    let case: String = crate::model::visible(case).replace('\n', " ");
    README.replace("{TEXT}", text).replace("{FINGERPRINT}", fingerprint).replace("{CASE}", &case)
}

const README: &str = r#"CASE BUNDLE FOR PRODUCTION: {CASE}

This folder is a BagIt bag (RFC 8493, SHA-256) written by Stillhunt. It contains the records that an
investigator marked in the logs of a model API, figures made from these logs, the methods, and
the chain of custody. The program puts accounts forward for review by measured behaviour. This
bundle does not say who operates an account, of which nation an operator is, what anyone intended,
or that a model was trained on the answers. It gives no probability of guilt.

CONTENTS
  data/01_report     the report: XHTML without scripts, for any browser. It explains its terms.
  data/02_records    the records marked as evidence, as Parquet, each file with a description of its
                     columns (the folder is absent if no exchange was marked).
                     EX-0001.parquet has columns under Stillhunt's names.
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
  data/08_legal      redaction_log.csv: values and journal entries withheld, with reasons

{TEXT}The investigator's notes are work product of counsel and are left out. The journal has only the
SHA-256 of an entry's content if the content has such a note or is withheld for another reason.

HOW TO CHECK THIS BUNDLE (run the commands in this folder)
  1. Every file:      sha256sum -c manifest-sha256.txt
                      sha256sum -c tagmanifest-sha256.txt
  2. The whole bag:   bagit.py --validate .            (Python package bagit)
  3. The signer:      ssh-keygen -Y verify -f data/06_custody/allowed_signers -I stillhunt \
                        -n file -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt
                      The fingerprint of the key has to be
                        {FINGERPRINT}
                      Compare it with the fingerprint that the sender gave you in another way, such
                      as by telephone. The bundle alone proves only that the holder of the key that
                      it names wrote it.
  4. The journal:     ssh-keygen -Y verify -f data/06_custody/allowed_signers -I stillhunt \
                        -n file -s data/06_custody/journal.checkpoint.sig \
                        < data/06_custody/journal.checkpoint
                      Each line of journal.jsonl has the fields prev, body_hash and hash. The field
                      hash is the SHA-256 of the line "PREV BODY_HASH" with its line end:
                        printf '%s %s\n' PREV BODY_HASH | sha256sum
                      The field body_hash is the SHA-256 of the body. If a body is withheld, its
                      line still has body_hash, and the chain can be checked in the same way.
  5. The summaries:   in data/04_summaries, each S-*.sql run by DuckDB gives its S-*.csv.
  6. The records:     record_sha256 is the SHA-256 of all columns of a row of the log, by the rule in
                      data/05_methods/record_hash.txt. It can always be computed from the log, and
                      from EX-0001.source-NN.parquet if no column is withheld there. Times in
                      EX-0001.parquet are cut to microseconds; the source rows keep nanoseconds.
  7. All of these but the summaries:
                      stillhunt verify .

Files that belong at the root: bagit.txt, bag-info.txt, manifest-sha256.txt,
tagmanifest-sha256.txt and tagmanifest-sha256.txt.sig. The last one signs the one before it and is
therefore listed in no manifest. No other file belongs at the root.

HOW TEXT IS WRITTEN
  Other people wrote the text in the logs. In the tables of 03_exhibits, 05_methods and 06_custody a
  control or invisible character is written as its code in angle brackets, such as ⟨U+202E⟩. A
  cell that begins with = + - @ or a tab has a ' before it, so that no spreadsheet takes it for
  a formula. In 04_summaries a ' stands before the same characters and before a carriage return;
  the text is otherwise unchanged. The records in 02_records are unchanged.

DIFFERENCES BETWEEN TWO EXPORTS OF THE SAME CASE
  An export adds its own entry to the journal. Two exports therefore differ in journal.jsonl,
  journal.checkpoint, its signature, the description of the journal in the report, the date in
  bag-info.txt, and hence in the manifests and their signature. All else is the same to the byte.
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_whose_key_and_what_is_left_out() {
        let text = readme("acme\n\u{202e}", "SHA256:abc", false);
        assert!(text.contains("SHA256:abc") && text.contains("redaction_log.csv") && !text.contains('{'));
        assert!(text.starts_with("CASE BUNDLE FOR PRODUCTION: acme ⟨U+202E⟩\n"));
        assert!(readme("x", "y", true).contains("include prompts"));
    }
}
