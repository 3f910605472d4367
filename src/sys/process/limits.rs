//! Resource limits of this process.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Limits this process to seconds of CPU and bytes of address space, without a
/// core file. Past the CPU limit it dies of SIGXCPU.
///
/// # Errors
/// If the system refuses.
pub fn limit_this_process(cpu_seconds: u64, memory: u64) -> io::Result<()> {
    let limits = [
        (Resource::Cpu, cpu_seconds, cpu_seconds + 1),
        (Resource::As, memory, memory),
        (Resource::Core, 0, 0),
    ];
    for (resource, current, maximum) in limits {
        let limit = Rlimit {
            current: Some(current),
            maximum: Some(maximum),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}
