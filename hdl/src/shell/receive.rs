//! The frame parser: finds commands, checks every frame of a job, and hands on words.
//!
//! Between jobs it searches: a header is taken wherever four words in a row form one with a right CRC, so no number of lost or
//! foreign words confuses it for longer than it takes the next command to arrive. Within a job the next frame is known, and
//! anything else is a fault. A fault ends the job and the parser searches again; no input can stop it.

use crate::netlist::Module;
use crate::stream::crc;
use galena_target::frame::{self, StatusCode};
use galena_target::{FIELD_PRIME, KERNELS};

/// `shell_receive_w{log}`: `starve_log` is log2 of the clocks without a word after which a job is given up.
pub fn receive(starve_log: usize) -> Module {
    let code = |c: StatusCode| format!("4'd{}", c as u32);
    Module::new(format!("shell_receive_w{starve_log}"), "parses frames: commands between jobs, data within one")
        .doc(&format!(
            "One word a clock. Payload words of a command go to the decoder as they come; `command_end` says that their CRC is right.
             Data words are handed on before their CRC is known: a fault drops the job. Gives up after 2^{starve_log} clocks without a word."
        ))
        .clk_rst()
        .input("s_valid", 1, "from the link")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("searching", 1, "between frames, at no known place")
        .input("hold", 1, "a job is under way or its status is: no command may begin")
        .output("command_begin", 1, "a command's header was read")
        .output("command_word", 1, "a word of its payload")
        .output("command_index", 5, "")
        .output("command_data", 32, "")
        .output("command_end", 1, "its CRC is right")
        .output_reg("kernel", 8, "of the last command")
        .input("accept", 1, "the decoder takes the command")
        .input("refuse", 1, "or does not")
        .input("refuse_code", 4, "")
        .input("refuse_offset", 5, "")
        .input("refuse_found", 32, "")
        .input("total", 32, "data words of the command")
        .output_reg("m_valid", 1, "data words")
        .input("m_ready", 1, "")
        .output_reg("m_data", 31, "")
        .output_reg("data_end", 1, "all data are in and right")
        .output("waiting", 1, "a job waits for a word now")
        .output_reg("fault", 1, "the job is over")
        .output_reg("fault_code", 4, "")
        .output_reg("fault_sequence", 16, "")
        .output_reg("fault_offset", 32, "")
        .output_reg("fault_found", 32, "")
        .reg("state", 3)
        .reg("in_job", 1)
        .reg("word1", 32)
        .reg("word2", 32)
        .reg("word3", 32)
        .reg("crc1", 32)
        .reg("crc2", 32)
        .reg("kind", 32)
        .reg("length", 32)
        .reg("frame_number", 16)
        .reg("index", 11)
        .reg("crc", 32)
        .reg("remaining", 32)
        .reg("starve", starve_log)
        .wire("take", 1)
        .wire("header", 1)
        .wire("starved", 1)
        .wire("is_command", 1)
        .wire("frame_length", 32)
        .wire("last_word", 1)
        .wire("crc_right", 1)
        .wire("canonical", 1)
        .body(crc::step_function())
        .body(format!(
            "
            localparam [2:0] SEARCH = 3'd0, HEADER = 3'd1, CHECK = 3'd2, PAYLOAD = 3'd3, TAIL = 3'd4, VERDICT = 3'd5;
            localparam [31:0] MAGIC = 32'h{magic:08x};
            localparam [31:0] AFTER_MAGIC = 32'h{after_magic:08x}; // the CRC register after the magic word

            assign s_ready   = state == SEARCH || state == HEADER || state == TAIL || (state == PAYLOAD && (!in_job || !m_valid || m_ready));
            assign take      = s_valid && s_ready;
            assign searching = state == SEARCH;
            // word3, word2, word1 and s_data are a header; crc2 is the CRC register after word3 .. word1 if word3 is the magic word.
            assign header    = word3 == MAGIC && s_data == ~crc2;
            assign last_word = index == length[10:0] - 1'b1;
            assign crc_right = s_data == ~crc;
            assign canonical = !s_data[31] && (s_data[30:27] != 4'd15 || s_data[26:0] == 0);
            // Data come in frames as long as can be.
            assign frame_length = remaining < 32'd{payload_max} ? remaining : 32'd{payload_max};
            assign waiting   = s_ready && !s_valid && state != SEARCH;
            assign starved   = &starve && waiting;

            assign is_command    = kind[31:8] == {{16'd0, 8'd{command}}} && length <= 32'd{payload_max};
            assign command_begin = state == CHECK && !in_job && is_command && !hold;
            assign command_word  = take && state == PAYLOAD && !in_job;
            assign command_index = index[4:0];
            assign command_data  = s_data;
            assign command_end   = take && state == TAIL && !in_job && crc_right;
            ",
            magic = frame::MAGIC,
            after_magic = crc::step(u32::MAX, frame::MAGIC),
            command = frame::FrameType::Command as u32,
            payload_max = frame::PAYLOAD_MAX,
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                fault    <= 1'b0;
                data_end <= 1'b0;
                if (!fault) fault_sequence <= frame_number;
                if (m_ready) m_valid <= 1'b0;
                starve <= waiting ? starve + 1'b1 : 0;

                if (take && (state == SEARCH || state == HEADER)) begin
                    word1 <= s_data;
                    word2 <= word1;
                    word3 <= word2;
                    crc1  <= crc_step(AFTER_MAGIC ^ s_data);
                    crc2  <= crc_step(crc1 ^ s_data);
                end

                case (state)
                SEARCH: if (take && header) begin
                    kind   <= word2;
                    length <= word1;
                    state  <= CHECK;
                end
                HEADER: if (take) begin
                    index  <= index + 1'b1;
                    kind   <= word2;
                    length <= word1;
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
                    if (in_job) begin
                        if (length > 32'd{payload_max}) begin
                            fault        <= 1'b1;
                            fault_code   <= {header};
                            fault_found  <= length;
                        end else if (kind != {{frame_number, 8'd{data}, kernel}}) begin
                            fault      <= 1'b1;
                            fault_code <= {sequence};
                        end else if (length != frame_length) begin
                            fault        <= 1'b1;
                            fault_code   <= {length};
                            fault_found  <= length;
                        end
                    end else if (!is_command) begin
                        state <= SEARCH;
                    end else if (hold) begin
                        state <= CHECK;
                    end else begin
                        kernel         <= kind[7:0];
                        frame_number   <= 16'd0;
                        fault_sequence <= 16'd0;
                        if (kind[7:0] >= 8'd{kernels}) begin
                            fault       <= 1'b1;
                            fault_code  <= {unknown};
                            fault_found <= {{24'd0, kind[7:0]}};
                        end else if (length != 32'd{command_words}) begin
                            fault        <= 1'b1;
                            fault_code   <= {length};
                            fault_found  <= length;
                        end
                    end
                end
                PAYLOAD: if (take) begin
                    index <= index + 1'b1;
                    crc   <= crc_step(crc ^ s_data);
                    if (in_job) begin
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
                    end else if (!in_job) begin
                        state <= VERDICT;
                    end else begin
                        frame_number <= frame_number + 1'b1;
                        data_end <= remaining == 0;
                        in_job   <= remaining != 0;
                        state    <= remaining == 0 ? SEARCH : HEADER;
                    end
                end
                default: begin
                    remaining <= total;
                    if (accept) begin
                        frame_number <= 16'd1;
                        in_job   <= total != 0;
                        data_end <= total == 0;
                        state    <= total != 0 ? HEADER : SEARCH;
                    end
                    if (refuse) begin
                        fault        <= 1'b1;
                        fault_code   <= refuse_code;
                        fault_offset <= {{27'd0, refuse_offset}};
                        fault_found  <= refuse_found;
                    end
                end
                endcase

                if (starved) begin
                    fault        <= 1'b1;
                    fault_code   <= {starved};
                    fault_offset <= {{21'd0, index}};
                    fault_found  <= 0;
                end
                // The clock after a fault: whatever was decided above in the meantime is void.
                if (fault) begin
                    fault   <= 1'b0;
                    state   <= SEARCH;
                    in_job  <= 1'b0;
                    m_valid <= 1'b0;
                    data_end <= 1'b0;
                end
                if (rst) begin
                    fault   <= 1'b0;
                    state   <= SEARCH;
                    in_job  <= 1'b0;
                    m_valid <= 1'b0;
                    word1   <= 0;
                    word2   <= 0;
                    word3   <= 0;
                    starve  <= 0;
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
            payload_max = frame::PAYLOAD_MAX,
            data = frame::FrameType::Data as u32,
            command_words = frame::COMMAND_WORDS,
            kernels = KERNELS.len(),
        ))
}

/// The test for a reduced word above is written for this prime: 15 * 2^27 + 1.
const _: () = assert!(FIELD_PRIME == (15 << 27) + 1);
