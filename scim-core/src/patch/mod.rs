//! PATCH: RFC 7644 s3.5.2, as pure functions on documents.
//!
//! [`PatchPlan::read`] takes the request apart (`request`), translates what providers send into the RFC's operations
//! (`compat::rewrite`), finds the target of each (`read`) and normalises its value (`value`). [`PatchPlan::apply`]
//! changes a document (`apply`), an attribute in it (`change`), its lists (`list`) and the membership of a group
//! (`members`), and composes what happens to write-only attributes (`write_only`).

mod apply;
mod budget;
mod change;
mod kept;
mod list;
mod members;
mod operation;
mod plan;
mod read;
mod request;
mod selection;
mod value;
mod write_only;

pub(crate) use budget::Budget;
pub(crate) use operation::{is_members, OperationName, Target};
pub use plan::{PatchPlan, Patched};
pub(crate) use write_only::whole;
