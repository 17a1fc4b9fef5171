//! Requests that nobody should send.

pub mod documents;
pub mod heads;
pub mod json;
pub mod judge;
pub mod patches;
