//! Which pass runs next, and the addresses of its elements.
//!
//! A **pass** is one stage over all columns of a lane, a butterfly a clock, or the scaling, an element a clock. Passes follow each other
//! without draining the pipeline: columns are the outer loop and elements run in natural order, so the result that a butterfly needs
//! was issued at least 2^(n-2) clocks before, and only for the smallest sizes must a pass wait for the one before it ([`settles_below`]).
//!
//! Choice, at the end of each pass: 1. the first stage of the next coset, from buffer 0 into a free buffer, because it sets buffer 0 free for
//! the link; 2. the next stage of the oldest coset under way; 3. the next stage of the inverse, then the scaling.

use super::{Geometry, LANE_LATENCY};
use crate::netlist::Module;

/// Below this log-size a pass waits until the pass before it is written: 2^(n-2) clocks do not cover the latency of a lane.
pub fn settles_below() -> usize {
    (LANE_LATENCY + 1).next_power_of_two().ilog2() as usize + 2
}

/// `lde_schedule_*`. One clock between passes.
pub fn schedule(geometry: &Geometry) -> Module {
    let (lanes, n) = (geometry.lanes, geometry.log_rows_max);
    let (column_bits, address, twiddle) = (geometry.column_bits(), geometry.address_bits(), geometry.twiddle_bits());
    let top = n - 1;
    let name = format!("lde_schedule_l{lanes}_n{n}_b{}", geometry.log_blowup_max);
    let column = if column_bits == 0 { String::new() } else { "column, ".into() };
    // A coset number is as wide as a twiddle index: it is the index where the coset's stage 0 begins.
    let module = Module::new(name, "decides which pass runs next and walks through its elements")
        .doc("The outputs below `read` are valid together, one clock after the element was counted.")
        .clk_rst()
        .input("start", 1, "a job begins")
        .input("half_mask", n, "2^(log_rows - 1) - 1")
        .input("coset_last", twiddle, "2^log_blowup - 1")
        .input("small_job", 1, "a pass must wait for the one before it")
        .input("powers_done", 1, "")
        .output("space", 1, "buffer 0 may be filled")
        .input("loaded", 1, "buffer 0 is full after this clock")
        .output("ready", 2, "buffers 1 and 2 hold finished rows")
        .input("release_buffer", 2, "they have been read out")
        .output_reg("read", 3, "which buffer")
        .output_reg("write", 3, "which buffer takes the result")
        .output_reg("write_bank", 2, "")
        .output_reg("address0", address, "")
        .output_reg("address1", address, "")
        .output_reg("swap", 1, "operand a lies in bank 1")
        .output_reg("inverse", 1, "")
        .output_reg("scale", 1, "")
        .output_reg("minus_one", 1, "the twiddle is -1")
        .output_reg("twiddle_index", twiddle, "")
        .output_reg("scale_index", n, "")
        .output("multiplying", 1, "every lane begins a multiplication in this clock")
        .reg("phase", 2)
        .reg("wait_count", 5)
        // Buffer 0.
        .reg("values", 1)
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
        .reg("source", 3)
        .reg("target", 3)
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
        .wire("j", n - 1)
        .wire("odd", 1)
        .wire("below", twiddle);
    let module = if column_bits == 0 { module } else { module.reg("column", column_bits) };
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
            assign element_last = element == (scaling ? {{half_mask[{scale_top}:0], 1'b1}} : half_mask);
            assign column_last  = {column_end};
            assign pass_last    = element_last && column_last;
            assign finish       = (running && pass_last && !small_job) || (phase == SETTLE && wait_count == 0);
            assign multiplying  = running;
            assign space        = !values && !coefficients;
            assign ready        = ready_buffer;
            assign next_coset   = rear_coset == coset_last ? {twiddle}'d0 : rear_coset + 1'b1;
            ",
            scale_top = n - 2,
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                case (phase)
                PICK: begin
                    enter   <= 1'b0;
                    invert  <= 1'b0;
                    scaling <= 1'b0;
                    source  <= 3'b001;
                    target  <= 3'b001;
                    first   <= 0;
                    block   <= 0;
                    element <= 0;
                    {column_first}
                    if (coefficients && !busy[front] && !ready_buffer[front]) begin
                        enter  <= 1'b1;
                        target <= front ? 3'b100 : 3'b010;
                        mask   <= half_mask;
                        first  <= entering;
                        block  <= entering;
                        phase  <= RUN;
                    end else if (busy[rear]) begin
                        source <= rear ? 3'b100 : 3'b010;
                        target <= rear ? 3'b100 : 3'b010;
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
                    block   <= element_last ? first : (element & mask) == mask ? block + 1'b1 : block;
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
                if (loaded) values <= 1'b1;
                if (finish) begin
                    if (enter) begin
                        front    <= !front;
                        entering <= entering == coset_last ? {twiddle}'d0 : entering + 1'b1;
                        if (entering == coset_last) coefficients <= 1'b0;
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
                        values       <= 1'b0;
                        inverted     <= 1'b0;
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
                    values       <= 1'b0;
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
        ))
        .body(format!(
            "
            // Element t of a stage with half-size mask + 1: t with a zero put in at the half-size's bit, and its partner with a one (without
            // its lowest bit, which no address needs).
            assign i   = scaling ? element : (element & mask) | ((element & ~mask) << 1);
            assign j   = i[{top}:1] | (mask[{mask_top}:0] ^ mask[{top}:1]);
            assign odd = ^i;

            // The inverse takes the twiddle of a block with the bits below its leading one complemented.
            {smear}assign below = invert ? {spread} >> 1 : {twiddle}'d0;

            always @(posedge clk) begin
                read          <= running ? source : 3'b000;
                write         <= running ? target : 3'b000;
                write_bank    <= !scaling ? 2'b11 : odd ? 2'b10 : 2'b01;
                address0      <= {{{column}odd ? j : i[{top}:1]}};
                address1      <= {{{column}odd ? i[{top}:1] : j}};
                swap          <= odd;
                inverse       <= invert;
                scale         <= scaling;
                minus_one     <= invert && block == 0;
                twiddle_index <= block ^ below;
                scale_index   <= element;
            end
            ",
            mask_top = n - 2,
            smear = smear.0.replace('\n', "\n            "),
            spread = smear.1,
        ))
}
