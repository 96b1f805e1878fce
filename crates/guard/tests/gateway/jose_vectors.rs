//! Signatures that others test with (Wycheproof): of the forged ones none is taken, whatever key it is tried with. The
//! payloads are no claims, so a signature holds where the verifier complains about those.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::time::Duration;

use doorward_guard::{TokenError, Verifier};
use model::Secret;
use policy::{Identity, JwtIdentity, Policy};
use serde_json::Value;

use crate::wire::vectors;

fn identity(algorithm: &str) -> JwtIdentity {
    let text = format!(
        "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"{algorithm}\"]\nkeys = {{ env = \"A\" }}\n"
    );
    match Policy::parse(&text).unwrap().identity.remove(0).1 {
        Identity::Jwt(jwt) => jwt,
        other => panic!("{other:?}"),
    }
}

fn decoded(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

/// A DER element.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u16::try_from(contents.len()).unwrap().to_be_bytes() {
        [0, short @ ..0x80] => out.push(short),
        [high, low] => out.extend([0x82, high, low]),
    }
    out.extend_from_slice(contents);
    out
}

/// An `RSAPublicKey` in PEM.
fn pem(key: &Value) -> Vec<u8> {
    let number = |name: &str| {
        let mut digits = decoded(&key[name]);
        if digits[0] >= 0x80 {
            digits.insert(0, 0);
        }
        der(0x02, &digits)
    };
    let body = STANDARD.encode(der(0x30, &[number("n"), number("e")].concat()));
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", lines.join("\n")).into_bytes()
}

fn key_of(group: &Value) -> &Value {
    group.get("public").or_else(|| group.get("private")).unwrap()
}

/// What makes two keys the same.
fn material(group: &Value) -> (&Value, &Value) {
    (&key_of(group)["k"], &key_of(group)["n"])
}

/// A verifier with the key of a group, where it is one for HS256 or RS256. What a JSON Web Key says of its use is not
/// known to a file with a secret or a key in PEM, so keys for something else are left out.
fn verifier(group: &Value) -> Option<Verifier> {
    let key = key_of(group);
    let is_for_us = matches!(key["alg"].as_str(), Some("HS256" | "RS256")) || key.get("alg").is_none();
    let is_for_signatures = key.get("use").is_none_or(|one| one == "sig")
        && key.get("key_ops").is_none_or(|all| all.as_array().unwrap().contains(&"verify".into()));
    if !is_for_us || !is_for_signatures {
        return None;
    }
    let (identity, bytes) = match key["kty"].as_str()? {
        "oct" => (identity("HS256"), decoded(&key["k"])),
        "RSA" => (identity("RS256"), pem(key)),
        _ => return None,
    };
    Verifier::new(&identity, &Secret::new(bytes)).ok()
}

fn signature_holds(verifier: &Verifier, token: &str) -> bool {
    match verifier.verify(token, Duration::from_secs(crate::running::NOW)) {
        Ok(_) | Err(TokenError::Time(_)) => true,
        Err(TokenError::NotValid(why)) => why == "its claims are no JSON",
        Err(_) => false,
    }
}

#[test]
fn no_forged_token_is_taken() {
    let Some(folder) = vectors("jose") else { return };
    let text = std::fs::read_to_string(folder.join("json_web_signature_test.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let verifiers: Vec<Option<Verifier>> = groups.iter().map(verifier).collect();
    // Two of the cases that are to fail have the very text of one that is to hold.
    let valid: Vec<&str> =
        groups.iter().flat_map(tests).filter(|test| test["result"] == "valid").filter_map(token).collect();
    let (mut forged, mut tried, mut ours, mut not_taken) = (Vec::new(), 0, 0, Vec::new());
    for (at, group) in groups.iter().enumerate() {
        for test in tests(group) {
            let Some(token) = token(test) else { continue };
            let name = format!("{} {}", test["tcId"], test["comment"]);
            for (key, verifier) in verifiers.iter().enumerate() {
                let Some(verifier) = verifier else { continue };
                tried += 1;
                let is_real = valid.contains(&token) && material(group) == material(&groups[key]);
                if signature_holds(verifier, token) && !is_real {
                    forged.push(name.clone());
                }
            }
            if let Some(own) = verifiers[at].as_ref().filter(|_| test["result"] == "valid") {
                ours += 1;
                if !signature_holds(own, token) {
                    not_taken.push(name);
                }
            }
        }
    }
    let taken = ours - not_taken.len();
    println!("jose: {tried} attempts, {} forged tokens taken; {taken} of {ours} HS256 and RS256 ones", forged.len());
    assert_eq!(forged, Vec::<String>::new());
    // Wycheproof lets a decoder pass over characters that are no base64; here they are refused.
    let strict = ["372 \"InvalidCharacterInsertedInHeader\"", "373 \"InvalidCharacterInsertedInPayload\""];
    assert_eq!(not_taken, strict);
}

fn tests(group: &Value) -> impl Iterator<Item = &Value> {
    group["tests"].as_array().unwrap().iter()
}

/// The compact form; JSON serialisations are no bearer tokens.
fn token(test: &Value) -> Option<&str> {
    test["jws"].as_str()
}
