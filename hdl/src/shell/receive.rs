//! The frame parser: finds commands, checks every frame of a job, and hands on words.
//!
//! Between jobs it searches: a header is taken wherever four words in a row form one with a right CRC, so no number of lost or
//! foreign words confuses it for longer than it takes the next command to arrive. Within a job the next frame is known; filler before
//! it is skipped, a cancel is obeyed, and anything else is a fault. A fault ends the job and the parser searches again; no input can stop it.

use crate::netlist::Module;
use crate::stream::crc;
use galena_target::frame::{self, FrameType, StatusCode};
use galena_target::{Config, FIELD_PRIME, KERNELS, Kernel};

/// `shell_receive_k{kernels}`: `kernels` is the mask of those that the config has.
pub fn receive(config: &Config) -> Module {
    let code = |c: StatusCode| format!("4'd{}", c as u32);
    let kind = |t: FrameType| format!("8'd{}", t as u32);
    let known = KERNELS.iter().filter(|row| config.has(row.kernel)).map(|row| row.kernel);
    let mask = known.clone().fold(0, |bits, k| bits | k.bit());
    let tests: Vec<String> = known.map(|k| format!("word2[7:0] == 8'd{}", k.code())).collect();
    Module::new(format!("shell_receive_k{mask:02x}"), "parses frames: commands between jobs, data within one")
        .timing("1 clock from a data word to m_data, 2 from a frame's last word to the verdict", "one word a clock")
        .doc(
            "Payload words of a command go to the decoder as they come; `command_end` says that their CRC is right.
             Data words are handed on before their CRC is known: a fault drops the job.",
        )
        .clk_rst()
        .input("s_valid", 1, "from the link")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("searching", 1, "between frames, at no known place")
        .output("header_seen", 1, "a header with a right CRC")
        .output("take", 1, "a word is taken")
        .output_reg("taken", 32, "words since the first of the last command")
        .input("hold", 1, "a job is under way or its status is: no command may begin")
        .input("computing", 1, "all data are in and the job is under way: a cancel may end it")
        .output_reg("restart", 1, "a reset frame: no word is taken in this clock and the next")
        .output_reg("command_begin", 1, "a command's header was read a clock ago")
        .output("command_word", 1, "a word of its payload")
        .output("command_index", 5, "")
        .output("command_data", 32, "")
        .output("command_end", 1, "its CRC is right")
        .output_reg("kernel", 8, "of the last command")
        .output_reg("job_number", 16, "of the last command")
        .input("accept", 1, "the decoder takes the command")
        .input("refuse", 1, "or does not")
        .input("refuse_code", 4, "")
        .input("refuse_offset", 5, "")
        .input("refuse_found", 32, "")
        .input("total", 32, "data words of the command")
        .output_reg("m_valid", 1, "data words")
        .input("m_ready", 1, "")
        .output_reg("m_data", 31, "")
        .output_reg("data_open", 1, "data are expected")
        .output_reg("data_end", 1, "all data are in and right")
        .output("waiting", 1, "a job waits for a word now")
        .output("moved", 1, "a word of a job is taken")
        .input("starved", 1, "it has waited too long")
        .input("stuck", 1, "the job moves no more")
        .output_reg("fault", 1, "the job is over")
        .output_reg("fault_code", 4, "")
        .output_reg("fault_sequence", 16, "")
        .output_reg("fault_offset", 32, "")
        .output_reg("fault_found", 32, "")
        .reg("state", 3)
        .reg("word1", 32)
        .reg("word2", 32)
        .reg("word3", 32)
        .reg("crc1", 32)
        .reg("crc2", 32)
        .reg("kind", 32)
        .reg("length", 16)
        .reg("frame_job", 16)
        .reg("frame_number", 16)
        .reg("index", 11)
        .reg("crc", 32)
        .reg("remaining", 32)
        .wire("header", 1)
        .reg("is_command", 1)
        .reg("is_cancel", 1)
        .reg("is_reset", 1)
        .reg("cancels", 1)
        .reg("known", 1)
        .reg("too_long", 1)
        .reg("other_frame", 1)
        .reg("other_job", 1)
        .reg("other_length", 1)
        .reg("command_sized", 1)
        .reg("closed", 1)
        .wire("frame_length", 16)
        .wire("last_word", 1)
        .wire("crc_right", 1)
        .wire("canonical", 1)
        .body(crc::step_function())
        .body(format!(
            "
            localparam [2:0] SEARCH = 3'd0, HEADER = 3'd1, CHECK = 3'd2, PAYLOAD = 3'd3, TAIL = 3'd4, VERDICT = 3'd5;
            localparam [31:0] MAGIC = 32'h{magic:08x};
            localparam [31:0] AFTER_MAGIC = 32'h{after_magic:08x}; // the CRC register after the magic word

            assign s_ready     = !closed && (state == SEARCH || state == HEADER || state == TAIL
                              || (state == PAYLOAD && (!data_open || !m_valid || m_ready)));
            assign take        = s_valid && s_ready;
            assign searching   = state == SEARCH;
            assign header_seen = state == CHECK;
            // word3, word2, word1 and s_data are a header; crc2 is the CRC register after word3 .. word1 if word3 is the magic word.
            assign header      = word3 == MAGIC && s_data == ~crc2;
            assign last_word   = index == length[10:0] - 1'b1;
            assign crc_right   = s_data == ~crc;
            // The data of a read are addresses.
            assign canonical   = kernel == 8'd{read} || (!s_data[31] && (s_data[30:27] != 4'd15 || s_data[26:0] == 0));
            // Data come in frames as long as can be.
            assign frame_length = remaining < 32'd{payload_max} ? remaining[15:0] : 16'd{payload_max};
            assign waiting     = s_ready && !s_valid && state != SEARCH;
            assign moved       = take && state != SEARCH;

            // What a header says, found while its last word comes: word2 is its second word, word1 its third. What it is compared with does not
            // change until it is judged.
            always @(posedge clk)
                if (take && (state == SEARCH || state == HEADER)) begin
                    kind          <= word2;
                    length        <= word1[15:0];
                    frame_job     <= word1[31:16];
                    known         <= {known};
                    is_command    <= word2[31:8] == {{16'd0, {command}}} && word1[15:0] <= 16'd{payload_max} && word1[31:16] != 16'h{any:04x};
                    // These two have no payload; its CRC, zero, is filler.
                    is_cancel     <= word2[15:8] == {cancel} && word1[15:0] == 0;
                    is_reset      <= word2[15:8] == {reset} && word1[15:0] == 0;
                    cancels       <= word1[31:16] == job_number || word1[31:16] == 16'h{any:04x};
                    too_long      <= word1[15:0] > 16'd{payload_max};
                    other_frame   <= word2 != {{frame_number, {data}, kernel}};
                    other_job     <= word1[31:16] != job_number;
                    other_length  <= word1[15:0] != frame_length;
                    command_sized <= word1[15:0] == 16'd{command_words};
                end

            assign command_word  = take && state == PAYLOAD && !data_open;
            assign command_index = index[4:0];
            assign command_data  = s_data;
            assign command_end   = take && state == TAIL && !data_open && crc_right;
            ",
            magic = frame::MAGIC,
            after_magic = crc::step(u32::MAX, frame::MAGIC),
            command = kind(FrameType::Command),
            cancel = kind(FrameType::Cancel),
            reset = kind(FrameType::Reset),
            any = frame::ANY_JOB,
            read = Kernel::Read.code(),
            payload_max = frame::PAYLOAD_MAX,
            known = tests.join(" || "),
            data = kind(FrameType::Data),
            command_words = frame::COMMAND_WORDS,
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                fault    <= 1'b0;
                data_end <= 1'b0;
                restart  <= 1'b0;
                closed   <= restart;
                command_begin <= 1'b0;
                if (!fault) fault_sequence <= frame_number;
                if (m_ready) m_valid <= 1'b0;
                if (take) taken <= taken + 1'b1;

                if (take && (state == SEARCH || state == HEADER)) begin
                    word1 <= s_data;
                    word2 <= word1;
                    word3 <= word2;
                    crc1  <= crc_step(AFTER_MAGIC ^ s_data);
                    crc2  <= crc_step(crc1 ^ s_data);
                end

                case (state)
                SEARCH: if (take && header) state <= CHECK;
                HEADER: if (take && (index != 0 || s_data != 0)) begin
                    index <= index + 1'b1;
                    if (index == 0 ? s_data != MAGIC : index == 11'd3 && !header) begin
                        fault        <= 1'b1;
                        fault_code   <= {header};
                        fault_offset <= 0;
                        fault_found  <= s_data;
                    end else if (index == 11'd3) state <= CHECK;
                end
                CHECK: begin
                    index <= 0;
                    crc   <= 32'hffffffff;
                    word1 <= 0;
                    word2 <= 0;
                    word3 <= 0;
                    fault_offset <= 0;
                    fault_found  <= kind;
                    state        <= PAYLOAD;
                    if (data_open) begin
                        if (is_cancel) begin
                            fault       <= cancels;
                            fault_code  <= {cancelled};
                            fault_found <= 0;
                            state       <= HEADER;
                        end else if (too_long) begin
                            fault       <= 1'b1;
                            fault_code  <= {header};
                            fault_found <= {{16'd0, length}};
                        end else if (other_frame) begin
                            fault      <= 1'b1;
                            fault_code <= {sequence};
                        end else if (other_job) begin
                            fault       <= 1'b1;
                            fault_code  <= {sequence};
                            fault_found <= {{frame_job, length}};
                        end else if (other_length) begin
                            fault       <= 1'b1;
                            fault_code  <= {length};
                            fault_found <= {{16'd0, length}};
                        end
                    end else if (!is_command) begin
                        state       <= SEARCH;
                        // Until the reset has come back, two clocks later, no word is taken.
                        restart     <= is_reset && !hold;
                        closed      <= is_reset && !hold;
                        fault       <= is_cancel && cancels && computing;
                        fault_code  <= {cancelled};
                        fault_found <= 0;
                    end else if (hold) begin
                        state <= CHECK;
                    end else begin
                        command_begin  <= 1'b1;
                        kernel         <= kind[7:0];
                        job_number     <= frame_job;
                        taken          <= 32'd{header_words};
                        frame_number   <= 16'd0;
                        fault_sequence <= 16'd0;
                        if (!known) begin
                            fault       <= 1'b1;
                            fault_code  <= {unknown};
                            fault_found <= {{24'd0, kind[7:0]}};
                        end else if (!command_sized) begin
                            fault       <= 1'b1;
                            fault_code  <= {length};
                            fault_found <= {{16'd0, length}};
                        end
                    end
                end
                PAYLOAD: if (take) begin
                    index <= index + 1'b1;
                    crc   <= crc_step(crc ^ s_data);
                    if (data_open) begin
                        m_valid   <= canonical;
                        m_data    <= s_data[30:0];
                        remaining <= remaining - 1'b1;
                        if (!canonical) begin
                            fault        <= 1'b1;
                            fault_code   <= {non_canonical};
                            fault_offset <= {{21'd0, index}};
                            fault_found  <= s_data;
                        end
                    end
                    if (last_word) state <= TAIL;
                end
                TAIL: if (take) begin
                    index <= 0;
                    if (!crc_right) begin
                        fault        <= 1'b1;
                        fault_code   <= {payload_crc};
                        fault_offset <= {{21'd0, index}};
                        fault_found  <= s_data;
                    end else if (!data_open) begin
                        state <= VERDICT;
                    end else begin
                        frame_number <= frame_number + 1'b1;
                        data_end  <= remaining == 0;
                        data_open <= remaining != 0;
                        state     <= remaining == 0 ? SEARCH : HEADER;
                    end
                end
                default: begin
                    remaining <= total;
                    if (accept) begin
                        frame_number <= 16'd1;
                        data_open <= total != 0;
                        data_end  <= total == 0;
                        state     <= total != 0 ? HEADER : SEARCH;
                    end
                    if (refuse) begin
                        fault        <= 1'b1;
                        fault_code   <= refuse_code;
                        fault_offset <= {{27'd0, refuse_offset}};
                        fault_found  <= refuse_found;
                    end
                end
                endcase

                if (starved || stuck) begin
                    fault        <= 1'b1;
                    fault_code   <= starved ? {starved} : {stuck};
                    fault_offset <= starved ? {{21'd0, index}} : 32'd0;
                    fault_found  <= 0;
                end
                // The clock after a fault: whatever was decided above in the meantime is void, but for a command that waits.
                if (fault) begin
                    fault     <= 1'b0;
                    state     <= state == CHECK && !data_open ? CHECK : SEARCH;
                    data_open <= 1'b0;
                    m_valid   <= 1'b0;
                    data_end  <= 1'b0;
                end
                if (rst) begin
                    fault     <= 1'b0;
                    restart   <= 1'b0;
                    closed    <= 1'b0;
                    command_begin <= 1'b0;
                    state     <= SEARCH;
                    data_open <= 1'b0;
                    m_valid   <= 1'b0;
                    word1     <= 0;
                    word2     <= 0;
                    word3     <= 0;
                end
            end
            ",
            header = code(StatusCode::Header),
            sequence = code(StatusCode::Sequence),
            length = code(StatusCode::Length),
            unknown = code(StatusCode::UnknownKernel),
            non_canonical = code(StatusCode::NonCanonical),
            payload_crc = code(StatusCode::PayloadCrc),
            starved = code(StatusCode::Starved),
            stuck = code(StatusCode::Stuck),
            cancelled = code(StatusCode::Cancelled),
            header_words = frame::HEADER_WORDS,
        ))
}

/// The test for a reduced word above is written for this prime: 15 * 2^27 + 1.
const _: () = assert!(FIELD_PRIME == (15 << 27) + 1);
