//! The life of a job: start, run, end or fault; its counters and its status.

use crate::netlist::Module;
use galena_target::{KERNELS, Kernel};

/// Clocks that everything is quiet before a job counts as done: longer than any way from one module's output to the next one's `busy`.
const QUIET: usize = 8;

/// `shell_job_l{lanes}`: sequences one job after another.
pub fn job(lanes: usize) -> Module {
    let is = |property: &dyn Fn(&galena_target::KernelRow) -> bool| {
        let tests: Vec<String> =
            KERNELS.iter().filter(|k| property(k)).map(|k| format!("kernel == 8'd{}", k.kernel.code())).collect();
        tests.join(" || ")
    };
    let works = format!("({})", is(&|k| k.kernel.works()));
    let code = |k: Kernel| format!("8'd{}", k.code());
    Module::new(format!("shell_job_l{lanes}"), "sequences a job and keeps its counters")
        .timing("1 clock from an event to what follows; a quiet job ends 9 clocks after the hasher", "one job at a time")
        .doc("A job ends when its data are right, its rows are gone and the hasher is quiet; or by a fault. Then the status goes out.")
        .clk_rst()
        .input("command_begin", 1, "")
        .input("accept", 1, "")
        .input("kernel", 8, "")
        .input("log_rows", 5, "")
        .input("log_blowup", 2, "")
        .input("group_last", 11, "")
        .input("beats", 17, "of a read")
        .input("return_rows", 1, "")
        .input("return_digests", 1, "")
        .output_reg("transforms", 1, "")
        .output_reg("to_hasher", 1, "")
        .output_reg("to_link", 1, "rows are sent")
        .output_reg("digests", 1, "digests are sent")
        .output_reg("leaves", 1, "the input is digests")
        .output_reg("reading", 1, "the input is addresses")
        .output_reg("searches", 1, "there is no input, and one answer")
        .output("registers", 1, "the register map is sent")
        .output("rate_set", 1, "the line's rate is to change")
        .output_reg("row_mask", 20, "2^log_rows - 1")
        .output_reg("start", 1, "")
        .output_reg("drop", 1, "the job is dropped")
        .output("hold", 1, "no command may begin")
        .output("computing", 1, "the job is accepted and not over")
        .output_reg("active", 1, "from a command's header to the end of its status")
        .input("data_end", 1, "")
        .input("fault", 1, "")
        .input("fault_code", 4, "")
        .input("fault_sequence", 16, "")
        .input("fault_offset", 32, "")
        .input("fault_found", 32, "")
        .input("row_gone", 1, "")
        .input("busy", 1, "hasher, chunks or memory")
        .output_reg("finish", 1, "send what is left and the status")
        .input("frozen", 1, "the status is being sent")
        .input("done", 1, "it has been sent")
        .input("running", 1, "count clocks: from the command's last word on")
        .input("waiting", 1, "for an input word")
        .input("blocked", 1, "an output word waits")
        .input("multiplying", 1, "")
        .input("hash_multiplies", 64, "")
        .input("permutations", 32, "")
        .input("grind_multiplies", 48, "")
        .input("grind_permutations", 32, "")
        .input("taken", 32, "")
        .output_reg("jobs", 32, "")
        .output_reg("errors", 32, "")
        .output("lde_multiplies", 64, "of the job")
        .output("job_hash_multiplies", 64, "of the job")
        .input("index", 4, "")
        .output_reg("status_word", 32, "a clock later")
        .reg("state", 2)
        .reg("input_done", 1)
        .reg("rows_left", 32)
        .reg("quiet", 4)
        .reg("status_code", 4)
        .reg("status_sequence", 16)
        .reg("status_offset", 32)
        .reg("status_found", 32)
        .reg("counting", 1)
        .reg("cycles", 48)
        .reg("butterflies", 48)
        .reg("starving", 48)
        .reg("blocking", 48)
        .reg("hashing", 1)
        .reg("grinding", 1)
        .body(format!(
            "
            localparam [1:0] IDLE = 2'd0, RUN = 2'd1, SETTLE = 2'd2, END = 2'd3;

            // What the kernel asks for. It is known long before the job is accepted.
            always @(posedge clk) begin
                transforms <= {transforms};
                to_hasher  <= kernel == {commit} || kernel == {hash} || kernel == {tree};
                to_link    <= kernel == {lde} || kernel == {read} || (kernel == {commit} && return_rows);
                digests    <= to_hasher && return_digests;
                leaves     <= kernel == {tree};
                reading    <= kernel == {read};
                searches   <= {searches};
            end

            assign registers  = kernel == {identify} && status_code == 0;
            assign rate_set   = done && kernel == {rate} && status_code == 0;
            assign hold       = state != IDLE || fault || accept;
            assign computing  = state == RUN || state == SETTLE;

            // Every lane begins a multiplication at once. The hasher counts from the start of its last job.
            assign lde_multiplies      = {{{high}'d0, butterflies{low}}};
            assign job_hash_multiplies = hashing ? hash_multiplies : grinding ? {{16'd0, grind_multiplies}} : 64'd0;
            ",
            transforms = is(&|k| k.transforms),
            searches = is(&|k| k.searches),
            lde = code(Kernel::Lde),
            commit = code(Kernel::Commit),
            hash = code(Kernel::Hash),
            tree = code(Kernel::Tree),
            identify = code(Kernel::Identify),
            read = code(Kernel::Read),
            rate = code(Kernel::Rate),
            high = 16 - lanes.ilog2(),
            low = if lanes == 1 { String::new() } else { format!(", {}'d0", lanes.ilog2()) },
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                start <= 1'b0;
                drop  <= 1'b0;
                case (state)
                IDLE: if (accept) begin
                    state      <= RUN;
                    start      <= {works};
                    hashing    <= to_hasher;
                    grinding   <= searches;
                    input_done <= 1'b0;
                    // The beats of a read are rows of one group.
                    row_mask   <= kernel == {read} ? 20'hfffff : ~(20'hfffff << log_rows);
                    rows_left  <= kernel == {read} ? {{15'd0, beats}}
                                : {works} && !searches ? (({{21'd0, group_last}} + 32'd1) << log_rows) << log_blowup : 32'd0;
                end
                RUN: begin
                    quiet <= 4'd{QUIET};
                    if (input_done && rows_left == 0) state <= SETTLE;
                end
                SETTLE: begin
                    quiet <= busy ? 4'd{QUIET} : quiet - 1'b1;
                    if (quiet == 0 && !busy) begin
                        state  <= END;
                        finish <= 1'b1;
                    end
                end
                default: if (done) begin
                    state  <= IDLE;
                    finish <= 1'b0;
                end
                endcase
                if (data_end) input_done <= 1'b1;
                if (row_gone && state == RUN) rows_left <= rows_left - 1'b1;

                // A fault that comes when all is done changes nothing.
                if (fault && state != END) begin
                    state  <= END;
                    finish <= 1'b1;
                    drop   <= 1'b1;
                    start  <= 1'b0;
                    errors <= errors + 1'b1;
                end
                if (accept) jobs <= jobs + 1'b1;

                if (command_begin) begin
                    status_code     <= 4'd0;
                    status_sequence <= 16'd0;
                    status_offset   <= 32'd0;
                    status_found    <= 32'd0;
                end
                if (fault && state != END) begin
                    status_code     <= fault_code;
                    status_sequence <= fault_sequence;
                    status_offset   <= fault_offset;
                    status_found    <= fault_found;
                end

                // Counters of the job.
                if (counting && !frozen) begin
                    cycles      <= cycles + 1'b1;
                    butterflies <= butterflies + {{47'd0, multiplying}};
                    starving    <= starving + {{47'd0, waiting}};
                    blocking    <= blocking + {{47'd0, blocked}};
                end
                if (running) counting <= 1'b1;
                if (frozen) counting <= 1'b0;
                if (done) active <= 1'b0;
                if (command_begin) begin
                    active      <= 1'b1;
                    hashing     <= 1'b0;
                    grinding    <= 1'b0;
                    counting    <= 1'b0;
                    cycles      <= 0;
                    butterflies <= 0;
                    starving    <= 0;
                    blocking    <= 0;
                end

                case (index)
                4'd0:  status_word <= {{28'd0, status_code}};
                4'd1:  status_word <= {{16'd0, status_sequence}};
                4'd2:  status_word <= status_offset;
                4'd3:  status_word <= status_found;
                4'd4:  status_word <= cycles[31:0];
                4'd5:  status_word <= {{16'd0, cycles[47:32]}};
                4'd6:  status_word <= lde_multiplies[31:0];
                4'd7:  status_word <= lde_multiplies[63:32];
                4'd8:  status_word <= job_hash_multiplies[31:0];
                4'd9:  status_word <= job_hash_multiplies[63:32];
                4'd10: status_word <= starving[31:0];
                4'd11: status_word <= {{16'd0, starving[47:32]}};
                4'd12: status_word <= blocking[31:0];
                4'd13: status_word <= {{16'd0, blocking[47:32]}};
                4'd14: status_word <= hashing ? permutations : grinding ? grind_permutations : 32'd0;
                default: status_word <= taken;
                endcase

                if (rst) begin
                    state    <= IDLE;
                    finish   <= 1'b0;
                    start    <= 1'b0;
                    drop     <= 1'b0;
                    counting <= 1'b0;
                    active   <= 1'b0;
                    hashing  <= 1'b0;
                    grinding <= 1'b0;
                    jobs     <= 32'd0;
                    errors   <= 32'd0;
                end
            end
            ",
            read = code(Kernel::Read),
                    ))
}
