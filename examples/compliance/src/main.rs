//! Starts the product: `cargo run -p compliance`, or with `postgres://...` behind `--`.

#[tokio::main]
async fn main() -> Result<(), example_host::Error> {
    let first = "To add a connection: curl SITE/companies/acme/connections --json '\"custom\"'";
    example_host::run("compliance", first, compliance::app).await
}
