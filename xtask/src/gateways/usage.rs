//! What a process took, as Linux accounts for it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Time on a processor of all threads of a process, to the nanosecond.
pub(super) fn processor(process: u32) -> Result<Duration> {
    let tasks = format!("/proc/{process}/task");
    let mut all = 0;
    for task in fs::read_dir(&tasks).with_context(|| tasks.clone())? {
        let path = task?.path().join("schedstat");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let first = text.split_whitespace().next().unwrap_or_default();
        all += first.parse::<u64>().with_context(|| format!("{}: `{text}`", path.display()))?;
    }
    Ok(Duration::from_nanos(all))
}

/// Resident memory, in KiB.
pub(super) fn resident_kib(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line =
        text.lines().find_map(|line| line.strip_prefix("VmRSS:")).with_context(|| format!("{path} has no VmRSS"))?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_took_something() {
        let mut sum = 0_u64;
        for n in 0..5_000_000_u64 {
            sum = sum.wrapping_add(std::hint::black_box(n));
        }
        assert!(sum > 0 && processor(std::process::id()).expect("of this one") > Duration::ZERO);
        assert!(resident_kib(std::process::id()).expect("of this one") > 100.0);
        assert!(processor(0).is_err());
    }
}
