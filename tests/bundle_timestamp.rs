//! Time stamps (RFC 3161) of a bundle, with an authority that the test makes with `openssl`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{few_logs, output, run, tag_and_export, text};

const CONFIGURATION: &str = "
[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
tsa_name = yes
ess_cert_id_chain = no
";

fn openssl(folder: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// An authority: its key, and a certificate of a root for time stamps.
fn authority(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("tsa.cnf"), CONFIGURATION).unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    fs::write(
        folder.join("ext.cnf"),
        "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n",
    )
    .unwrap();
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /O=Test/CN=Root -days 30",
    );
    openssl(
        folder,
        "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /O=Example/CN=Time_Authority",
    );
    openssl(
        folder,
        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -extfile ext.cnf -days 30",
    );
}

/// The authority's answer to a request.
fn answer(folder: &Path, request: &Path, name: &str, more: &str) {
    let request = text(request);
    openssl(
        folder,
        &format!(
            "ts -reply -config tsa.cnf -queryfile {request} -signer tsa.pem -inkey tsa.key -out {name}{more}"
        ),
    );
}

#[test]
fn a_time_stamp_is_asked_for_attached_and_checked() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI has to have openssl");
        eprintln!("skipped: there is no openssl");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let logs = few_logs(home);
    let case = home.join("case.stillhunt");
    run(home, &["import", text(&case), text(&logs)]);
    let bag = tag_and_export(home, &case);
    let tsa = home.join("tsa");
    authority(&tsa);

    let request = bag.join("tagmanifest-sha256.txt.tsq");
    let shown = openssl(&bag, "ts -query -in tagmanifest-sha256.txt.tsq -text");
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.contains("Hash Algorithm: sha256") && shown.contains("Certificate required: yes"),
        "{shown}"
    );
    assert!(run(home, &["verify", text(&bag)]).contains("No time stamp is attached."));

    answer(&tsa, &request, "answer.tsr", "");
    openssl(&tsa, &format!("ts -verify -in answer.tsr -queryfile {} -CAfile ca.pem", text(&request)));
    let attached = run(home, &["attach-timestamp", text(&bag), text(&tsa.join("answer.tsr"))]);
    assert!(
        attached.contains("Time_Authority, Example") && attached.contains("was not checked"),
        "{attached}"
    );
    let verified = run(home, &["verify", text(&bag)]);
    assert!(verified.contains("time stated by Time_Authority, Example: 20"), "{verified}");
    let json: serde_json::Value =
        serde_json::from_str(&run(home, &["verify", text(&bag), "--json"])).unwrap();
    assert_eq!(json["time_stamp"]["signature_checked"], false);
    openssl(
        &bag,
        &format!(
            "ts -verify -in tagmanifest-sha256.txt.tsr -data tagmanifest-sha256.txt -CAfile {}",
            text(&tsa.join("ca.pem"))
        ),
    );

    // The token alone serves as well; an answer to another request, a damaged one and a second one do not.
    let stamp = bag.join("tagmanifest-sha256.txt.tsr");
    fs::remove_file(&stamp).unwrap();
    answer(&tsa, &request, "token.der", " -token_out");
    run(home, &["attach-timestamp", text(&bag), text(&tsa.join("token.der"))]);
    let again = output(home, &["attach-timestamp", text(&bag), text(&tsa.join("answer.tsr"))]);
    assert_eq!(again.status.code(), Some(1));
    fs::remove_file(&stamp).unwrap();
    fs::write(tsa.join("other"), "other").unwrap();
    openssl(&tsa, "ts -query -data other -sha256 -out other.tsq");
    answer(&tsa, &tsa.join("other.tsq"), "other.tsr", "");
    let other = output(home, &["attach-timestamp", text(&bag), text(&tsa.join("other.tsr"))]);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&other.stderr).contains("is a time stamp of SHA-256 "),
        "{}",
        common::said(&other)
    );
    fs::copy(tsa.join("other.tsr"), &stamp).unwrap();
    assert_eq!(output(home, &["verify", text(&bag)]).status.code(), Some(1));
    let sound = fs::read(tsa.join("answer.tsr")).unwrap();
    // Another year in what is stated, which the hash in the signed attributes does not have.
    let at = sound.windows(2).position(|pair| pair == [0x18, 15]).expect("a time") + 5;
    let mut later = sound.clone();
    later[at] += 1;
    fs::write(&stamp, later).unwrap();
    let output_of = output(home, &["verify", text(&bag)]);
    assert_eq!(output_of.status.code(), Some(1), "{}", common::said(&output_of));
    for length in [0, 1, 40, sound.len() - 1] {
        fs::write(&stamp, &sound[..length]).unwrap();
        let output = output(home, &["verify", text(&bag)]);
        assert_eq!(output.status.code(), Some(1), "{length}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("tagmanifest-sha256.txt.tsr"));
    }
}
