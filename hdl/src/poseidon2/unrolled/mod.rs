//! The unrolled engine: every S-box of a permutation in one pipeline that never stops.
//!
//! ```text
//!  s_* -> gather -> layer -> 4 x outer -> 13 or 21 x inner -> 4 x outer -> queue -> m_*
//! ```
//!
//! A permutation starts every I clocks (I = 1, 2 or 4) when there is one, and comes out a fixed number of clocks later; a bit for each travels
//! beside it, its tag as well. Each layer adds the constants of the round behind it, so that a round is an S-box and a layer and nothing else.
//!
//! Back-pressure is by credit: a permutation starts only when the queue at the end has a place for it. The other way, one enable for the
//! whole pipeline, would be a net to every register of it and to every multiplier, and the clock would pay for it; the queue costs block
//! memory, W words wide and as deep as the pipeline is long, and cuts `m_ready` off from everything else.

mod layer;
mod power;
mod round;

use super::{Parameters, Shape};
use crate::netlist::{Module, nested};
use crate::poseidon2::parameters::HALF_EXTERNAL;
use crate::stream::{delay, fifo, index_bits};
use layer::{LAYER_LATENCY, layer};
use round::{BEHIND, inner, inner_latency, outer, outer_latency};
use std::sync::Arc;

/// Clocks from the start of a permutation to its result.
fn latency(parameters: &Parameters, interval: usize) -> usize {
    let external = parameters.external.len() * outer_latency(interval);
    LAYER_LATENCY + external + parameters.internal.len() * inner_latency(interval) + BEHIND
}

/// Places of the queue: permutations that can be on their way. Enough that credit is back before it is missed.
pub(super) fn places(width: usize, interval: usize) -> usize {
    // From a result to the start that its credit allows: through the queue and out.
    const BACK: usize = 8;
    ((latency(&Parameters::of(width), interval) + BACK).div_ceil(interval)).next_power_of_two()
}

/// Field elements as one constant, the first lowest.
fn literal(words: &[u32]) -> String {
    let words: Vec<String> = words.iter().rev().map(|w| format!("31'h{w:08x}")).collect();
    format!("{{{}}}", words.join(", "))
}

/// Adds the engine to a module with its ports.
pub(super) fn unrolled(shape: &Shape, interval: usize, tag: usize, module: Module) -> Module {
    let parameters = shape.parameters();
    let (width, depth) = (shape.width, latency(&parameters, interval));
    let module = module.doc(&format!(
        "Unrolled: a permutation every {interval} clocks at best, {depth} clocks from its start to its result; {} can be on their way.",
        places(width, interval)
    ));
    let module = rounds(&parameters, interval, module.wire("start", 1).reg("state", 31 * width));
    let module = entrance(shape, interval, depth, tag, module);
    exit(shape, depth, tag, module)
}

/// The pipeline, from `state` to `ended`.
fn rounds(parameters: &Parameters, interval: usize, mut module: Module) -> Module {
    let (width, internal) = (parameters.width, &parameters.internal);
    let none = vec![0; width];
    let first_only = |word: u32| -> Vec<u32> { std::iter::once(word).chain(none.iter().copied().skip(1)).collect() };
    // The turn of a round whose operand comes at this clock after the start.
    let turn = |at: usize| {
        let bits: Vec<String> = (0..interval).rev().map(|k| format!("turn[{}]", (k + at) % interval)).collect();
        (interval > 1).then(|| ("turn", format!("{{{}}}", bits.join(", "))))
    };
    let ports = |from: &str, to: &str, constants: &[u32], at: usize| {
        let own = [("s_data", from.to_string()), ("m_data", to.to_string()), ("constants", literal(constants))];
        own.into_iter().chain(turn(at)).collect::<Vec<_>>()
    };
    let (outer, inner): (Arc<Module>, Arc<Module>) = (outer(width, interval).into(), inner(width, interval).into());
    module = module.link(
        "layer",
        layer(width),
        "clk",
        [
            ("s_data", "state".to_string()),
            ("m_data", "round_0".into()),
            ("constants", literal(&parameters.external[0])),
        ],
    );
    let mut at = LAYER_LATENCY;
    for round in 0..parameters.external.len() {
        if round == HALF_EXTERNAL {
            // Word 0 goes ahead, the others follow.
            let others = format!("entering[{}:31]", 31 * width - 1);
            module = module.wire("first_0", 31).body("assign first_0 = entering[30:0];").link(
                "fall_behind",
                delay(31 * (width - 1), BEHIND),
                "clk",
                [("s_data", others), ("m_data", "others_0".into())],
            );
            for k in 0..internal.len() {
                let constants = match internal.get(k + 1) {
                    Some(&next) => first_only(next),
                    None => parameters.external[HALF_EXTERNAL].clone(),
                };
                let own = [
                    ("s_first", format!("first_{k}")),
                    ("s_others", format!("others_{k}")),
                    ("m_first", format!("first_{}", k + 1)),
                    ("m_others", format!("others_{}", k + 1)),
                    ("constants", literal(&constants)),
                ];
                module = module.link(format!("inner_{k}"), inner.clone(), "clk", own.into_iter().chain(turn(at)));
                at += inner_latency(interval);
            }
            let last = internal.len();
            module = module
                .link(
                    "catch_up",
                    delay(31, BEHIND),
                    "clk",
                    [("s_data", format!("first_{last}")), ("m_data", "caught_up".into())],
                )
                .wire(format!("round_{round}"), 31 * width)
                .body(format!("assign round_{round} = {{others_{last}, caught_up}};"));
            at += BEHIND;
        }
        let (to, constants) = match round + 1 {
            HALF_EXTERNAL => ("entering".to_string(), first_only(internal[0])),
            next if next == parameters.external.len() => ("ended".to_string(), none.clone()),
            next => (format!("round_{next}"), parameters.external[next].clone()),
        };
        module = module.link(
            format!("outer_{round}"),
            outer.clone(),
            "clk",
            ports(&format!("round_{round}"), &to, &constants, at),
        );
        at += outer_latency(interval);
    }
    debug_assert_eq!(at, latency(parameters, interval));
    module
}

/// States come in, and start in their turn when there is credit.
fn entrance(shape: &Shape, interval: usize, depth: usize, tag: usize, module: Module) -> Module {
    let (groups, bits) = (shape.groups(), 31 * shape.group);
    let (place, places) = (index_bits(groups), places(shape.width, interval));
    let credit = index_bits(places + 1);
    let gathered = match groups {
        1 => "s_data".to_string(),
        _ => format!("{{s_data, state[{}:{bits}]}}", 31 * shape.width - 1),
    };
    let (module, now, goes_round) = match interval {
        1 => (module, "", String::new()),
        i => {
            let text = format!("turn <= rst ? {i}'d1 : {{turn[{}:0], turn[{}]}};", i - 2, i - 1);
            (module.reg("turn", i), " && turn[0]", text)
        }
    };
    let work = index_bits(shape.work_max() + 1);
    module
        .reg("s_place", place)
        .reg("full", 1)
        .reg("state_tag", tag)
        .reg("credit", credit)
        .reg("flying", depth)
        .wire("freed", 1)
        .wire("s_taken", 1)
        .link("tags", delay(tag, depth), "clk", [("s_data", "state_tag"), ("m_data", "ended_tag")])
        .body(format!(
            "
            assign start   = full && credit != 0{now};
            assign s_ready = !full || start;
            assign s_taken = s_valid && s_ready;

            always @(posedge clk) begin
                {goes_round}
                if (start) full <= 1'b0;
                if (s_taken) begin
                    state     <= {gathered};
                    state_tag <= s_tag;
                    s_place   <= s_place == {place}'d{last} ? {place}'d0 : s_place + 1'b1;
                    full      <= s_place == {place}'d{last};
                end
                if (start != freed) credit <= start ? credit - 1'b1 : credit + 1'b1;
                flying <= {{flying[{below}:0], start}};
                work   <= start ? {work}'d{sboxes} : {work}'d0;
                if (rst) begin
                    s_place <= {place}'d0;
                    full    <= 1'b0;
                    credit  <= {credit}'d{places};
                    flying  <= {depth}'d0;
                    work    <= {work}'d0;
                end
            end
            ",
            last = groups - 1,
            below = depth - 2,
            sboxes = shape.work_max(),
        ))
}

/// Results wait in a queue, and leave in beats of G words.
fn exit(shape: &Shape, depth: usize, tag: usize, module: Module) -> Module {
    let (groups, bits, interval) = (shape.groups(), 31 * shape.group, shape.work_max() * 4 / shape.multipliers());
    let places = places(shape.width, interval);
    let module = module.link(
        "results",
        fifo(tag + 31 * shape.width, places),
        "clk rst m_valid",
        [
            ("s_valid", format!("flying[{}]", depth - 1)),
            ("s_ready", String::new()),
            ("s_data", "{ended_tag, ended}".into()),
            ("m_ready", "freed".into()),
            ("m_data", "{m_tag, result}".into()),
        ],
    );
    let module = module.wire("result", 31 * shape.width);
    if groups == 1 {
        return module.body("assign m_data = result;\nassign freed  = m_valid && m_ready;");
    }
    let place = index_bits(groups);
    let parts =
        (0..groups - 1).rev().fold(format!("result[{}:{}]", groups * bits - 1, (groups - 1) * bits), |rest, k| {
            format!("m_place == {place}'d{k} ? result[{}:{}] :\n    {rest}", (k + 1) * bits - 1, k * bits)
        });
    module.reg("m_place", place).body(format!(
        "
        assign m_data = {parts};
        assign freed  = m_valid && m_ready && m_place == {place}'d{last};

        always @(posedge clk) begin
            if (m_valid && m_ready) m_place <= freed ? {place}'d0 : m_place + 1'b1;
            if (rst) m_place <= {place}'d0;
        end
        ",
        parts = nested(&parts, 8),
        last = groups - 1,
    ))
}
