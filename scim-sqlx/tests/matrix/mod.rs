//! Everything that a client can put an id or a value into, tried with ids and values that are not the client's own.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice
)]

pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod place;
pub(crate) mod servers;
pub(crate) mod values;
pub(crate) mod world;

mod bodies;
mod bulk;
mod paths;
mod queries;
