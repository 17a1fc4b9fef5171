//! Several operations in one request: RFC 7644 s3.7.
//!
//! Every operation passes the checks and hooks of a single request. The RFC leaves open some of the rest; here
//!
//! - operations are performed in the given order, save that one that refers to a bulkId defined after it waits for that
//!   one; operations on the same resource do not overtake one another;
//! - results are in the order of the request, without bodies for what succeeded; nothing is loaded to be shown, so that
//!   a change of a large group, which alone would be 204, is 200 like any other;
//! - operations that refer to one another in a circle (s3.7.1) are created without the references that lead nowhere yet,
//!   which are added once everything exists; a circle succeeds or fails as a whole, and what of a failed one was created
//!   is deleted again;
//! - an operation that refers to a failed one fails with 400 `invalidValue`, one in a circle that cannot be resolved with
//!   409;
//! - where Bulk requests are [atomic](crate::ScimServerBuilder::atomic_bulk) the first error ends the request, and every
//!   other operation is reported as not performed, with 409;
//! - what is wrong with one operation is its own result, be it that its data is JSON a single request may not have; what
//!   leaves open what the request means as a whole, such as a bulkId defined twice, is an error of the request, and
//!   nothing is performed.
//!
//! The data of an operation stays text until its turn, unless it may refer to others: a request of many operations is
//! never in memory as a whole but as it was sent, and what is read is used while the processor still has it at hand.

mod data;
mod order;
mod plan;
mod reference;
mod request;
mod response;
mod results;
mod run;

use http::StatusCode;

use self::order::{order, Step};
use self::plan::Plan;
use self::request::BulkRequest;
use self::response::BulkResponse;
use self::results::Results;
use self::run::Run;
use super::unit::Unit;
use crate::context::Context;
use crate::error::ScimError;
use crate::log_line::log_cause;
use crate::patch::Budget;
use crate::provisioning::Face;
use crate::response::{to_bytes, Answer};
use crate::server::Engine;

/// The circumstances of a Bulk request: a context for each resource type, in the order of the server's list.
pub(crate) struct Bulk<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) face: &'a Face,
    pub(crate) contexts: &'a [Context],
    /// What all PATCHes of the request may go through together.
    pub(crate) budget: &'a Budget,
}

impl Bulk<'_> {
    /// Performs the operations of a body.
    ///
    /// # Errors
    ///
    /// 400 and 413 for the request as a whole, and then nothing is performed; what becomes of single operations is in the
    /// answer. Where Bulk requests are atomic, also why the store could not begin or end the unit of work.
    pub(crate) async fn perform(&self, body: &[u8]) -> Result<Answer, ScimError> {
        let profile = self.contexts.first().and_then(|cx| cx.principal.profile()).unwrap_or(&self.engine.profile);
        let request = BulkRequest::read(body, profile, &self.engine.limits)?;
        let plan = Plan::new(self, profile, request.operations)?;
        let steps = order(&plan.dependencies);
        let results = match self.contexts.first().filter(|_| self.engine.atomic_bulk) {
            None => self.run(None, plan).perform(steps, request.fail_on_errors).await,
            Some(cx) => self.perform_as_one(cx, plan, steps).await?,
        };
        let body = to_bytes(&BulkResponse { engine: self.engine, results: &results })?;
        let mut answer = Answer::json(StatusCode::OK, body).ignoring(results.ignored);
        answer.failed_operations = results.errors;
        Ok(answer)
    }

    fn run<'r>(&'r self, unit: Option<&'r Unit>, plan: Plan) -> Run<'r> {
        Run::new(self, unit, plan)
    }

    /// All operations or none. The first that fails is the last that is tried.
    async fn perform_as_one(&self, cx: &Context, plan: Plan, steps: Vec<Step>) -> Result<Results, ScimError> {
        let unit = Unit::begin(self.engine, cx).await?;
        let mut results = self.run(Some(&unit), plan).perform(steps, Some(1)).await;
        match results.first_failed() {
            None => unit.commit(self.engine).await?,
            Some(failed) => {
                if let Err(error) = unit.rollback(self.engine).await {
                    log_cause(&error, &cx.request_id);
                }
                results.give_up(failed);
            }
        }
        Ok(results)
    }
}
