//! Where host code takes part: before a write, after it, with passwords, and for `/Me`.

mod me;
mod observer;
mod password;
mod policy;

pub use me::{Me, Subject};
pub(crate) use observer::event_kinds;
pub use observer::{Event, EventKind, Observer};
pub use password::PasswordHasher;
pub use policy::{Draft, Policy, Write};
