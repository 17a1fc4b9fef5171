//! OAuth 2.0 bearer tokens that are signed JWTs: which are accepted, and that nothing else is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use scim_core::{
    AuthError, Authenticator, DateTime, JwtAlgorithm, JwtBearer, JwtKey, JwtKeyError, JwtKeySet, JwtKeys, Principal,
    TenantId,
};
use serde_json::{json, Map, Value};

const ISSUER: &str = "https://login.example.com";
const AUDIENCE: &str = "https://example.com/scim";
const NOW: i64 = 1_700_000_000;
const SECRET: &[u8] = b"a secret of more than 32 bytes, for these tests alone";

/// The private key of RFC 8032 s7.1 test 1, and its public key.
const ED_PRIVATE: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const ED_PUBLIC: &str =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----";

/// Public keys, and tokens that their private keys once signed.
fn signed() -> Value {
    serde_json::from_str(include_str!("fixtures/jwt/rfc7515-signed.json")).unwrap()
}

fn fixture(kind: &str, name: &str) -> String {
    signed()[kind][name].as_str().unwrap().to_owned()
}

fn ed_private() -> EncodingKey {
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend((0..32).map(|place| u8::from_str_radix(&ED_PRIVATE[2 * place..2 * place + 2], 16).unwrap()));
    EncodingKey::from_ed_der(&der)
}

fn keys() -> JwtKeySet {
    JwtKeySet::new()
        .with("ed", JwtKey::ed25519_pem(ED_PUBLIC).unwrap())
        .with("rsa", JwtKey::rsa_pem(&fixture("keys", "rsa")).unwrap())
        .with("ec", JwtKey::ec_pem(&fixture("keys", "ec")).unwrap())
        .with("ec384", JwtKey::ec_pem(&fixture("keys", "ec384")).unwrap())
        .with("shared", JwtKey::secret(SECRET).unwrap())
}

fn bearer(keys: impl JwtKeys) -> JwtBearer {
    JwtBearer::new(ISSUER, AUDIENCE, keys, |claims| {
        let tenant = claims.string("tenant")?;
        Some(Principal::new(TenantId::new(tenant), claims.string("sub").unwrap_or("nobody")))
    })
    .with_clock(|| DateTime::from_micros(NOW * 1_000_000))
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 600, "sub": "okta", "tenant": "acme"})
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn claims_without(name: &str) -> Value {
    let mut claims: Map<String, Value> = claims().as_object().unwrap().clone();
    claims.remove(name).unwrap();
    claims.into()
}

fn header(algorithm: Algorithm, key_id: &str) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some(key_id.to_owned());
    header
}

fn token(claims: &Value) -> String {
    jsonwebtoken::encode(&header(Algorithm::EdDSA, "ed"), claims, &ed_private()).unwrap()
}

fn shared_token(algorithm: Algorithm, key_id: &str, secret: &[u8]) -> String {
    jsonwebtoken::encode(&header(algorithm, key_id), &claims(), &EncodingKey::from_secret(secret)).unwrap()
}

/// A token with the header and claims as they are written, signed with the key `ed`.
fn token_of(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &ed_private(), Algorithm::EdDSA).unwrap();
    format!("{signed}.{signature}")
}

async fn ask(bearer: &JwtBearer, token: &str) -> Result<Arc<Principal>, AuthError> {
    let head = http::Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
    bearer.authenticate(&head.into_parts().0).await
}

async fn is_accepted(bearer: &JwtBearer, token: &str) -> bool {
    match ask(bearer, token).await {
        Ok(_) => true,
        Err(AuthError::Invalid) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_good_token_is_whom_the_host_says() {
    let principal = ask(&bearer(keys()), &token(&claims())).await.unwrap();
    assert_eq!((principal.tenant().as_str(), principal.name()), ("acme", "okta"));
    assert!(!is_accepted(&bearer(keys()), &token(&claims_without("tenant"))).await);
}

#[tokio::test]
async fn rfc7518_s3_1_every_asymmetric_algorithm_is_accepted_with_its_key() {
    for algorithm in ["RS256", "RS512", "PS256", "ES256", "ES384"] {
        assert!(is_accepted(&bearer(keys()), &fixture("tokens", algorithm)).await, "{algorithm}");
    }
}

#[tokio::test]
async fn only_allowed_algorithms_are_accepted() {
    let shared = shared_token(Algorithm::HS256, "shared", SECRET);
    assert!(!is_accepted(&bearer(keys()), &shared).await);
    let with_secrets = bearer(keys()).algorithms([JwtAlgorithm::Hs256]);
    assert!(is_accepted(&with_secrets, &shared).await);
    assert!(!is_accepted(&with_secrets, &shared_token(Algorithm::HS384, "shared", SECRET)).await);
    assert!(!is_accepted(&with_secrets, &token(&claims())).await);
    assert!(!is_accepted(&bearer(keys()).algorithms([]), &token(&claims())).await);
}

#[tokio::test]
async fn rfc8725_s2_1_none_is_no_algorithm() {
    let everything = bearer(keys()).algorithms([JwtAlgorithm::Hs256, JwtAlgorithm::EdDsa]);
    let good = token(&claims());
    let payload = good.split('.').nth(1).unwrap();
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": name, "kid": "ed"}).to_string());
        for signature in ["", good.rsplit('.').next().unwrap()] {
            assert!(!is_accepted(&everything, &format!("{header}.{payload}.{signature}")).await, "{name}");
        }
    }
}

#[tokio::test]
async fn rfc8725_s2_1_a_public_key_is_never_a_secret() {
    let everything = bearer(keys()).algorithms(
        [JwtAlgorithm::Hs256, JwtAlgorithm::Hs384, JwtAlgorithm::Hs512]
            .into_iter()
            .chain(JwtAlgorithm::ASYMMETRIC.to_vec()),
    );
    let pem = fixture("keys", "rsa");
    for secret in [pem.as_bytes(), pem.trim().as_bytes(), ED_PUBLIC.as_bytes()] {
        for key_id in ["rsa", "ed", "ec", "ec384"] {
            assert!(!is_accepted(&everything, &shared_token(Algorithm::HS256, key_id, secret)).await);
        }
    }
    assert!(!is_accepted(&everything, &shared_token(Algorithm::HS256, "shared", pem.as_bytes())).await);
    assert!(is_accepted(&everything, &shared_token(Algorithm::HS256, "shared", SECRET)).await);
}

#[tokio::test]
async fn the_key_is_the_one_that_the_token_names() {
    let signed =
        |key_id: &str| jsonwebtoken::encode(&header(Algorithm::EdDSA, key_id), &claims(), &ed_private()).unwrap();
    for key_id in ["rsa", "ec", "shared", "unknown", "", &"x".repeat(300)] {
        assert!(!is_accepted(&bearer(keys()), &signed(key_id)).await, "{key_id}");
    }
    let plain = token_of(r#"{"alg":"EdDSA"}"#, &claims().to_string());
    assert!(!is_accepted(&bearer(keys()), &plain).await);
    let only = JwtKeySet::new().with("any", JwtKey::ed25519_pem(ED_PUBLIC).unwrap());
    assert!(is_accepted(&bearer(only.clone()), &plain).await);
    assert!(!is_accepted(&bearer(only), &signed("ed")).await);
}

#[tokio::test]
async fn rfc7519_s4_1_issuer_and_audience_must_be_there_and_right() {
    let bearer = bearer(keys()).with_audience("second");
    for good in [claims_with("aud", json!([AUDIENCE, "else"])), claims_with("aud", json!("second")), claims()] {
        assert!(is_accepted(&bearer, &token(&good)).await, "{good}");
    }
    for bad in [
        claims_without("iss"),
        claims_without("aud"),
        claims_with("iss", json!("https://login.example.com/")),
        claims_with("iss", json!([ISSUER])),
        claims_with("iss", json!(null)),
        claims_with("aud", json!("https://example.com")),
        claims_with("aud", json!([])),
        claims_with("aud", json!({"a": AUDIENCE})),
        claims_with("aud", json!(["else", [AUDIENCE]])),
    ] {
        assert!(!is_accepted(&bearer, &token(&bad)).await, "{bad}");
    }
}

#[tokio::test]
async fn rfc7519_s4_1_4_a_token_is_good_until_it_expires_and_not_before_its_time() {
    let bearer = bearer(keys()).leeway(Duration::from_secs(10));
    for good in [
        claims_with("exp", json!(NOW - 9)),
        claims_with("exp", json!(NOW as f64 - 9.5)),
        claims_with("nbf", json!(NOW + 10)),
        claims_with("nbf", json!(0)),
    ] {
        assert!(is_accepted(&bearer, &token(&good)).await, "{good}");
    }
    for bad in [
        claims_without("exp"),
        claims_with("exp", json!(NOW - 10)),
        claims_with("exp", json!((NOW + 600).to_string())),
        claims_with("exp", json!(null)),
        claims_with("exp", json!(-1)),
        claims_with("nbf", json!(NOW + 11)),
        claims_with("nbf", json!("0")),
    ] {
        assert!(!is_accepted(&bearer, &token(&bad)).await, "{bad}");
    }
    let lax = self::bearer(keys()).leeway(Duration::MAX);
    assert!(is_accepted(&lax, &token(&claims_with("exp", json!(NOW - 3_599)))).await);
    assert!(!is_accepted(&lax, &token(&claims_with("exp", json!(NOW - 3_600)))).await);
}

#[tokio::test]
async fn rfc7515_s4_1_11_critical_headers_are_refused_and_keys_in_headers_are_not_looked_at() {
    let bearer = bearer(keys());
    let claims = claims().to_string();
    assert!(is_accepted(&bearer, &token_of(r#"{"alg":"EdDSA","kid":"ed","typ":"at+jwt"}"#, &claims)).await);
    for header in [
        r#"{"alg":"EdDSA","kid":"ed","crit":["exp"]}"#,
        r#"{"alg":"EdDSA","kid":"ed","crit":[]}"#,
        r#"{"alg":"EdDSA","kid":7}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"ed"}"#,
        r#"{"alg":["EdDSA"],"kid":"ed"}"#,
        r#"{"kid":"ed"}"#,
        r#"[]"#,
        r#"{"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#,
    ] {
        assert!(!is_accepted(&bearer, &token_of(header, &claims)).await, "{header}");
    }
    let twice = format!("{{\"tenant\":\"globex\",{}", &claims[1..]);
    assert!(!is_accepted(&bearer, &token_of(r#"{"alg":"EdDSA","kid":"ed"}"#, &twice)).await);
}

#[tokio::test]
async fn a_token_with_any_character_changed_is_refused() {
    let good = shared_token(Algorithm::HS256, "shared", SECRET);
    let bearer = bearer(keys()).algorithms([JwtAlgorithm::Hs256]);
    assert!(is_accepted(&bearer, &good).await);
    // The last character has bits that mean nothing; the decoder refuses those too.
    for place in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        assert!(!is_accepted(&bearer, &String::from_utf8(bytes).unwrap()).await, "{place}");
    }
    for cut in ["a", "a.b", "..", "a.b.c.d", &good[..good.rfind('.').unwrap()], &format!("{good}.")] {
        assert!(!is_accepted(&bearer, cut).await, "{cut}");
    }
    assert!(!is_accepted(&bearer, &"a.".repeat(20_000)).await);
}

#[tokio::test]
async fn rfc7517_s5_a_key_set_has_the_public_keys_that_sign() {
    let set = JwtKeySet::from_jwks(&signed()["jwks"].to_string()).unwrap();
    for algorithm in ["RS256", "PS256", "ES256"] {
        assert!(is_accepted(&bearer(set.clone()), &fixture("tokens", algorithm)).await, "{algorithm}");
    }
    for absent in ["shared", "encrypts"] {
        assert!(set.key(Some(absent)).await.unwrap().is_none(), "{absent}");
    }
    for bad in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, r#"{"keys":7}"#] {
        assert_eq!(JwtKeySet::from_jwks(bad).err(), Some(JwtKeyError::NotAKey), "{bad}");
    }
}

#[test]
fn keys_are_of_their_kind_and_not_shown() {
    let rsa = fixture("keys", "rsa");
    assert!(JwtKey::ed25519_pem(&rsa).is_err() && JwtKey::ec_pem(&rsa).is_err() && JwtKey::rsa_pem("x").is_err());
    assert_eq!(JwtKey::secret(&SECRET[..31]).err(), Some(JwtKeyError::ShortSecret));
    let shown = format!("{:?}", JwtKey::secret(SECRET).unwrap());
    assert_eq!(shown, "JwtKey(Hmac)");
}

struct NoKeys;

#[async_trait]
impl JwtKeys for NoKeys {
    async fn key(&self, _: Option<&str>) -> Result<Option<Arc<JwtKey>>, Box<dyn std::error::Error + Send + Sync>> {
        Err("the issuer is out of reach".into())
    }
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_no_reason_to_let_in_or_to_refuse() {
    let result = ask(&bearer(NoKeys), &token(&claims())).await;
    assert!(matches!(result, Err(AuthError::Unavailable(_))));
    assert!(matches!(ask(&bearer(NoKeys), "no token").await, Err(AuthError::Invalid)));
}
