//! A device that goes wrong: one kind of fault, from one job on, for some jobs.

use galena_device::{Device, DeviceError, DeviceInfo, Job, Output};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It says so.
    Error,
    /// Its driver panics.
    Panic,
    /// An answer without its last row or digest.
    Short,
    /// A word that is no field element.
    NotAField,
    /// One wrong word: an undetected error of the hardware.
    Flip,
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
        if !(self.first..self.first + self.count).contains(&number) {
            return Ok(output);
        }
        match self.fault {
            Fault::Error => return Err(DeviceError::Lost { skipped: 1040 }),
            Fault::Panic => panic!("injected"),
            Fault::Short => {
                output.rows.pop();
                output.layers.last_mut().map(Vec::pop);
            }
            Fault::NotAField => match output.layers.last_mut() {
                Some(layer) => layer[0][3] = 0x7800_0001,
                None => output.rows[0] = u32::MAX,
            },
            Fault::Flip => match output.layers.first_mut() {
                Some(layer) => layer[0][3] ^= 1,
                None => output.rows[0] ^= 1,
            },
        }
        Ok(output)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        self.inner.recover()
    }
}
