//! Filters: RFC 7644 s3.4.2.2. Parse, resolve against a schema, evaluate.

mod ast;
mod compare;
mod display;
mod error;
mod eval;
mod lexer;
mod parse;
mod refusal;
mod resolve;
pub mod sql;
mod string;

pub use ast::{CompareOperator, Filter, Literal};
pub use error::FilterError;
pub use parse::{parse_path, PatchPath};
pub use resolve::{Operand, ResolvedFilter};
