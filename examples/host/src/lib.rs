//! What your product has already, whatever it is: a database, people who sign in, pages and a program that starts. The
//! examples share it, so that each of them is what SCIM takes and nothing else. Nothing here is for production.

mod answer;
mod pages;
mod program;
mod sessions;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;

pub use answer::{Answer, Failure};
pub use pages::{asset, protect, time};
pub use program::{run, Error};
pub use sessions::Sessions;
pub use tables::Tables;
