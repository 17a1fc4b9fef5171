//! Keys that tokens are verified with.

use std::fmt;

use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::token::Token;

/// The shortest secret of an HMAC: as long as its hash (RFC 7518 s3.2).
const LEAST_SECRET_BYTES: usize = 32;

/// How a token is signed (RFC 7518 s3.1, RFC 8037). There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "they are the names of RFC 7518")]
pub enum JwtAlgorithm {
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl JwtAlgorithm {
    /// Those with a public key, which the issuer alone can sign with.
    pub const ASYMMETRIC: &'static [Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The algorithm of this `alg`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let [hs256, hs384, hs512] = [Self::Hs256, Self::Hs384, Self::Hs512];
        [hs256, hs384, hs512].into_iter().chain(Self::ASYMMETRIC.iter().copied()).find(|one| one.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    fn implemented(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
            Self::Hs384 => Algorithm::HS384,
            Self::Hs512 => Algorithm::HS512,
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Ps384 => Algorithm::PS384,
            Self::Ps512 => Algorithm::PS512,
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

/// A key that tokens are verified with. It is good for the algorithms of its kind alone: a public key is never taken for
/// a secret.
#[derive(Clone)]
pub struct JwtKey(DecodingKey);

impl JwtKey {
    /// A public RSA key in PEM, for RS256 to PS512.
    ///
    /// # Errors
    ///
    /// For what is none.
    pub fn rsa_pem(pem: &str) -> Result<Self, JwtKeyError> {
        DecodingKey::from_rsa_pem(pem.as_bytes()).map(Self).map_err(|_| JwtKeyError::NotAKey)
    }

    /// A public key on the curve P-256 or P-384 in PEM, for ES256 or ES384.
    ///
    /// # Errors
    ///
    /// For what is none.
    pub fn ec_pem(pem: &str) -> Result<Self, JwtKeyError> {
        DecodingKey::from_ec_pem(pem.as_bytes()).map(Self).map_err(|_| JwtKeyError::NotAKey)
    }

    /// A public key on Ed25519 in PEM, for EdDSA.
    ///
    /// # Errors
    ///
    /// For what is none.
    pub fn ed25519_pem(pem: &str) -> Result<Self, JwtKeyError> {
        DecodingKey::from_ed_pem(pem.as_bytes()).map(Self).map_err(|_| JwtKeyError::NotAKey)
    }

    /// A secret that this server shares with the issuer, for HS256 to HS512, which must be
    /// [allowed](crate::JwtBearer::algorithms) too.
    ///
    /// # Errors
    ///
    /// For a secret of fewer than 32 bytes.
    pub fn secret(secret: &[u8]) -> Result<Self, JwtKeyError> {
        if secret.len() < LEAST_SECRET_BYTES {
            return Err(JwtKeyError::ShortSecret);
        }
        Ok(Self(DecodingKey::from_secret(secret)))
    }

    /// A public key as a JSON Web Key (RFC 7517).
    ///
    /// # Errors
    ///
    /// For what is none, and for a secret.
    pub fn jwk(jwk: &Value) -> Result<Self, JwtKeyError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        let key = match text("kty") {
            "RSA" => DecodingKey::from_rsa_components(text("n"), text("e")),
            "EC" => DecodingKey::from_ec_components(text("x"), text("y")),
            "OKP" if text("crv") == "Ed25519" => DecodingKey::from_ed_components(text("x")),
            _ => return Err(JwtKeyError::NotAKey),
        };
        key.map(Self).map_err(|_| JwtKeyError::NotAKey)
    }

    /// Whether the token is signed with it.
    pub(super) fn verifies(&self, token: &Token<'_>) -> bool {
        let algorithm = token.algorithm.implemented();
        if self.0.family() != algorithm.family() {
            return false;
        }
        // By this provider and not the one of the process, which may be another, or none.
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.0);
        verifier.is_ok_and(|verifier| verifier.verify(token.signed, &token.signature).is_ok())
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JwtKey").field(&self.0.family()).finish()
    }
}

/// Why something is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtKeyError {
    /// It is not a public key of the kind that is wanted.
    #[error("this is not a public key of the kind that is wanted")]
    NotAKey,
    /// The secret is too short to be one.
    #[error("a shared secret must have 32 bytes or more")]
    ShortSecret,
}
