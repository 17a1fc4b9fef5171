//! The HTTP suite: whether a server speaks the protocol.
#![allow(clippy::indexing_slicing, reason = "a JSON value answers null for a member that is not there")]

mod answer;
mod bulk;
mod check;
mod cursor;
mod custom;
mod delete;
mod discovery;
mod errors;
mod exchange;
mod filters;
mod get;
mod groups;
mod limits;
mod me;
mod paging;
mod patch;
mod post;
mod projection;
mod provider;
mod put;
mod recipe;
mod search;
mod session;
mod suite;
mod tenants;
mod versions;

pub use exchange::Exchange;
pub use recipe::{http_server, http_server_of};
pub use suite::HttpSuite;

use check::Check;

/// Every check, by topic.
fn checks() -> impl Iterator<Item = &'static Check> {
    [
        post::CHECKS,
        get::CHECKS,
        put::CHECKS,
        patch::CHECKS,
        delete::CHECKS,
        versions::CHECKS,
        projection::CHECKS,
        filters::CHECKS,
        paging::CHECKS,
        cursor::CHECKS,
        search::CHECKS,
        groups::CHECKS,
        me::CHECKS,
        custom::CHECKS,
        bulk::CHECKS,
        discovery::CHECKS,
        errors::CHECKS,
        tenants::CHECKS,
        limits::CHECKS,
    ]
    .into_iter()
    .flatten()
}
