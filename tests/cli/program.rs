//! The example command line as a program.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The example. `cargo test` builds it before it runs the tests; `cargo test
/// --test cli` doesn't, so it is built here where need be.
pub fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--example", "search"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.unwrap().success(), "the example doesn't build");
        // The tests are in target/debug/deps.
        let mut path = std::env::current_exe().unwrap();
        path.pop();
        path.pop();
        path.join("examples")
            .join(format!("search{}", std::env::consts::EXE_SUFFIX))
    })
}
