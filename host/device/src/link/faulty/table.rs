//! The table of faults: what can happen to words and frames on their way.

use galena_target::frame::FrameType;

/// Which way a word goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the host to the device.
    ToDevice,
    /// From the device to the host.
    ToHost,
}

/// What a faulty link does. The first are about the word at the place planned for; the others are about the first frame of
/// their kind that begins there or later, and their CRCs are right again unless the doc says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Changes the bits of this mask.
    Flip(u32),
    /// Loses the word.
    Drop,
    /// Sends it twice.
    Repeat,
    /// Lets the next word go first.
    Swap,
    /// Puts so many zeros before it.
    Zeros(usize),
    /// Puts so many words of noise before it.
    Garbage(usize),
    /// Loses this word and all after it: the cable is pulled.
    Stop,
    /// Loses the second half of the frame.
    Truncate,
    /// Loses the frame.
    DropFrame,
    /// Sends it twice.
    RepeatFrame,
    /// Lets the next frame go first.
    SwapFrames,
    /// Holds the frame back until the link has been silent.
    Late,
    /// Puts the last frame of a former job before it.
    Stale,
    /// Changes its job number.
    OtherJob,
    /// Changes its sequence number.
    OtherSequence,
    /// Changes its kernel.
    OtherKernel,
    /// Changes its type.
    OtherType,
    /// Says that its payload is a chunk, or a beat, longer.
    OtherLength,
    /// A data word, or a word of a chunk, becomes p.
    NonCanonical,
    /// A chunk's tag has its lowest bit changed.
    WrongTag,
    /// The first chunk of a frame once more in place of the second.
    RepeatChunk,
    /// A status frame has this code.
    WrongStatus(u32),
    /// A status frame comes twice.
    RepeatStatus,
    /// The register map is that of another bitstream.
    WrongRegisters,
    /// A credit says less than was taken.
    CreditTooSmall,
    /// A credit says more than was ever sent.
    CreditTooLarge,
    /// A credit says nothing was taken.
    CreditBackwards,
}

/// A row of the table of faults.
#[derive(Clone, Copy, Debug)]
pub struct FaultRow {
    /// The fault, with a typical parameter where it has one.
    pub fault: Fault,
    /// Name in reports.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// The ways it is possible.
    pub ways: &'static [Way],
}

const BOTH: &[Way] = &[Way::ToDevice, Way::ToHost];
const BACK: &[Way] = &[Way::ToHost];

const fn row(fault: Fault, name: &'static str, doc: &'static str, ways: &'static [Way]) -> FaultRow {
    FaultRow { fault, name, doc, ways }
}

/// All faults that can happen in any job. [`Fault::WrongRegisters`] is not among them: only `identify` answers with registers.
pub const FAULTS: [FaultRow; 31] = [
    row(Fault::Flip(1), "flip low bit", "the lowest bit of a word changes", BOTH),
    row(Fault::Flip(1 << 31), "flip high bit", "the highest bit of a word changes", BOTH),
    row(Fault::Flip(0xffff), "flip half", "sixteen bits of a word change", BOTH),
    row(Fault::Drop, "drop word", "a word is lost", BOTH),
    row(Fault::Repeat, "repeat word", "a word comes twice", BOTH),
    row(Fault::Swap, "swap words", "two words come in the wrong order", BOTH),
    row(Fault::Zeros(3), "few zeros", "three zeros come between two words", BOTH),
    row(Fault::Zeros(2000), "many zeros", "2,000 zeros come between two words", BOTH),
    row(Fault::Garbage(1), "noise word", "a word of noise comes between two words", BOTH),
    row(Fault::Garbage(2000), "noise", "2,000 words of noise come between two words", BOTH),
    row(Fault::Stop, "unplug", "nothing goes this way any more", BOTH),
    row(Fault::Truncate, "truncate frame", "the second half of a frame is lost", BOTH),
    row(Fault::DropFrame, "drop frame", "a frame is lost", BOTH),
    row(Fault::RepeatFrame, "repeat frame", "a frame comes twice", BOTH),
    row(Fault::SwapFrames, "swap frames", "two frames come in the wrong order", BOTH),
    row(Fault::Late, "late frame", "a frame comes after the receiver has given up", BOTH),
    row(Fault::Stale, "stale frame", "a frame of a former job comes between two frames", BOTH),
    row(Fault::OtherJob, "other job", "a frame has another job's number", BOTH),
    row(Fault::OtherSequence, "other sequence", "a frame has another frame's number", BOTH),
    row(Fault::OtherKernel, "other kernel", "a frame has another kernel", BOTH),
    row(Fault::OtherType, "other type", "a frame has another type", BOTH),
    row(Fault::OtherLength, "other length", "a header announces more than there is", BOTH),
    row(Fault::NonCanonical, "non-canonical word", "a field word is p, and the crc is right", BOTH),
    row(Fault::WrongTag, "wrong tag", "a chunk has its neighbour's tag", BACK),
    row(Fault::RepeatChunk, "repeat chunk", "a chunk comes again in place of the next", BACK),
    row(Fault::WrongStatus(77), "unknown status", "a status has a code that does not exist", BACK),
    row(Fault::WrongStatus(FALSE_ALARM), "false alarm", "a job that ended well is said to have failed", BACK),
    row(Fault::RepeatStatus, "repeat status", "a status comes twice", BACK),
    row(Fault::CreditTooSmall, "credit too small", "a credit says less than was taken", BACK),
    row(Fault::CreditTooLarge, "credit too large", "a credit says more than was sent", BACK),
    row(Fault::CreditBackwards, "credit backwards", "a credit says that nothing was taken", BACK),
];

const FALSE_ALARM: u32 = galena_target::frame::StatusCode::Stuck as u32;

impl Fault {
    /// Whether it happens to a word, wherever that stands; otherwise it happens to a frame.
    pub(super) fn of_words(self) -> bool {
        use Fault::*;
        matches!(self, Flip(_) | Drop | Repeat | Swap | Zeros(_) | Garbage(_) | Stop)
    }

    /// Whether it can happen to a frame of this type.
    pub(super) fn fits(self, frame: FrameType) -> bool {
        match self {
            Fault::NonCanonical => matches!(frame, FrameType::Data | FrameType::Chunks),
            Fault::WrongTag | Fault::RepeatChunk => frame == FrameType::Chunks,
            Fault::WrongStatus(_) | Fault::RepeatStatus => frame == FrameType::Status,
            Fault::WrongRegisters => frame == FrameType::Registers,
            Fault::CreditTooSmall | Fault::CreditTooLarge | Fault::CreditBackwards => frame == FrameType::Credit,
            _ => true,
        }
    }
}
