//! `00_README.txt`: what a bundle is and how to check it without Stillhunt.

/// The text of the README. `fingerprint` is that of the signing key.
pub(super) fn readme(case: &str, fingerprint: &str, include_text: bool) -> String {
    let text = if include_text {
        "The records include prompts and responses.\n"
    } else {
        "Prompts, responses and prompt embeddings are left out of the records; what was withheld is\n\
         listed with its SHA-256 in data/08_legal/redaction_log.csv. Not withheld, though they come from\n\
         prompts: topic labels, which are words that mark the prompts of a topic, and prompt templates,\n\
         which are how prompts begin, with numbers and quotations masked. They stand in exhibits, scopes,\n\
         methods, report and journal.\n"
    };
    let case: String = crate::model::visible(case).replace('\n', " ");
    README.replace("{TEXT}", text).replace("{FINGERPRINT}", fingerprint).replace("{CASE}", &case)
}

const README: &str = r#"CASE BUNDLE FOR PRODUCTION: {CASE}

This folder is a BagIt bag (RFC 8493, SHA-256) written by Stillhunt. It holds what an
investigator marked in the logs of a model API, the figures made from it, the methods, and the
chain of custody. Every lead in it was put forward by measured behaviour; the bundle does not
claim who operates an account, of what nation, with what intent, that a model was trained on the
answers, or a probability of guilt.

WHAT IS WHERE
  data/01_report     the report, XHTML without scripts
  data/02_records    the records marked as evidence, as Parquet, with a description of columns
                     (absent where no single exchange was marked): EX-0001.parquet has the columns
                     under the names this program gives them; EX-0001.source-NN.parquet has the
                     rows as the log has them, to the bit
  data/03_exhibits   tables (CSV) and figures (SVG)
  data/04_summaries  counts over the records, each with the SQL that gives the same figures
                     (absent where there are no records)
  data/05_methods    definitions, error rates, controls, benign alternatives, versions
  data/06_custody    sources and their hashes, clocks, scopes used, the journal, and gaps: hours
                     without an exchange in a file, in a snapshot (no file named), in all
                     snapshots together (no snapshot named)
  data/08_legal      what was withheld

{TEXT}The investigator's notes are counsel's work product and are left out; journal entries that hold
one stand as bare hashes.

HOW TO CHECK IT, in this folder
  1. Every file:      sha256sum -c manifest-sha256.txt
                      sha256sum -c tagmanifest-sha256.txt
  2. The whole bag:   bagit.py --validate .            (Python package bagit)
  3. Who wrote it:    ssh-keygen -Y verify -f data/06_custody/allowed_signers -I stillhunt \
                        -n file -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt
                      The key's fingerprint is to be
                        {FINGERPRINT}
                      Compare it with what the sender told you by another way: a bundle can
                      only show that it was written by the holder of the key that it names.
  4. The journal:     ssh-keygen -Y verify -f data/06_custody/allowed_signers -I stillhunt \
                        -n file -s data/06_custody/journal.checkpoint.sig \
                        < data/06_custody/journal.checkpoint
                      Each line of journal.jsonl has prev, body_hash and hash, where hash is the
                      SHA-256 of the line "PREV BODY_HASH" with its line end:
                        printf '%s %s\n' PREV BODY_HASH | sha256sum
                      and body_hash the SHA-256 of the body. Where a body is withheld its hash
                      stands alone, and the chain still holds.
  5. The summaries:   in data/04_summaries, each S-*.sql run by DuckDB gives its S-*.csv.
  6. The records:     record_sha256 is the SHA-256 of a row of the log, all of its columns, by the
                      rule in data/05_methods/record_hash.txt. It can be computed from
                      EX-0001.source-NN.parquet where no column is withheld there, and from the
                      log itself always. Times of EX-0001.parquet are cut to microseconds; the
                      source rows keep their nanoseconds.
  7. All at once:     stillhunt verify .

Files that may stand at the root: bagit.txt, bag-info.txt, manifest-sha256.txt,
tagmanifest-sha256.txt and tagmanifest-sha256.txt.sig (which signs the one before it and
therefore stands in no manifest). Anything else at the root does not belong here.

HOW TEXT IS WRITTEN
  Text from the logs was written by others. In the tables under 03_exhibits, 05_methods and
  06_custody, control and invisible characters stand as codes such as <U+202E> in angle
  brackets; a cell that begins with = + - @ or a tab has a ' before it, so that no spreadsheet
  takes it for a formula. In 04_summaries a ' stands before the same characters and before a
  carriage return, and the text is otherwise verbatim. The records in 02_records are verbatim.

WHAT DIFFERS BETWEEN TWO EXPORTS OF THE SAME CASE
  The export's own entry in the journal (so journal.jsonl, journal.checkpoint and its
  signature, and the journal head in the report), the date in bag-info.txt, and with them the
  manifests and their signature. Everything else is the same to the byte.
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
