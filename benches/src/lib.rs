//! Nothing but the benches in `benches/`: `cargo bench -p scim-benches`.
