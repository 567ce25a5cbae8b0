//! `05_methods/hashes.txt`: the rule behind every hash, pseudonym and commitment in a bundle.

/// Text of the file.
pub(super) const RULES: &str = r#"THE RULE BEHIND EVERY HASH IN THIS BUNDLE

All hashes are SHA-256 (FIPS 180-4), written as 64 hexadecimal digits. HMAC is HMAC-SHA-256 (RFC 2104).
"\0" is one zero byte, "\n" one line feed. JSON is compact: no spaces between tokens, UTF-8, only the
characters that JSON requires escaped.

1. Files. manifest-sha256.txt and tagmanifest-sha256.txt: SHA-256 of the file's bytes.
2. Snapshots. snapshot_sha256: SHA-256 over the lines that sha256sum prints for the snapshot's files
   ("SHA-256␠␠NAME\n"), sorted by name. sources.csv has all of them. Where names of files have accounts or
   other private values, pseudonyms stand in their place outside the company. There snapshot_sha256 is made of the
   names as they stand in sources.csv: that of the log's own names would confirm a guess of them. INTERNAL has
   both names and both hashes in 10_internal/pseudonyms.csv. The SHA-256 of a file is that of its contents.
3. Records. record_sha256: record_hash.txt, beside this file.
4. Journal. hash = SHA-256("PREV BODY_HASH\n"), with 64 zeros for PREV of the first entry.
   An entry whose body has "format":2 consists of fields. A field is a value of the body that is neither
   object nor list, or a list without objects and lists inside. Its line is the JSON list
   ["SALT","POINTER",VALUE], POINTER being the JSON pointer (RFC 6901). Its commitment is the SHA-256 of
   that line without a line end. BODY_HASH is the SHA-256 of all commitments in order, each followed by
   "\n". A withheld field has its commitment in journal.jsonl instead of its line. SALT is the first 32
   hexadecimal digits of HMAC(key = the body's value "salt", POINTER); "salt" itself is no field.
   In an entry without "format", BODY_HASH is the SHA-256 of the body. Where such a body is withheld,
   its line has "stated" values instead: they are part of this signed bundle, and the chain binds them
   only once the body itself is disclosed.
   "instead" is what stands in place of a withheld value, such as a pseudonym. It is part of this signed
   bundle and not bound by the chain.
5. Pseudonyms. WORD-DIGITS: WORD is account, card, address, network, domain, template, organisation, key
   or user; DIGITS are the first 16 hexadecimal digits of HMAC(key of the case, WORD "\0" VALUE). A
   pseudonym of an academic email domain ends in .edu. The key is in the INTERNAL bundle alone. Lists
   and tables are in the order of the pseudonyms wherever they would be in that of the log's own names.
6. Commitments to withheld values. SHA-256 of the JSON list ["SALT","EXCHANGE","COLUMN",VALUE], where
   VALUE is the text, or a JSON string of the value's compact JSON where it is no text. For a record
   COLUMN is "record" and VALUE is its record_sha256. SALT is the first 32 hexadecimal digits of HMAC(key
   of the case, "salt\0" EXCHANGE "\0" COLUMN). Salts are in the INTERNAL bundle, 10_internal/salts.csv,
   and can be disclosed one by one: whoever gets SALT and VALUE computes the commitment.
   Of words left out of a text the commitment is that to the whole text as it was. redacted_copy_sha256 is
   the SHA-256 of the JSON list of all texts of a row as they stand in EX-0001.parquet: the columns of type
   string from account_id on, in their order, null where there is no value.
7. Leads. Inside the company L-DIGITS: the first digits of SHA-256 over netstrings of the method's version
   and of the ids of the core accounts as logged, sorted. It has no key, so that a list of all accounts would
   give the members of a small lead. In every bundle but INTERNAL a lead is therefore L- and the first 10
   hexadecimal digits of HMAC(key of the case, "lead\0" L-DIGITS). INTERNAL has both in
   10_internal/pseudonyms.csv.
8. Signatures. Ed25519 in the format of ssh-keygen -Y sign, namespace "file", over the bytes of
   tagmanifest-sha256.txt and of journal.checkpoint.
"#;
