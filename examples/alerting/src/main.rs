//! Starts the service: `cargo run -p alerting`, or with `postgres://...` as the last argument to keep the data there and
//! not in `alerting.db`.

#[tokio::main]
async fn main() -> Result<(), example_host::Error> {
    let first = "To connect a customer: curl -X POST SITE/customers/acme/connection";
    example_host::run("alerting", first, alerting::app).await
}
