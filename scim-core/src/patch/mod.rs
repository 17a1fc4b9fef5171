//! PATCH: RFC 7644 s3.5.2, as pure functions on documents.

mod apply;
mod plan;

pub use plan::{PatchPlan, Patched};
