//! A device that goes wrong: one kind of fault, from one job on, for some jobs.

use galena_device::{Device, DeviceError, DeviceInfo, Job, Output};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It falls silent, and can be brought back.
    Silent,
    /// It falls silent, and cannot.
    Unrecoverable,
    /// It says that it is not there any more, whatever job comes.
    Gone,
    /// Its driver panics.
    Panic,
    /// An answer without its last row or digest.
    Short,
    /// A word that is no field element.
    NotAField,
    /// One wrong word: an undetected error of the hardware.
    Flip,
}

impl Fault {
    /// All faults that a second try on the same device does not cure.
    pub(crate) const LASTING: [Fault; 6] =
        [Fault::Unrecoverable, Fault::Gone, Fault::Panic, Fault::Short, Fault::NotAField, Fault::Flip];

    /// Whether the device is not asked again after one of these.
    pub(crate) fn ends_the_device(self) -> bool {
        matches!(self, Fault::Unrecoverable | Fault::Gone)
    }
}

/// `inner`, but jobs number `first..first + count` end in `fault`.
pub(crate) struct Faulty {
    pub(crate) inner: Box<dyn Device>,
    pub(crate) fault: Fault,
    pub(crate) first: usize,
    pub(crate) count: usize,
    pub(crate) jobs: usize,
}

impl Device for Faulty {
    fn info(&self) -> &DeviceInfo {
        self.inner.info()
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let number = self.jobs;
        self.jobs += 1;
        let mut output = self.inner.run(job)?;
        let gone = self.fault == Fault::Gone && number >= self.first;
        if !gone && !(self.first..self.first.saturating_add(self.count)).contains(&number) {
            return Ok(output);
        }
        match self.fault {
            Fault::Silent | Fault::Unrecoverable => {
                let kernel = job.kernel;
                return Err(DeviceError::Silent { kernel, frame: 1, waited: "2 s".into(), sent: 7, received: 0 });
            }
            Fault::Gone => return Err(DeviceError::Unplugged { kernel: job.kernel, path: "/dev/toy".into() }),
            Fault::Panic => panic!("injected"),
            Fault::Short => {
                output.rows.pop();
                output.layers.last_mut().map(Vec::pop);
            }
            Fault::NotAField => match output.layers.last_mut() {
                Some(layer) => layer[0][3] = 0x7800_0001,
                None => output.rows[0] = u32::MAX,
            },
            Fault::Flip => match output.rows.first_mut() {
                Some(word) => *word ^= 1,
                None => output.layers[0][0][3] ^= 1,
            },
        }
        Ok(output)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        match self.fault {
            Fault::Unrecoverable => Err(DeviceError::Lost { skipped: 1040 }),
            _ => self.inner.recover(),
        }
    }
}
