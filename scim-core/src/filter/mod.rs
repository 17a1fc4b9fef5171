//! Filters: RFC 7644 s3.4.2.2. Parse, resolve against a schema, evaluate.

mod ast;
mod error;
mod eval;
mod parse;
mod resolve;
pub mod sql;

pub use ast::{CompareOperator, Filter, Literal};
pub use error::FilterError;
pub use parse::{parse_path, PatchPath};
pub use resolve::{Operand, ResolvedFilter};
