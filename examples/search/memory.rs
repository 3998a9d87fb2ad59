//! Telling glibc to give memory back.
//!
//! It keeps what is freed for later, in pieces below a size which it raises by
//! itself to as much as 32 MB; so a program that indexes holds on to a third more
//! memory than it uses. It can be told a size, but only by the environment that a
//! program begins with; so this one begins again, as the same process.

/// The variable that tells it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const THRESHOLD: &str = "MALLOC_MMAP_THRESHOLD_";

/// What is as large is given back at once.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const BYTES: &str = "1048576";

/// Begins again with such an environment, unless it is there.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn begin_frugally() {
    use std::os::unix::process::CommandExt;

    if std::env::var_os(THRESHOLD).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1));
    // It returns only if it can't be done; then more memory does it, too.
    let _ = command.env(THRESHOLD, BYTES).exec();
}

/// Other systems give it back.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn begin_frugally() {}
