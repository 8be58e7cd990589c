//! The order of tiles that the fill, the lanes and the drain walk through, each at its own pace.

use super::Geometry;
use crate::netlist::Module;

/// `external_walk_*`: for each group the strips of the inverse (`kind` 0), the blocks (1), and for each coset the strips (2). With
/// `per_coset` a block is a step for each coset, otherwise one.
pub fn walk(geometry: &Geometry, per_coset: bool) -> Module {
    let (line, coset) = (geometry.line_bits(), geometry.coset_bits());
    let name = format!("external_walk_{}_t{line}_c{coset}", if per_coset { "cosets" } else { "blocks" });
    let block = if per_coset { "coset_end" } else { "1'b1" };
    Module::new(name, "the order of tiles")
        .doc("Kinds: 0 strips of the inverse, 1 blocks, 2 strips of the cosets.")
        .timing("1 clock from a step to the next tile", "one step a clock")
        .clk()
        .input("start", 1, "a job begins, or is dropped")
        .input("step", 1, "the tile is done")
        .input("line_mask", line, "lines of a strip - 1, and blocks - 1")
        .input("strip_mask", line, "strips - 1, and lines of a block - 1")
        .input("coset_last", coset, "")
        .input("group_last", 11, "")
        .output_reg("kind", 2, "")
        .output_reg("tile", line, "strip or block")
        .output_reg("coset", coset, "")
        .output("odd_group", 1, "the group's number is odd")
        .output_reg("finished", 1, "there are no more")
        .output("coset_end", 1, "the last coset")
        .wire("tile_end", 1)
        .reg("group", 11)
        .body(format!(
            "
            assign tile_end  = tile == (kind == 2'd1 ? line_mask : strip_mask);
            assign coset_end = coset == coset_last;
            assign odd_group = group[0];

            always @(posedge clk) begin
                if (step && kind == 2'd1) begin
                    {coset_step}
                    if ({block}) begin
                        tile <= tile_end ? {line}'d0 : tile + 1'b1;
                        if (tile_end) kind <= 2'd2;
                    end
                end else if (step) begin
                    tile <= tile_end ? {line}'d0 : tile + 1'b1;
                    if (tile_end && kind == 2'd0) kind <= 2'd1;
                    if (tile_end && kind == 2'd2) begin
                        coset <= coset_end ? {coset}'d0 : coset + 1'b1;
                        if (coset_end) begin
                            kind     <= 2'd0;
                            group    <= group + 1'b1;
                            finished <= group == group_last;
                        end
                    end
                end
                if (start) begin
                    kind     <= 2'd0;
                    tile     <= 0;
                    coset    <= 0;
                    group    <= 0;
                    finished <= 1'b0;
                end
            end
            ",
            coset_step =
                if per_coset { format!("coset <= coset_end ? {coset}'d0 : coset + 1'b1;") } else { String::new() },
        ))
}
