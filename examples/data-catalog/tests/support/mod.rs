//! The product over every database there is.

use example_host::testing;
pub(crate) use example_host::testing::{send, Answer, Service};

pub(crate) fn on_every_database(test: impl Fn(&Service)) {
    testing::on_every_database(data_catalog::app, test);
}
