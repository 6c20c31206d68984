//! The `unlith` command.

use std::process::ExitCode;

/// Facts are many small allocations made on many threads, which is what this allocator is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    unlith::cli::main()
}
