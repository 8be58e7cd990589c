//! Plans for people.

use super::{Bound, Plan, Plans};
use crate::table::{Page, bytes, count, percent, seconds};

/// What a bound means for who is about to buy.
fn words(bound: Bound) -> &'static str {
    match bound {
        Bound::Host => "the host: a faster board or line would change little",
        Bound::Line => "the line: a faster core would change little",
        Bound::Core => "the core: more multipliers or a faster clock would help",
        Bound::Turns => "the wait of every job: short jobs are not worth their way",
    }
}

fn short(bound: Bound) -> &'static str {
    match bound {
        Bound::Host => "host",
        Bound::Line => "line",
        Bound::Core => "core",
        Bound::Turns => "turns",
    }
}

fn name(plan: &Plan) -> String {
    plan.board.clone().unwrap_or_else(|| "(any)".into())
}

fn clock(plan: &Plan) -> String {
    format!("{:.0} MHz{}", plan.mhz, if plan.placed { "" } else { " *" })
}

pub(super) fn text(plans: &Plans) -> String {
    let mut page = Page::stdout();
    page.heading(&format!("plan for {}", plans.name));
    page.fact("cycles", count(plans.cycles));
    let threads = if plans.threads == 1 { "1 thread".into() } else { format!("{} threads", plans.threads) };
    page.fact("this machine", format!("{} alone, on {threads}", seconds(plans.alone_seconds)));
    if let Some(peak) = plans.alone_peak_memory_bytes {
        page.fact("peak memory", bytes(peak));
    }
    page.heading("with a board");
    let row = |plan: &Plan| {
        vec![
            name(plan),
            plan.config.clone(),
            clock(plan),
            seconds(plan.seconds),
            format!("{:.2} x", plans.alone_seconds / plan.seconds.max(1e-9)),
            seconds(plan.host_seconds),
            seconds(plan.board_seconds),
            seconds(plan.core_seconds),
            seconds(plan.line_seconds),
            percent(plan.offloaded_share),
            short(plan.bound).into(),
        ]
    };
    let names = [
        "board",
        "config",
        ">clock",
        ">proof",
        ">speed",
        ">host",
        ">board",
        ">its core alone",
        ">its line",
        ">offloaded",
        "bound by",
    ];
    page.table(&names, &plans.plans.iter().map(row).collect::<Vec<_>>());
    if let [plan] = &plans.plans[..] {
        detail(&mut page, plan);
    }
    page.line("");
    advice(&mut page, plans);
    page.line("  The host's seconds were measured here; the board's are computed clocks at the config's clock (docs/plan-error.md says how near they are).");
    if plans.plans.iter().any(|plan| plan.cores > 1) {
        page.line("  Of a card with several cores one is planned with: two halve the board's seconds at best.");
    }
    if plans.plans.iter().any(|plan| !plan.placed) {
        page.line("  * no manifest says that this clock is met: it is what the config asks for.");
    }
    page.text().to_owned()
}

/// One plan, by phase and by kernel.
fn detail(page: &mut Page, plan: &Plan) {
    page.line("");
    page.fact("line", &plan.line);
    page.fact("jobs", format!("{}, {} of it between them", count(plan.jobs as u64), seconds(plan.turn_seconds)));
    if plan.device_memory_bytes > 0 {
        page.fact("its memory", bytes(plan.device_memory_bytes as u64));
    }
    page.fact("bound by", words(plan.bound));
    page.heading("phases");
    let rows: Vec<_> = (plan.phases.iter())
        .map(|p| vec![p.phase.name().to_owned(), seconds(p.host_seconds), seconds(p.board_seconds)])
        .collect();
    page.table(&["phase", ">host", ">board"], &rows);
    page.heading("kernels");
    let rows: Vec<_> = (plan.kernels.iter())
        .map(|k| {
            let bytes = |words: u64| bytes(4 * words);
            let (sent, received) = (bytes(k.sent_words), bytes(k.received_words));
            vec![k.kernel.clone(), count(k.jobs as u64), count(k.clocks), count(k.core_clocks), sent, received]
        })
        .collect();
    page.table(&["kernel", ">jobs", ">clocks", ">core alone", ">to it", ">back"], &rows);
}

/// What to take, if anything.
fn advice(page: &mut Page, plans: &Plans) {
    // They are in order.
    let Some(best) = plans.plans.first() else { return };
    let best_name = format!("{} with {}", name(best), best.config);
    if best.seconds >= plans.alone_seconds {
        let times = best.seconds / plans.alone_seconds.max(1e-9);
        page.line(&format!(
            "  No board here proves this faster than this machine alone: {best_name} takes {times:.1} times as long, bound by {}.",
            words(best.bound)
        ));
    } else {
        page.line(&format!("  {best_name} is fastest, bound by {}.", words(best.bound)));
    }
}
