//! Starts the portal at `http://127.0.0.1:3000` with a database in `client-portal.db`: `cargo run -p client-portal`.
//! `SCIM_LISTEN` is another address, and `SCIM_STORE` another file or the URL of a PostgreSQL database.

#[tokio::main]
async fn main() -> Result<(), example_host::Error> {
    let first = "Choose a client and a provider there, and it shows a key and a curl command";
    example_host::run("client-portal", first, client_portal::app).await
}
