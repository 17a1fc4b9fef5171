//! Starts the catalog: `cargo run -p data-catalog`, or with `postgres://...` as the last argument to keep the data there
//! and not in `data-catalog.db`.

#[tokio::main]
async fn main() -> Result<(), example_host::Error> {
    let first = "To make a token: curl -X POST SITE/workspaces/acme/api-tokens";
    example_host::run("data-catalog", first, data_catalog::app).await
}
