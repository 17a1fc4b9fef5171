//! The program as the README has it, running.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "../../hello-axum/tests/steps/mod.rs"]
mod steps;

#[test]
fn the_readme_has_the_program_and_it_is_short() {
    steps::the_readme_has_it(include_str!("../src/main.rs"));
}

#[test]
fn the_program_runs() {
    steps::it_runs(env!("CARGO_BIN_EXE_hello-actix"));
}
