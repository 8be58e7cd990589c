//! Figures as people read them.

/// 1234567 as 1,234,567.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|g| String::from_utf8_lossy(g).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

/// 0.123 as 12.3 %.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
