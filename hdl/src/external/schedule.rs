//! Which pass runs next, and the addresses of its elements.
//!
//! A **pass** is one stage over all columns of a tile, a butterfly a clock and lane, or the scaling, an element a clock. The first stage of
//! a tile moves it from buffer 0 to buffer 1 or 2 and so sets buffer 0 free for the fill; the others work in place, while the other
//! of buffers 1 and 2 is drained. A block (kind 1) is inverted and scaled in buffer 0 first, and moved once for each coset.
//!
//! Twiddles: block m of stage i of the sub-transform that begins at index q of the tree takes entry `(q << i) + m`. `tree` is `q << i`
//! of the tile's first sub-transform and `hop` what lies between two of them; both shift with i.

use super::geometry::{extend, reversed};
use super::{FACTOR_LATENCY, FETCH_LATENCY, Geometry, LANE_LATENCY};
use crate::connect::wires;
use crate::netlist::Module;

/// Clocks between the index of a twiddle and its element's address: the address waits for the factor.
pub const LEAD: usize = 2 + FACTOR_LATENCY - 1 - FETCH_LATENCY;

/// Clocks from a counted element to its written result, rounded up.
pub const PASS_LATENCY: usize = 1 + LEAD + LANE_LATENCY + 2;

/// Below this log-size of a tile a pass waits until the pass before it is written: a quarter of a tile does not cover [`PASS_LATENCY`].
pub fn settles_below() -> usize {
    (PASS_LATENCY + 1).next_power_of_two().ilog2() as usize + 2
}

/// `external_schedule_*`. Three clocks between passes.
pub fn schedule(geometry: &Geometry) -> Module {
    let (lanes, tile, line) = (geometry.lanes, geometry.log_block, geometry.line_bits());
    let (run, index, coset) = (geometry.log_run, geometry.index_bits(), geometry.coset_bits());
    let (column_bits, address, top) = (geometry.column_bits(), geometry.place_bits(), tile - 1);
    let column = if column_bits == 0 { String::new() } else { "column, ".into() };
    let name = format!("external_schedule_{}", geometry.name());
    let mut module = Module::new(name, "decides which pass runs next and walks through its elements")
        .timing(
            "1 clock from the count of an element to its addresses, 2 to the index of its twiddle",
            "one element of every lane a clock",
        )
        .doc(&format!("{lanes} lanes of {} columns; a tile has up to 2^{tile} rows.", geometry.columns_per_lane()))
        .clk_rst()
        .input("start", 1, "a job begins, or is dropped")
        .input("running", 1, "there is a job")
        .input("factors_done", 1, "")
        .input("kind", 2, "of the tile: see external_walk")
        .input("tile", line, "")
        .input("coset", coset, "")
        .input("coset_end", 1, "the last coset")
        .input("finished", 1, "no more tiles")
        .output("step", 1, "the tile is computed")
        .input("log_lines", 4, "c: log2 of a strip's lines")
        .input("log_strips", 4, "log2 of the strips")
        .input("line_mask", line, "2^log_lines - 1")
        .input("strip_mask", line, "2^log_strips - 1")
        .input("hop_first", 5, "log_lines + log_strips - 1")
        .input("filled", 1, "buffer 0 is full after this clock")
        .output("space", 1, "buffer 0 may be filled")
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
        .output_reg("index", index, "of the factor, a clock later")
        .output_reg("power", 1, "with index")
        .output_reg("minus_one", 1, "with index")
        .output("multiplying", 1, "every lane begins a multiplication in this clock")
        .reg("phase", 3)
        .reg("pass", 2)
        .reg("wait_count", 6)
        .reg("full", 1)
        .reg("emptying", PASS_LATENCY)
        .reg("completing", PASS_LATENCY)
        .reg("busy", 2)
        .reg("ready_buffer", 2)
        .reg("target", 1)
        .reg("readied", 1)
        .reg("invert", 1)
        .reg("mask", tile)
        .reg("half", tile)
        .reg("block_last", tile)
        .reg("tree", index)
        .reg("hop", index)
        .reg("element", tile)
        .reg("block", tile)
        .reg("branch", index)
        .reg("raw_index", index)
        .reg("raw_inverse", 1)
        .reg("raw_power", 1);
    if column_bits > 0 {
        module = module.reg("column", column_bits);
    }
    module = wires(
        module,
        [
            ("is_running", 1),
            ("scaling", 1),
            ("may_start", 1),
            ("element_last", 1),
            ("column_last", 1),
            ("block_end", 1),
            ("last_stage", 1),
            ("unit_done", 1),
            ("small_tile", 1),
            ("line_half", tile),
            ("strip_half", tile),
            ("block_half", tile),
            ("tile_reversed", line),
            ("strip_root", index),
            ("coset_root", index),
            ("i", tile),
            ("j", tile - 1),
            ("odd", 1),
            ("below", index),
        ],
    );
    let (column_next, column_first, column_end) = match column_bits {
        0 => ("", "", "1'b1".to_string()),
        c => {
            ("if (element_last) column <= column + 1'b1;", "column  <= 0;", format!("column == {c}'d{}", (1 << c) - 1))
        }
    };
    let smear = (0..6).map(|k| 1usize << k).take_while(|&k| k < index).enumerate().fold(
        (String::new(), "raw_index".to_string()),
        |(text, from), (stage, shift)| {
            let to = format!("spread{stage}");
            (text + &format!("wire [{}:0] {to} = {from} | ({from} >> {shift});\n", index - 1), to)
        },
    );
    let ones = format!("{run}'d{}", (1u32 << run) - 1);
    // Rows of a tile below which a pass settles: a tile's half-size mask lacks bit (threshold - 2).
    let threshold = settles_below();
    let small = if tile < threshold { "1'b1".to_string() } else { format!("!half[{}]", threshold - 2) };
    let (strip_half, block_half) = (format!("{{line_mask, {ones}}} >> 1"), format!("{{strip_mask, {ones}}} >> 1"));
    module
        .body(format!(
            "
            localparam [2:0] UNIT = 3'd0, PICK = 3'd1, RUN = 3'd2, SETTLE = 3'd3, NEXT = 3'd4;
            localparam [1:0] MOVE = 2'd0, STAY = 2'd1, INVERT = 2'd2, SCALE = 2'd3;

            // Half-size masks: of a strip's lines, of a whole strip, of a block.
            assign line_half    = {line_half};
            assign strip_half   = {strip_half};
            assign block_half   = {block_half};
            assign small_tile   = {small};
            assign is_running   = phase == RUN;
            assign scaling      = pass == SCALE;
            assign may_start    = pass == MOVE ? full && !busy[target] : pass == INVERT ? full : 1'b1;
            assign element_last = element == (scaling ? {{half[{half_top}:0], 1'b1}} : half);
            assign column_last  = {column_end};
            assign block_end    = scaling || (element & mask) == mask;
            assign last_stage   = invert ? mask == (kind == 2'd1 ? block_half : line_half) : mask == 0;
            assign unit_done    = phase == NEXT && !pass[1] && last_stage;
            assign step         = unit_done;
            assign multiplying  = is_running;
            assign space        = !full && emptying == 0;
            assign ready        = ready_buffer;

            // Index of the tree at which a tile begins.
            assign tile_reversed = {tile_reversed};
            assign strip_root    = ({strip_wide} >> (4'd{line} - log_strips)) << (log_lines - 4'd1);
            assign coset_root    = (({coset_wide} << log_strips) | {tile_wide}) << {run};
            ",
            line_half = extend("line_mask", line, tile) + " >> 1",
            half_top = tile - 2,
            tile_reversed = reversed("tile", line),
            strip_wide = extend("tile_reversed", line, index),
            coset_wide = extend("coset", coset, index),
            tile_wide = extend("tile", line, index),
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                emptying   <= {{emptying[{late}:0], 1'b0}};
                completing <= {{completing[{late}:0], unit_done}};
                case (phase)
                UNIT: begin
                    pass       <= kind == 2'd1 && coset == 0 ? INVERT : MOVE;
                    invert     <= kind == 2'd0 || (kind == 2'd1 && coset == 0);
                    half       <= kind == 2'd1 ? block_half : strip_half;
                    tree       <= kind == 2'd0 ? strip_root : kind == 2'd1 ? {coset_wide} : coset_root;
                    hop        <= kind == 2'd0 ? {index}'d1 << hop_first : kind == 2'd1 ? {index}'d0 : {index}'d1;
                    // The inverse begins with the smallest half-size and the most blocks.
                    if (kind == 2'd0 || (kind == 2'd1 && coset == 0)) begin
                        mask       <= 0;
                        block_last <= kind == 2'd0 ? line_half : block_half;
                    end else begin
                        mask       <= kind == 2'd1 ? block_half : line_half;
                        block_last <= 0;
                    end
                    if (running && factors_done && !finished) phase <= PICK;
                end
                PICK: begin
                    element <= 0;
                    block   <= 0;
                    branch  <= tree;
                    {column_first}
                    if (may_start) phase <= RUN;
                end
                RUN: begin
                    element <= element_last ? {tile}'d0 : element + 1'b1;
                    if (element_last) begin
                        block  <= 0;
                        branch <= tree;
                    end else if (block_end) begin
                        block <= scaling || block == block_last ? {tile}'d0 : block + 1'b1;
                        if (scaling || block == block_last) branch <= branch + hop;
                    end
                    {column_next}
                    wait_count <= 6'd{settle};
                    if (element_last && column_last) phase <= small_tile ? SETTLE : NEXT;
                end
                SETTLE: begin
                    wait_count <= wait_count - 1'b1;
                    if (wait_count == 0) phase <= NEXT;
                end
                default: begin
                    phase <= unit_done ? UNIT : PICK;
                    if (pass == SCALE || (pass == INVERT && last_stage)) begin
                        // Coefficient k of a block is scaled by power number k 2^c + tile; then it is moved.
                        pass       <= scaling ? MOVE : SCALE;
                        invert     <= !scaling;
                        mask       <= block_half;
                        block_last <= 0;
                        tree       <= scaling ? {index}'d0 : {tile_wide};
                        hop        <= scaling ? {index}'d0 : {index}'d1 << log_lines;
                    end else begin
                        pass       <= pass == INVERT ? INVERT : STAY;
                        mask       <= invert ? {{mask[{half_top}:0], 1'b1}} : mask >> 1;
                        block_last <= invert ? block_last >> 1 : {{block_last[{half_top}:0], 1'b1}};
                        tree       <= invert ? tree >> 1 : tree << 1;
                        hop        <= invert ? hop >> 1 : hop << 1;
                    end
                    if (pass == MOVE) begin
                        busy[target] <= 1'b1;
                        // Buffer 0 is free when its last words have been read, and a little later.
                        if (kind != 2'd1 || coset_end) begin
                            full        <= 1'b0;
                            emptying[0] <= 1'b1;
                        end
                    end
                    if (unit_done) target <= !target;
                end
                endcase

                if (filled) full <= 1'b1;
                if (release_buffer[0]) busy[0] <= 1'b0;
                if (release_buffer[1]) busy[1] <= 1'b0;
                ready_buffer <= ready_buffer & ~release_buffer;
                if (completing[{end}]) begin
                    ready_buffer[readied] <= 1'b1;
                    readied               <= !readied;
                end
                if (rst || start) begin
                    phase        <= UNIT;
                    full         <= 1'b0;
                    emptying     <= 0;
                    completing   <= 0;
                    busy         <= 2'b00;
                    ready_buffer <= 2'b00;
                    target       <= 1'b0;
                    readied      <= 1'b0;
                end
            end
            ",
            late = PASS_LATENCY - 2,
            end = PASS_LATENCY - 1,
            settle = PASS_LATENCY,
            half_top = tile - 2,
            coset_wide = extend("coset", coset, index),
            tile_wide = extend("tile", line, index),
        ))
        .body(format!(
            "
            // Element t of a stage with half-size mask + 1: t with a zero put in at the half-size's bit, and its partner with a one (without
            // its lowest bit, which no address needs).
            assign i   = scaling ? element : (element & mask) | ((element & ~mask) << 1);
            assign j   = i[{top}:1] | (mask[{mask_top}:0] ^ mask[{top}:1]);
            assign odd = ^i;

            // The inverse takes the twiddle of a block with the bits below its leading one complemented.
            {smear}assign below = raw_inverse ? {spread} >> 1 : {index}'d0;

            always @(posedge clk) begin
                read        <= !is_running ? 3'b000 : pass == STAY ? (target ? 3'b100 : 3'b010) : 3'b001;
                write       <= !is_running ? 3'b000 : pass[1] ? 3'b001 : target ? 3'b100 : 3'b010;
                write_bank  <= !scaling ? 2'b11 : odd ? 2'b10 : 2'b01;
                address0    <= {{{column}odd ? j : i[{top}:1]}};
                address1    <= {{{column}odd ? i[{top}:1] : j}};
                swap        <= odd;
                inverse     <= invert && !scaling;
                scale       <= scaling;
                raw_index   <= branch | {block_wide};
                raw_inverse <= invert && !scaling;
                raw_power   <= scaling;
                index       <= raw_index ^ below;
                power       <= raw_power;
                minus_one   <= raw_inverse && raw_index == 0;
            end
            ",
            mask_top = tile - 2,
            smear = smear.0.replace('\n', "\n            "),
            spread = smear.1,
            block_wide = extend("block", tile, index),
        ))
}
