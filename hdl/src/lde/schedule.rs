//! Which pass runs next, and the addresses of its elements.
//!
//! A **pass** is one stage over all columns of a lane, a butterfly a clock, or the scaling, an element a clock. Passes follow each other
//! without draining the pipeline: columns are the outer loop and elements run in natural order, so the result that a butterfly needs
//! was issued long before, and only for the smallest sizes must a pass wait for the one before it ([`settles_below`]).
//!
//! Choice, at the end of each pass: 1. the first stage of the next coset, from buffer 0 into a free buffer, because it sets buffer 0 free for
//! the link; 2. the next stage of the oldest coset under way; 3. the next stage of the inverse, then the scaling.

use super::{Geometry, LANE_LATENCY};
use crate::netlist::{Module, nested};

/// Below this log-size a pass waits until the pass before it is written.
///
/// With C columns a lane and w butterflies a column, a pass has C * 2^(n-1) / w clocks. An element that a butterfly needs came at most
/// 2^(n-2) / w + w - 1 clocks later in its own pass than in the one before; and the read-out, which goes row by row, meets the last column's
/// first row a column's clocks after it was issued. Both must cover the latency of a lane.
pub fn settles_below(geometry: &Geometry) -> usize {
    let (columns, ways) = (geometry.columns_per_lane(), geometry.ways());
    let covers = |n: &usize| {
        let quarter = (1 << n >> 2) / ways;
        let next_pass = (2 * columns - 1) * quarter >= LANE_LATENCY + ways;
        next_pass && 2 * quarter > LANE_LATENCY
    };
    (2..).find(covers).unwrap_or(usize::BITS as usize)
}

/// `lde_schedule_*`. One clock between passes.
pub fn schedule(geometry: &Geometry) -> Module {
    let (lanes, n, ways) = (geometry.lanes, geometry.log_rows_max, geometry.ways());
    let (banks, bank_bits, buffers) = (geometry.banks(), geometry.bank_bits(), geometry.buffers());
    let ahead = geometry.load_buffers() == 2;
    let (column_bits, address, twiddle) = (geometry.column_bits(), geometry.address_bits(), geometry.twiddle_bits());
    let name = format!("lde_schedule_l{lanes}_n{n}_b{}{}", geometry.log_blowup_max, if ahead { "_ahead" } else { "" });
    let column = if column_bits == 0 { String::new() } else { "column, ".into() };
    // A coset number is as wide as a twiddle index: it is the index where the coset's stage 0 begins.
    let mut module = Module::new(name, "decides which pass runs next and walks through its elements")
        .timing(
            "1 clock from the count of an element to its addresses",
            "one element of every butterfly a clock, one clock between passes",
        )
        .doc("The outputs below `read` are valid together.")
        .clk_rst()
        .input("start", 1, "a job begins")
        .input("half_mask", n, "2^(log_rows - 1) - 1")
        .input("coset_last", twiddle, "2^log_blowup - 1")
        .input("small_job", 1, "a pass must wait for the one before it")
        .input("powers_done", 1, "")
        .output("space", 1, "a buffer may be filled")
        .input("loaded", 1, "it is full after this clock")
        .output("ready", 2, "buffers 1 and 2 hold finished rows")
        .input("release_buffer", 2, "they have been read out")
        .output_reg("read", buffers, "which buffer")
        .output_reg("write", buffers, "which buffer takes the result")
        .output_reg("write_bank", banks, "");
    for bank in 0..banks {
        module = module.output_reg(format!("address{bank}"), address, "");
    }
    module = module.output_reg("swap", bank_bits, "the bank of operand a of the first butterfly");
    if ways == 2 {
        module = module.output_reg("turn", 1, "operands a and b differ in bit 1 of the bank");
    }
    if ahead {
        module = module.output_reg("fill", 1, "which of the two buffers is filled").reg("work", 1).reg("full", 2);
    }
    module = if ahead { module.wire("values", 1) } else { module.reg("values", 1) };
    module = module
        .output_reg("inverse", 1, "")
        .output_reg("scale", 1, "")
        .output_reg("minus_one", ways, "the twiddle is -1")
        .output_reg("twiddle_index", twiddle, "");
    if ways == 2 {
        module = module.output_reg("twiddle_odd", 1, "bit 0 of the second index, whose other bits are the same");
    }
    module = module
        .output_reg("scale_index", n, "")
        .output("multiplying", 1, "every lane begins a multiplication in this clock")
        .reg("phase", 2)
        .reg("wait_count", 5)
        // The buffer that was filled.
        .reg("inverted", 1)
        .reg("coefficients", 1)
        .reg("inverse_mask", n)
        .reg("entering", twiddle)
        // Buffers 1 and 2.
        .reg("busy", 2)
        .reg("ready_buffer", 2)
        .reg("front", 1)
        .reg("rear", 1)
        .reg("rear_coset", twiddle)
        .reg("rear_mask", n)
        .reg("rear_first", twiddle)
        .wire("next_coset", twiddle)
        // The pass.
        .reg("enter", 1)
        .reg("invert", 1)
        .reg("scaling", 1)
        .reg("source", buffers)
        .reg("target", buffers)
        .reg("mask", n)
        .reg("first", twiddle)
        .reg("element", n)
        .reg("block", twiddle)
        .wire("running", 1)
        .wire("element_last", 1)
        .wire("column_last", 1)
        .wire("pass_last", 1)
        .wire("finish", 1)
        // The element.
        .wire("i", n)
        .wire("j", n - bank_bits)
        .wire("odd", bank_bits)
        .wire("below", twiddle);
    if ways == 2 {
        module = module.wire("turned", 1).wire("t", n);
    }
    let module = if column_bits == 0 { module } else { module.reg("column", column_bits) };
    let one_hot = |buffer: usize| format!("{buffers}'d{}", 1 << buffer);
    // The buffer that was filled: which it is, when it is free, and what its life is.
    let (load, [space, has_values], [filled, scaled, entered, cleared]) = match ahead {
        false => (
            one_hot(0),
            ["!values && !coefficients", ""],
            [
                "if (loaded) values <= 1'b1;",
                "\nvalues       <= 1'b0;",
                "coefficients <= 1'b0;",
                "values       <= 1'b0;",
            ],
        ),
        true => (
            format!("(work ? {} : {})", one_hot(3), one_hot(0)),
            ["!full[fill]", "\nassign values       = full[work] && !coefficients;"],
            [
                "if (loaded) begin\n    full[fill] <= 1'b1;\n    fill       <= !fill;\nend",
                "",
                "begin\n    coefficients <= 1'b0;\n    full[work]   <= 1'b0;\n    work         <= !work;\nend",
                "full         <= 2'b00;\nfill         <= 1'b0;\nwork         <= 1'b0;",
            ],
        ),
    };
    let last = |mask: &str| match ways {
        1 => mask.to_string(),
        _ => format!("({mask} >> 1)"),
    };
    let smear = (0..6).map(|k| 1usize << k).take_while(|&k| k < twiddle).enumerate().fold(
        (String::new(), "block".to_string()),
        |(text, from), (stage, shift)| {
            let to = format!("spread{stage}");
            (text + &format!("wire [{}:0] {to} = {from} | ({from} >> {shift});\n", twiddle - 1), to)
        },
    );
    let (column_next, column_first, column_end) = match column_bits {
        0 => ("", "", "1'b1".to_string()),
        c => {
            ("if (element_last) column <= column + 1'b1;", "column  <= 0;", format!("column == {c}'d{}", (1 << c) - 1))
        }
    };
    module
        .body(format!(
            "
            localparam [1:0] PICK = 2'd0, RUN = 2'd1, SETTLE = 2'd2;

            assign running      = phase == RUN;
            assign element_last = element == (scaling ? {scale_last} : {pass_last});
            assign column_last  = {column_end};
            assign pass_last    = element_last && column_last;
            assign finish       = (running && pass_last && !small_job) || (phase == SETTLE && wait_count == 0);
            assign multiplying  = running;
            assign space        = {space};{has_values}
            assign ready        = ready_buffer;
            assign next_coset   = rear_coset == coset_last ? {twiddle}'d0 : rear_coset + 1'b1;
            ",
            scale_last = if ways == 1 { format!("{{half_mask[{}:0], 1'b1}}", n - 2) } else { "half_mask".into() },
            pass_last = last("half_mask"),
            has_values = nested(has_values, 12),
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                case (phase)
                PICK: begin
                    enter   <= 1'b0;
                    invert  <= 1'b0;
                    scaling <= 1'b0;
                    source  <= {load};
                    target  <= {load};
                    first   <= 0;
                    block   <= 0;
                    element <= 0;
                    {column_first}
                    if (coefficients && !busy[front] && !ready_buffer[front]) begin
                        enter  <= 1'b1;
                        target <= front ? {two} : {one};
                        mask   <= half_mask;
                        first  <= entering;
                        block  <= entering;
                        phase  <= RUN;
                    end else if (busy[rear]) begin
                        source <= rear ? {two} : {one};
                        target <= rear ? {two} : {one};
                        mask   <= rear_mask;
                        first  <= rear_first;
                        block  <= rear_first;
                        phase  <= RUN;
                    end else if (values && powers_done) begin
                        invert  <= !inverted;
                        scaling <= inverted;
                        mask    <= inverse_mask;
                        phase   <= RUN;
                    end
                end
                RUN: begin
                    element <= element_last ? {n}'d0 : element + 1'b1;
                    block   <= element_last ? first : (element & {within}) == {within} ? block + {blocks} : block;
                    {column_next}
                    wait_count <= 5'd{settle};
                    if (pass_last) phase <= small_job ? SETTLE : PICK;
                end
                default: begin
                    wait_count <= wait_count - 1'b1;
                    if (wait_count == 0) phase <= PICK;
                end
                endcase

                ready_buffer <= ready_buffer & ~release_buffer;
                {filled}
                if (finish) begin
                    if (enter) begin
                        front    <= !front;
                        entering <= entering == coset_last ? {twiddle}'d0 : entering + 1'b1;
                        if (entering == coset_last) {entered}
                        // With two rows the first stage is the last.
                        if (half_mask == 0) begin
                            ready_buffer[front] <= 1'b1;
                            rear                <= !rear;
                            rear_coset          <= next_coset;
                        end else begin
                            busy[front] <= 1'b1;
                        end
                    end else if (invert) begin
                        inverse_mask <= {{inverse_mask[{mask_top}:0], 1'b1}};
                        if (mask == half_mask) inverted <= 1'b1;
                    end else if (scaling) begin
                        inverted     <= 1'b0;{scaled}
                        inverse_mask <= 0;
                        coefficients <= 1'b1;
                    end else if (mask != 0) begin
                        rear_mask  <= rear_mask >> 1;
                        rear_first <= rear_first << 1;
                    end else begin
                        busy[rear]         <= 1'b0;
                        ready_buffer[rear] <= 1'b1;
                        rear               <= !rear;
                        rear_coset         <= next_coset;
                        rear_mask          <= half_mask >> 1;
                        rear_first         <= next_coset << 1;
                    end
                end
                if (rst || start) begin
                    phase        <= PICK;
                    {cleared}
                    inverted     <= 1'b0;
                    coefficients <= 1'b0;
                    inverse_mask <= 0;
                    entering     <= 0;
                    busy         <= 2'b00;
                    ready_buffer <= 2'b00;
                    front        <= 1'b0;
                    rear         <= 1'b0;
                    rear_coset   <= 0;
                    rear_mask    <= half_mask >> 1;
                    rear_first   <= 0;
                end
            end
            ",
            settle = LANE_LATENCY + 1,
            mask_top = n - 2,
            one = one_hot(1),
            two = one_hot(2),
            within = last("mask"),
            blocks = if ways == 1 { "1'b1".into() } else { format!("(mask == 0 ? {twiddle}'d2 : {twiddle}'d1)") },
            filled = nested(filled, 16),
            scaled = nested(scaled, 24),
            entered = nested(entered, 24),
            cleared = nested(cleared, 20),
        ))
        .body(format!(
            "
            {places}

            // The inverse takes the twiddle of a block with the bits below its leading one complemented.
            {smear}assign below = invert ? {spread} >> 1 : {twiddle}'d0;

            always @(posedge clk) begin
                read          <= running ? source : {buffers}'d0;
                write         <= running ? target : {buffers}'d0;
                {addresses}
                swap          <= odd;
                inverse       <= invert;
                scale         <= scaling;
                twiddle_index <= block ^ below;
                scale_index   <= {scale_index};
            end
            ",
            places = nested(&places(geometry), 12),
            addresses = nested(&addresses(geometry, &column), 16),
            scale_index = if ways == 1 { "element" } else { "i" },
            smear = smear.0.replace('\n', "\n            "),
            spread = smear.1,
        ))
}

/// The rows of an element's operands: `i`, and the address of its partner.
fn places(geometry: &Geometry) -> String {
    let top = geometry.log_rows_max - 1;
    let bank = geometry.bank("i", false);
    if geometry.ways() == 1 {
        return format!(
            "// Element t of a stage with half-size mask + 1: t with a zero put in at the half-size's bit, and its partner with a one (without
// its lowest bit, which no address needs).
assign i   = scaling ? element : (element & mask) | ((element & ~mask) << 1);
assign j   = i[{top}:1] | (mask[{below}:0] ^ mask[{top}:1]);
assign odd = {bank};",
            below = top - 1,
        );
    }
    format!(
        "// Two butterflies of a stage with half-size mask + 1 = 2^p: number t, and its neighbour in bit 0 if p is odd or 0, in bit 1 otherwise; t has
// a zero there. Row i is t with a zero put in at bit p; its partner has a one there (without the two lowest bits, which no address needs).
assign turned = scaling || ^mask;
assign t      = turned || mask == 0 ? {{element[{below}:0], 1'b0}} : {{element[{below}:1], 1'b0, element[0]}};
assign i      = scaling ? t : (t & mask) | ((t & ~mask) << 1);
assign j      = i[{top}:2] | (mask[{below}:1] ^ mask[{top}:2]);
assign odd    = {bank};",
        below = top - 1,
    )
}

/// The registers that differ between one butterfly a column and two.
fn addresses(geometry: &Geometry, column: &str) -> String {
    let top = geometry.log_rows_max - 1;
    if geometry.ways() == 1 {
        return format!(
            "write_bank    <= !scaling ? 2'b11 : odd ? 2'b10 : 2'b01;
address0      <= {{{column}odd ? j : i[{top}:1]}};
address1      <= {{{column}odd ? i[{top}:1] : j}};
minus_one     <= invert && block == 0;"
        );
    }
    let mut text = String::from("write_bank    <= !scaling ? 4'b1111 : odd[1] ? 4'b1100 : 4'b0011;\n");
    for bank in 0..4 {
        // Where the bank lies on the partners' side.
        let side = |bit: usize| format!("{}odd[{bit}]", if bank >> bit & 1 == 1 { "!" } else { "" });
        text += &format!("address{bank}      <= {{{column}(turned ? {} : {}) ? j : i[{top}:2]}};\n", side(1), side(0));
    }
    text + "turn          <= turned;
twiddle_odd   <= block[0] ^ below[0] ^ (mask == 0);
minus_one     <= {invert && block == 0 && mask != 0, invert && block == 0};"
}
