//! Signatures that others test with (Wycheproof): of the forged ones none is taken, whatever key it is tried with. The
//! payloads are no claims, so a signature holds where the verifier complains about those.

use std::collections::BTreeMap;
use std::time::Duration;

use doorward_guard::{TokenError, Verifier};
use model::Secret;
use policy::{Algorithm, Identity, JwtIdentity, Policy};
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

fn key_of(group: &Value) -> &Value {
    group.get("public").or_else(|| group.get("private")).unwrap()
}

/// What makes two keys the same.
fn material(group: &Value) -> [&Value; 3] {
    ["k", "n", "x"].map(|name| &key_of(group)[name])
}

/// The verifiers with the key of a group, one for each algorithm, by the code that loads keys. A key that says what it is for
/// serves nothing else.
fn verifiers(group: &Value) -> Vec<(Algorithm, Verifier)> {
    let key = Secret::new(key_of(group).to_string().into_bytes());
    let load = |algorithm: &Algorithm| Some((*algorithm, Verifier::new(&identity(algorithm.word()), &key).ok()?));
    Algorithm::ALL.iter().filter_map(load).collect()
}

fn signature_holds(verifier: &Verifier, token: &str) -> bool {
    match verifier.verify(token, Duration::from_secs(crate::running::NOW)) {
        Ok(_) | Err(TokenError::Time(_)) => true,
        Err(TokenError::NotValid(why)) => why.starts_with("its claims are no JSON"),
        Err(_) => false,
    }
}

/// Why a token that others take is not taken here.
fn why_not(group: &Value, test: &Value) -> &'static str {
    match (key_of(group)["alg"].as_str(), test["comment"].as_str().unwrap()) {
        // RFC 7520 section 4.2 signs with PS384; the key of the vectors says that it is for PS256.
        (Some("PS256"), "Figure20") => "the key says that it is for another algorithm",
        (Some("ES521"), _) => "the key says that it is for ES521, which is none",
        // Wycheproof lets a decoder pass over characters that are no base64; here they are refused.
        (_, "InvalidCharacterInsertedInHeader" | "InvalidCharacterInsertedInPayload") => "strict base64url",
        _ => "no reason is known",
    }
}

#[test]
fn no_forged_token_is_taken() {
    let Some(folder) = vectors("jose") else { return };
    let text = std::fs::read_to_string(folder.join("json_web_signature_test.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let verifiers: Vec<Vec<(Algorithm, Verifier)>> = groups.iter().map(verifiers).collect();
    // Two of the cases that are to fail have the very text of one that is to hold.
    let valid: Vec<&str> =
        groups.iter().flat_map(tests).filter(|test| test["result"] == "valid").filter_map(token).collect();
    let (mut forged, mut tried, mut real, mut not_taken) = (Vec::new(), 0, 0, BTreeMap::<&str, u32>::new());
    for (at, group) in groups.iter().enumerate() {
        for test in tests(group) {
            let Some(token) = token(test) else { continue };
            for (key, all) in verifiers.iter().enumerate() {
                let is_real = valid.contains(&token) && material(group) == material(&groups[key]);
                for (algorithm, verifier) in all {
                    tried += 1;
                    if signature_holds(verifier, token) && !is_real {
                        forged.push(format!("{} {} {}", test["tcId"], test["comment"], algorithm.word()));
                    }
                }
            }
            if test["result"] == "valid" {
                real += 1;
                if !verifiers[at].iter().any(|(_, own)| signature_holds(own, token)) {
                    *not_taken.entry(why_not(group, test)).or_default() += 1;
                }
            }
        }
    }
    println!(
        "jose: {tried} attempts, {} forged tokens taken; of {real} real ones not taken: {not_taken:?}",
        forged.len()
    );
    assert_eq!(forged, Vec::<String>::new());
    let expected = BTreeMap::from([
        ("strict base64url", 2),
        ("the key says that it is for another algorithm", 2),
        ("the key says that it is for ES521, which is none", 2),
    ]);
    assert_eq!(not_taken, expected);
}

fn tests(group: &Value) -> impl Iterator<Item = &Value> {
    group["tests"].as_array().unwrap().iter()
}

/// The compact form; JSON serialisations are no bearer tokens.
fn token(test: &Value) -> Option<&str> {
    test["jws"].as_str()
}

#[test]
fn the_examples_of_rfc_7515_and_rfc_8037_hold() {
    const CLAIMS: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rsa = concat!(
        r#"{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP"#,
        "1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB",
        "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs9",
        r#"1kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#
    );
    let rsa_signature = concat!(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dn",
        "ZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC",
        "-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    let secret =
        r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let ec = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let ec_signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    for (rfc, algorithm, key, header, signature) in [
        (
            "7515 A.1",
            "HS256",
            secret,
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        ("7515 A.2", "RS256", rsa, "eyJhbGciOiJSUzI1NiJ9", rsa_signature),
        ("7515 A.3", "ES256", ec, "eyJhbGciOiJFUzI1NiJ9", ec_signature),
    ] {
        let verifier = Verifier::new(&identity(algorithm), &Secret::new(key.as_bytes().to_vec())).unwrap();
        let token = format!("{header}.{CLAIMS}.{signature}");
        let verified = verifier.verify(&token, Duration::from_secs(1_300_819_379));
        assert_eq!(verified.map(|token| token.claims["iss"].clone()), Ok("joe".into()), "RFC {rfc}");
    }
    let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let token = concat!(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    let verifier = Verifier::new(&identity("EdDSA"), &Secret::new(ed.as_bytes().to_vec())).unwrap();
    // Its payload is a text and no claims, which is complained about only where the signature holds.
    assert!(signature_holds(&verifier, token), "RFC 8037 A.4");
}
