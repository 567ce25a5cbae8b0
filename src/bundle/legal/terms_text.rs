//! `08_legal/tos/T#.txt`: the clauses of each version of the terms as text.

use super::utc::utc;
use crate::case::legal::Legal;
use crate::exhibit::xml::visible_xml;

/// Path and bytes of the text of each version, named by the number of the version's item.
pub(super) fn files(legal: &Legal) -> Vec<(String, Vec<u8>)> {
    let one = |(number, terms): (u64, &crate::case::legal::TermsVersion)| {
        let to = terms.to.map_or_else(|| "no end recorded".to_owned(), |to| utc(Some(to)));
        let mut text = format!(
            "Terms of service, version {}\nIn force from {} (UTC) to {to}\n",
            visible_xml(&terms.version).replace('\n', " "),
            utc(Some(terms.from)),
        );
        if let Some(document) = &terms.document {
            let name = visible_xml(&document.name).replace('\n', " ");
            text.push_str(&format!("Document {name}, SHA-256 {}\n", document.sha256));
        }
        for (_, clause) in legal.clauses().filter(|(_, clause)| clause.version == terms.version) {
            let name = visible_xml(&clause.clause).replace('\n', " ");
            text.push_str(&format!("\nClause {name}\n{}\n", visible_xml(&clause.text)));
        }
        (format!("08_legal/tos/T{number}.txt"), text.into_bytes())
    };
    legal.terms().map(one).collect()
}
