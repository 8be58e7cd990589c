//! The links of the campaign: to the protocol's model and to the Verilated core, shared by hosts, and meddled with on the way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use galena_device::endpoint::{Endpoint, EndpointLink};
use galena_device::link::{Transport, TransportError};
use galena_sim::faults::RtlFault;
use galena_sim::verilated::StallPattern;
use galena_sim::{SimError, SimTransport};
use galena_target::Config;

/// Words that the buffers of the model's link hold.
const BUFFER: usize = 256;

/// A device at the end of a link.
pub enum Line {
    /// The executable model of the protocol.
    Model(Box<EndpointLink>),
    /// The generated Verilog.
    Verilog(Box<SimTransport>),
}

impl Line {
    /// A model of `config`.
    pub fn model(config: &Config) -> Self {
        Self::Model(Box::new(EndpointLink::new(Endpoint::new(config), BUFFER)))
    }

    /// The generated core of `config`; with the faults of [`galena_sim::faults`] in it, asleep, if it is to be `faulty`.
    ///
    /// # Errors
    /// If it cannot be built: without Verilator.
    pub fn verilog(config: &Config, faulty: bool) -> Result<Self, SimError> {
        let model = galena_sim::device::build(config, faulty)?.open()?;
        Ok(Self::Verilog(Box::new(SimTransport::new(model, config, StallPattern::NONE, StallPattern::NONE)?)))
    }

    /// Arms a fault of the circuit, which begins so many clocks from now; or disarms the one that is armed.
    pub fn arm(&mut self, fault: Option<(&RtlFault, u32)>) -> Result<(), TransportError> {
        let Self::Verilog(link) = self else { return Ok(()) };
        match fault {
            Some((fault, after)) => galena_sim::faults::arm(link.model_mut(), fault, after),
            None => galena_sim::faults::disarm(link.model_mut()),
        }
        .map_err(|error| TransportError::Failed(Box::new(error)))
    }

    fn transport(&mut self) -> &mut dyn Transport {
        match self {
            Self::Model(link) => link.as_mut(),
            Self::Verilog(link) => link.as_mut(),
        }
    }

    /// Lets so many clocks go by in which the host neither sends nor takes.
    pub fn sleep(&mut self, clocks: u64) -> Result<(), TransportError> {
        match self {
            Self::Model(link) => (0..clocks >> 12).for_each(|_| link.endpoint.pass(1 << 12)),
            Self::Verilog(link) => {
                link.model_mut().steps(clocks).map_err(|error| TransportError::Failed(Box::new(error)))?;
            }
        }
        Ok(())
    }
}

/// A line that several hosts have hold of.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Line>>);

impl Shared {
    /// Around `line`.
    pub fn new(line: Line) -> Self {
        Self(Arc::new(Mutex::new(line)))
    }

    /// The line itself.
    pub fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Shared {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        self.line().transport().exchange(tx, rx, want)
    }

    fn describe(&self) -> String {
        self.line().transport().describe()
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        self.line().transport().reset()
    }

    fn unit(&self) -> usize {
        self.line().transport().unit()
    }
}

/// What happens behind the host's back at some word of the link.
pub type Action = Box<dyn FnOnce(&Shared) -> Result<(), TransportError> + Send>;

/// A shared line on which something may happen once.
pub struct Meddled {
    line: Shared,
    /// Words moved in either direction.
    moved: u64,
    plan: Option<(u64, Action)>,
    happened: Option<Instant>,
}

impl Meddled {
    /// Around `line`, with nothing planned.
    pub fn new(line: Shared) -> Self {
        Self { line, moved: 0, plan: None, happened: None }
    }

    /// Lets `action` happen after so many words more, both ways together.
    pub fn plan(&mut self, after: u64, action: Action) {
        (self.plan, self.happened) = (Some((self.moved + after, action)), None);
    }

    /// When the planned action happened, if it has.
    pub fn happened(&self) -> Option<Instant> {
        self.happened
    }

    /// Plans nothing.
    pub fn heal(&mut self) {
        self.plan = None;
    }

    /// The line.
    pub fn line(&self) -> &Shared {
        &self.line
    }
}

impl Transport for Meddled {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let left = self.plan.as_ref().map(|(at, _)| at.saturating_sub(self.moved));
        if left == Some(0)
            && let Some((_, action)) = self.plan.take()
        {
            self.happened = Some(Instant::now());
            action(&self.line)?;
        }
        // Not beyond the place that is planned for.
        let most = left.filter(|&left| left > 0).map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let before = rx.len();
        let result = self.line.exchange(&tx[..tx.len().min(most)], rx, want.min(most));
        self.moved += rx.len().saturating_sub(before) as u64 + *result.as_ref().unwrap_or(&0) as u64;
        result
    }

    fn describe(&self) -> String {
        self.line.describe()
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        self.line.reset()
    }

    fn unit(&self) -> usize {
        self.line.unit()
    }
}
