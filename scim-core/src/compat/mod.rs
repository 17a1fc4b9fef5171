//! What real identity providers send against the RFC, each as a named switch.

mod coerce;
mod profile;
pub(crate) mod rewrite;
mod switch;

pub(crate) use coerce::{coerce, wrap_single};
pub use profile::{CompatProfile, UnknownExtensions};
