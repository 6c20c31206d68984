//! The `unlith` command.

fn main() {}
