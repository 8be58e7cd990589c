//! The frame packetiser: chunks, credits, the register map and the status into frames.
//!
//! A header says how long its frame is, so a chunks frame begins when its chunks are all there. Whole chunks only are counted, so a frame
//! that has begun can always end, whatever becomes of the job.

use crate::netlist::Module;
use crate::stream::{crc, fifo};
use galena_target::frame::{
    CHUNK_WORDS, CHUNKS_MAX, CREDIT_WORDS, FrameType, HEADER_WORDS, HEARTBEAT_CLOCKS, MAGIC, STATUS_WORDS,
};
use galena_target::register::REGISTER_WORDS;

/// Words of chunks that may wait: a frame being sent and most of the next.
pub const CHUNK_STORE: usize = 1024;

/// `shell_transmit_c{quarter}`: a credit is due after a quarter of the `window`, or when nothing was sent for the time of a heartbeat.
/// A chunks frame goes at the line's speed; a word of the map or of the status takes two clocks.
pub fn transmit(window: usize) -> Module {
    let (quarter, heartbeat) = ((window / 4).ilog2() as usize, HEARTBEAT_CLOCKS.ilog2() as usize);
    Module::new(format!("shell_transmit_c{quarter}"), "puts chunks, credits, the register map and the status into frames")
        .timing("2 clocks from a decision to the first word of its frame", "one word a clock within a frame")
        .doc(&format!(
            "A credit every 2^{quarter} words taken, and when nothing was sent for 2^{heartbeat} clocks. Chunks frames of {CHUNKS_MAX} while a job runs; on `finish` what is left, then the map if asked, then the status, then `done`.
             On `discard` the frame under way is finished and waiting chunks are dropped; `finish` must come with it or later."
        ))
        .clk_rst()
        .input("kernel", 8, "")
        .input("job_number", 16, "")
        .input("first", 1, "a job begins: frame 0 is next")
        .input("active", 1, "there is a job")
        .input("data_open", 1, "its data are not all in")
        .input("take", 1, "a word is taken")
        .input("taken", 32, "words of the job taken so far")
        .input("s_valid", 1, "words of chunks")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .input("s_last", 1, "last of a chunk")
        .input("discard", 1, "")
        .input("finish", 1, "the job is over; stays until done")
        .input("registers", 1, "with finish: the map comes first")
        .output_reg("index", 6, "word of the map or the status")
        .output("map_take", 1, "it is of the map, and read now")
        .input("map_word", 32, "a clock later")
        .input("status_word", 32, "a clock later")
        .output_reg("frozen", 1, "the status is being sent: it must not change")
        .output_reg("done", 1, "the status has left")
        .output_reg("m_valid", 1, "to the link")
        .input("m_ready", 1, "")
        .output_reg("m_data", 32, "")
        .output_reg("m_last", 1, "last word of a credit or a status: what the host waits for")
        .reg("uncredited", quarter)
        .reg("credit_due", 1)
        .reg("silent", heartbeat + 1)
        .wire("begin_credit", 1)
        .wire("credited", 1)
        .reg("phase", 2)
        .reg("word", 2)
        .reg("frame_type", 8)
        .reg("frame_number", 16)
        .reg("length", 11)
        .reg("left", 11)
        .reg("crc", 32)
        .reg("summed", 1)
        .wire("sum", 32)
        .reg("credit_wanted", 1)
        .reg("chunks_full", 1)
        .reg("fetched", 1)
        .reg("map_sent", 1)
        .reg("dropping", 1)
        .reg("empty_store", 1)
        .reg("ending", 1)
        .reg("chunks", 8)
        .wire("counted", 1)
        .wire("frame_chunks", 7)
        .wire("begin_chunks", 1)
        .wire("chunk_valid", 1)
        .wire("chunk_ready", 1)
        .wire("chunk_data", 32)
        .wire("store_ready", 1)
        .wire("go", 1)
        .wire("send", 1)
        .reg("from_store", 1)
        .reg("from_credit", 1)
        .reg("from_map", 1)
        .reg("next", 32)
        .instance(
            "store",
            fifo(32, CHUNK_STORE),
            [
                ("clk", "clk"),
                ("rst", "rst || empty_store"),
                ("s_valid", "s_valid"),
                ("s_ready", "store_ready"),
                ("s_data", "s_data"),
                ("m_valid", "chunk_valid"),
                ("m_ready", "chunk_ready"),
                ("m_data", "chunk_data"),
            ],
        )
        .body(crc::step_function())
        .body(format!(
            "
            localparam [1:0] IDLE = 2'd0, HEAD = 2'd1, BODY = 2'd2, TAIL = 2'd3;

            assign s_ready      = store_ready;
            assign counted      = s_valid && s_ready && s_last;
            assign map_take     = phase == BODY && from_map && !fetched;
            assign go           = m_ready || !m_valid;
            assign frame_chunks = chunks_full ? 7'd{max} : chunks[6:0];
            assign begin_credit = phase == IDLE && !dropping && !discard && active && !finish && credit_wanted;
            assign credited     = phase == BODY && from_credit && go && send;
            assign begin_chunks = phase == IDLE && !dropping && !discard && !ending && !begin_credit && (chunks_full || (finish && chunks != 0));
            assign chunk_ready  = phase == BODY && from_store && go;
            assign send         = phase == HEAD || phase == TAIL || (phase == BODY && (from_store ? chunk_valid : fetched));

            // The CRC register: the word in the output register is in it a clock late.
            assign sum = summed ? crc : crc_step(crc ^ m_data);

            // The word that leaves next.
            always @(*)
                case (phase)
                HEAD: case (word)
                    2'd0: next = 32'h{MAGIC:08x};
                    2'd1: next = {{frame_number, frame_type, kernel}};
                    2'd2: next = {{job_number, 5'd0, length}};
                    default: next = ~sum;
                endcase
                BODY: next = from_store ? chunk_data : from_credit ? taken : from_map ? map_word : status_word;
                default: next = ~sum;
                endcase
            ",
            max = CHUNKS_MAX,
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                done        <= 1'b0;
                empty_store <= 1'b0;
                // Known long before the payload: the header goes first.
                from_store  <= frame_type == 8'd{chunks_type};
                from_credit <= frame_type == 8'd{credit_type};
                from_map    <= frame_type == 8'd{map_type};
                // Both are a clock late, which is before the next frame.
                credit_wanted <= (credit_due && data_open) || silent[{heartbeat}];
                chunks_full   <= chunks >= 8'd{max};
                crc    <= sum;
                summed <= 1'b1;
                if (go) begin
                    m_valid <= send;
                    m_data  <= next;
                    summed  <= !send;
                    m_last  <= phase == TAIL && (from_credit || frozen);
                end
                case (phase)
                IDLE: begin
                    word   <= 2'd0;
                    crc    <= 32'hffffffff;
                    summed <= 1'b1;
                    if (begin_credit) begin
                        frame_type <= 8'd{credit_type};
                        length     <= 11'd{credit_words};
                        phase      <= HEAD;
                    end else if (begin_chunks) begin
                        frame_type <= 8'd{chunks_type};
                        length     <= {{1'b0, frame_chunks, 3'd0}} + {{4'd0, frame_chunks}};
                        phase      <= HEAD;
                    end else if (dropping) begin
                        // Two clocks: the store is empty before anything is counted again.
                        empty_store <= 1'b1;
                        dropping    <= !empty_store;
                    end else if (finish && !ending && !done && !discard) begin
                        frame_type <= registers && !map_sent ? 8'd{map_type} : 8'd{status_type};
                        length     <= registers && !map_sent ? 11'd{map_words} : 11'd{status_words};
                        frozen     <= !(registers && !map_sent);
                        map_sent   <= 1'b1;
                        phase      <= HEAD;
                    end
                end
                HEAD: if (go) begin
                    word    <= word + 1'b1;
                    left    <= length;
                    index   <= 6'd0;
                    fetched <= 1'b0;
                    if (word == 2'd3) begin
                        crc    <= 32'hffffffff;
                        summed <= 1'b1;
                        phase  <= BODY;
                    end
                end
                BODY: begin
                    // A word of the map or the status is there a clock after its index.
                    fetched <= 1'b1;
                    if (go && send) begin
                        fetched <= 1'b0;
                        index   <= index + 1'b1;
                        left    <= left - 1'b1;
                        if (left == 11'd1) phase <= TAIL;
                    end
                end
                default: if (go) begin
                    frame_number <= frame_number + 1'b1;
                    ending   <= frozen;
                    phase    <= IDLE;
                end
                endcase
                chunks <= chunks + {{7'd0, counted}} - (begin_chunks ? {{1'b0, frame_chunks}} : 8'd0);
                // The status is over when its last word is taken.
                if (ending && go) begin
                    ending   <= 1'b0;
                    frozen   <= 1'b0;
                    map_sent <= 1'b0;
                    done     <= 1'b1;
                end

                // A word that is taken in the clock in which the credit is made is not in it.
                if (take) uncredited <= uncredited + 1'b1;
                if (take && &uncredited) credit_due <= 1'b1;
                if (credited) begin
                    uncredited <= {{{quarter_pad}'d0, take}};
                    credit_due <= 1'b0;
                end
                if (first) begin
                    uncredited <= {quarter}'d{header_words} + {{{quarter_pad}'d0, take}};
                    credit_due <= 1'b0;
                end
                if (!silent[{heartbeat}]) silent <= silent + 1'b1;
                if (!active || m_valid) silent <= 0;

                if (discard) dropping <= 1'b1;
                if (empty_store) begin
                    chunks      <= 8'd0;
                    chunks_full <= 1'b0;
                end
                if (first) frame_number <= 16'd0;
                if (rst) begin
                    silent   <= 0;
                    m_valid  <= 1'b0;
                    done     <= 1'b0;
                    phase    <= IDLE;
                    frame_number <= 16'd0;
                    chunks   <= 8'd0;
                    chunks_full   <= 1'b0;
                    credit_wanted <= 1'b0;
                    dropping <= 1'b0;
                    ending   <= 1'b0;
                    frozen   <= 1'b0;
                    map_sent <= 1'b0;
                end
            end
            ",
            chunks_type = FrameType::Chunks as u32,
            credit_type = FrameType::Credit as u32,
            credit_words = CREDIT_WORDS,
            header_words = HEADER_WORDS,
            quarter_pad = quarter - 1,
            map_type = FrameType::Registers as u32,
            status_type = FrameType::Status as u32,
            map_words = REGISTER_WORDS,
            status_words = STATUS_WORDS,
            max = CHUNKS_MAX,
        ))
}

/// `length` above is written as 9 = 8 + 1 words a chunk, and frames as whole counts below 128.
const _: () = assert!(CHUNK_WORDS == 9 && CHUNKS_MAX < 128 && CHUNK_STORE / CHUNK_WORDS < 256);
