//! The store suite: whether a [`ResourceStore`](crate::ResourceStore) keeps its contract.

mod check;
mod claims;
mod create;
mod cursor;
mod delete;
mod fetch;
mod filter_cases;
mod filter_meta;
mod filter_probes;
mod filter_users;
mod fixture;
mod groups;
mod members;
mod members_update;
mod move_races;
mod moves;
mod paging;
mod partitions;
mod probe;
mod race;
mod races;
mod read;
mod sort;
mod suite;
mod tenants;
mod uniqueness;
mod units;
mod update;
mod values;
mod write_only;

pub use suite::StoreSuite;

use check::Check;

/// Every check, by topic.
fn checks() -> impl Iterator<Item = &'static Check> {
    [
        create::CHECKS,
        values::CHECKS,
        read::CHECKS,
        update::CHECKS,
        delete::CHECKS,
        uniqueness::CHECKS,
        tenants::CHECKS,
        members::CHECKS,
        members_update::CHECKS,
        groups::CHECKS,
        fetch::CHECKS,
        paging::CHECKS,
        filter_users::CHECKS,
        filter_probes::CHECKS,
        filter_meta::CHECKS,
        sort::CHECKS,
        cursor::CHECKS,
        races::CHECKS,
        units::CHECKS,
        partitions::CHECKS,
        moves::CHECKS,
        move_races::CHECKS,
        claims::CHECKS,
        write_only::CHECKS,
    ]
    .into_iter()
    .flatten()
}
