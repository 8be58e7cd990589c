//! What can go wrong with a card, and what each error number of the XDMA driver means.

use super::cards::Card;
use crate::access::Obstacle;
use crate::link::TransportError;
use rustix::io::Errno;
use std::path::Path;

/// A file of the driver, as messages call it.
pub(crate) type Engine = &'static str;
/// Host to card.
pub(crate) const H2C: Engine = "h2c";
/// Card to host.
pub(crate) const C2H: Engine = "c2h";
/// The registers of the user BAR.
pub(crate) const BAR: Engine = "user BAR";

/// How an engine that stopped is brought back when nothing milder helps.
pub const RELOAD: &str = "reload the driver: `sudo rmmod xdma && sudo modprobe xdma`";

/// Why a card cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum XdmaError {
    /// A file is missing, or in use, or not for this user.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// No card where one was said to be.
    #[error(
        "expected the files of a card ({prefix}_h2c_0, {prefix}_c2h_0, {prefix}_user), found none; is the xdma driver loaded, and does `lspci -d 10ee:` show the card?"
    )]
    NoCard {
        /// What the names should begin with.
        prefix: String,
    },
    /// No path was given and there is not exactly one card.
    #[error("expected `pcie:PREFIX`: {found}; `galena device list` shows all cards")]
    Choose {
        /// What there is.
        found: String,
    },
    /// All registers read all-ones.
    #[error("the link of {prefix} is down: its registers read all-ones, so nothing was sent; run {rescan}")]
    LinkDown {
        /// The card.
        prefix: String,
        /// What to run.
        rescan: String,
    },
    /// The BAR is not that of a Galena shell.
    #[error(
        "expected a Galena bitstream in {prefix} (register `magic` {expected:#010x}), found {found:#010x}; load one"
    )]
    NotGalena {
        /// The card.
        prefix: String,
        /// The bytes GLNA.
        expected: u32,
        /// What is there.
        found: u32,
    },
    /// The operating system refuses something.
    #[error("{engine} of {prefix}: cannot {what}: {source}")]
    System {
        /// The card.
        prefix: String,
        /// Which file.
        engine: &'static str,
        /// What was tried.
        what: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A transfer that is not whole words.
    #[error("{engine} of {prefix}: expected whole words of 4 bytes, found a transfer of {bytes} bytes")]
    Ragged {
        /// The card.
        prefix: String,
        /// Which file.
        engine: &'static str,
        /// Bytes moved.
        bytes: usize,
    },
    /// The core did not come out of reset.
    #[error("{prefix}: expected no packets after a reset of the core, found {found}; load the bitstream again")]
    Reset {
        /// The card.
        prefix: String,
        /// What `c2h_packets` says.
        found: u32,
    },
}

/// What an error number of the driver means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The card is gone.
    Gone,
    /// The engine has stopped, and will not move again by itself.
    Stopped(&'static str),
    /// The call was interrupted before it did anything.
    Again,
    /// Nothing that this driver does on purpose.
    Other,
}

/// What the kernel means by ERESTARTSYS when it reaches a program: the driver gave up waiting.
const ERESTARTSYS: i32 = 512;

/// The error numbers of the XDMA driver: a wait that timed out leaves the engine stopped, and each later transfer fails as well.
const MEANINGS: [(i32, Meaning); 10] = [
    (Errno::NODEV.raw_os_error(), Meaning::Gone),
    (Errno::SHUTDOWN.raw_os_error(), Meaning::Gone),
    (Errno::NXIO.raw_os_error(), Meaning::Gone),
    // A FUSE directory whose server has ended.
    (Errno::NOTCONN.raw_os_error(), Meaning::Gone),
    (Errno::CONNABORTED.raw_os_error(), Meaning::Gone),
    (Errno::IO.raw_os_error(), Meaning::Stopped("the driver reports an input/output error (EIO)")),
    (ERESTARTSYS, Meaning::Stopped("the driver gave up waiting (unknown error 512, ERESTARTSYS)")),
    // What a FUSE directory says instead: the kernel lets no filesystem return 512.
    (Errno::RESTART.raw_os_error(), Meaning::Stopped("the driver gave up waiting (ERESTART)")),
    (Errno::TIMEDOUT.raw_os_error(), Meaning::Stopped("the driver gave up waiting (ETIMEDOUT)")),
    (Errno::INTR.raw_os_error(), Meaning::Again),
];

/// What this error of a transfer means.
pub(crate) fn meaning(error: &std::io::Error) -> Meaning {
    let number = error.raw_os_error();
    MEANINGS.iter().find(|row| Some(row.0) == number).map_or(Meaning::Other, |row| row.1)
}

/// The failure of a transfer of `asked` bytes that had got as far as `offset`; `bar` is what the registers said afterwards.
pub(crate) fn failed(
    card: &Card,
    engine: Engine,
    error: std::io::Error,
    (offset, asked): (usize, usize),
    bar: &str,
) -> TransportError {
    match meaning(&error) {
        Meaning::Gone => gone(&card.prefix),
        Meaning::Stopped(why) => TransportError::Stuck { engine, what: stuck(why, (offset, asked), bar) },
        Meaning::Again | Meaning::Other => {
            let what = format!("move byte {offset} of {asked}");
            let prefix = card.prefix.display().to_string();
            TransportError::Failed(Box::new(XdmaError::System { prefix, engine, what, source: error }))
        }
    }
}

/// A card that has disappeared.
pub(crate) fn gone(prefix: &Path) -> TransportError {
    TransportError::Unplugged { path: prefix.display().to_string() }
}

/// What a stuck engine was doing, and what to do.
pub(crate) fn stuck(why: &str, (offset, asked): (usize, usize), bar: &str) -> String {
    format!("{why} at byte {offset} of {asked}; {bar}; run `galena device recover`, and if that fails {RELOAD}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Error;

    #[test]
    fn each_error_number_says_what_to_do() {
        let card = Card { prefix: "/dev/xdma0".into(), ..Card::default() };
        let text = |number| failed(&card, H2C, Error::from_raw_os_error(number), (4096, 8192), "the bar").to_string();
        for number in [5, 512, 85, 110] {
            let text = text(number);
            assert!(
                text.starts_with("the engine `h2c` is stuck: the driver ") && text.contains("byte 4096 of 8192"),
                "{text}"
            );
            assert!(text.contains("the bar; run `galena device recover`") && text.contains("rmmod xdma"), "{text}");
        }
        assert!(text(512).contains("512"));
        for number in [19, 108, 6, 107, 103] {
            assert_eq!(text(number), "/dev/xdma0 has disappeared");
        }
        assert!(text(22).starts_with("h2c of /dev/xdma0: cannot move byte 4096 of 8192: "));
        assert_eq!(meaning(&Error::from_raw_os_error(4)), Meaning::Again);
        assert_eq!(meaning(&Error::other("x")), Meaning::Other);
    }
}
