//! An opened model: ports, clock steps, and the calls into the compiled shim.

use super::axi::{RawFigures, RawPorts, RawShape};
use super::shim::Port;
use super::stream::{Limits, RawStream};
use super::uart::RawUart;
use crate::SimError;
use libloading::Library;
use std::ffi::{CStr, CString, c_char};
use std::path::Path;

/// The instance behind the shim's pointer.
#[repr(C)]
pub(super) struct Sim {
    _opaque: [u8; 0],
}

/// A port of one model: an index into its port table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PortId(pub(super) u32);

/// The functions of the shim; `face.cpp` defines them.
struct Shim {
    free: unsafe extern "C" fn(*mut Sim),
    fault: unsafe extern "C" fn(*mut Sim) -> *const c_char,
    cycles: unsafe extern "C" fn(*mut Sim) -> u64,
    set: unsafe extern "C" fn(*mut Sim, u32, *const u32),
    get: unsafe extern "C" fn(*mut Sim, u32, *mut u32),
    settle: unsafe extern "C" fn(*mut Sim) -> i32,
    step: unsafe extern "C" fn(*mut Sim, u64) -> i32,
    edge: unsafe extern "C" fn(*mut Sim) -> i32,
    run: unsafe extern "C" fn(*mut Sim, *mut RawStream, u32, *mut RawStream, u32, u32, u64, u64) -> i32,
    uart: unsafe extern "C" fn(*mut Sim, *mut RawUart, u64, u64) -> i32,
    trace: unsafe extern "C" fn(*mut Sim, *const c_char) -> i32,
    axi_attach: unsafe extern "C" fn(*mut Sim, *const RawPorts, *const RawShape) -> i32,
    axi_figures: unsafe extern "C" fn(*mut Sim, *mut RawFigures),
    /// Only in models built with coverage.
    coverage: Option<unsafe extern "C" fn(*mut Sim, *const c_char) -> i32>,
}

/// One instance of a Verilated design. Independent of every other instance; may move between threads.
pub struct Model {
    top: String,
    ports: Vec<Port>,
    sim: *mut Sim,
    shim: Shim,
    settled: bool,
    /// Dropped last: the functions above live in it.
    _library: Library,
}

// SAFETY: a Verilated model with a context of its own has no thread-local state; `&mut self` on every call that changes it
// means one thread at a time.
#[allow(unsafe_code)]
unsafe impl Send for Model {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("top", &self.top).field("cycles", &self.cycles()).finish_non_exhaustive()
    }
}

impl Model {
    /// Opens the library at `path`, whose shim was generated for `ports`.
    #[allow(unsafe_code)]
    pub(super) fn load(top: &str, path: &Path, ports: Vec<Port>, seed: u64) -> Result<Self, SimError> {
        let failed = |e: libloading::Error| SimError::Load { path: path.into(), reason: e.to_string() };
        // SAFETY: the library is ours, built from face.cpp, which defines these functions with these signatures; its
        // initialisers are those of Verilator's runtime. The function pointers are kept with the library that holds them.
        let (library, sim, shim) = unsafe {
            let library = Library::new(path).map_err(failed)?;
            let new: unsafe extern "C" fn(u64) -> *mut Sim = *library.get(b"galena_new\0").map_err(failed)?;
            let shim = Shim {
                free: *library.get(b"galena_free\0").map_err(failed)?,
                fault: *library.get(b"galena_fault\0").map_err(failed)?,
                cycles: *library.get(b"galena_cycles\0").map_err(failed)?,
                set: *library.get(b"galena_set\0").map_err(failed)?,
                get: *library.get(b"galena_get\0").map_err(failed)?,
                settle: *library.get(b"galena_settle\0").map_err(failed)?,
                step: *library.get(b"galena_step\0").map_err(failed)?,
                edge: *library.get(b"galena_edge\0").map_err(failed)?,
                run: *library.get(b"galena_run\0").map_err(failed)?,
                uart: *library.get(b"galena_uart\0").map_err(failed)?,
                trace: *library.get(b"galena_trace\0").map_err(failed)?,
                axi_attach: *library.get(b"galena_axi_attach\0").map_err(failed)?,
                axi_figures: *library.get(b"galena_axi_figures\0").map_err(failed)?,
                coverage: library.get(b"galena_coverage\0").ok().map(|function| *function),
            };
            (library, new(seed), shim)
        };
        let model = Self { top: top.into(), ports, sim, shim, settled: false, _library: library };
        match model.fault() {
            None => Ok(model),
            Some(message) => Err(SimError::Fatal { top: top.into(), cycle: 0, message }),
        }
    }

    /// The top module's name.
    pub fn top(&self) -> &str {
        &self.top
    }

    /// The ports, in the order of the design.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// The port of that name.
    pub fn port(&self, name: &str) -> Result<PortId, SimError> {
        match self.ports.iter().position(|p| p.name == name) {
            Some(index) => Ok(PortId(index as u32)),
            None => Err(SimError::Port {
                top: self.top.clone(),
                expected: format!("a port `{name}`"),
                found: self.ports.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    pub(super) fn describe(&self, id: PortId) -> Option<&Port> {
        self.ports.get(id.0 as usize)
    }

    pub(crate) fn words(&self, id: PortId) -> usize {
        self.describe(id).map_or(0, |p| p.width.div_ceil(32) as usize)
    }

    /// Sets an input of up to 32 bits; higher bits of `value` and of a wider port are dropped and zeroed.
    pub fn set_u32(&mut self, id: PortId, value: u32) {
        self.set_wide(id, &[value]);
    }

    /// Sets an input from words, low first; missing words are zero, bits past the width are dropped.
    #[allow(unsafe_code)]
    pub fn set_wide(&mut self, id: PortId, words: &[u32]) {
        let need = self.words(id).max(2);
        if self.describe(id).is_none_or(|p| !p.input) {
            return; // an output, or a port of another model: nothing to set
        }
        let mut padded = vec![0; need];
        let n = need.min(words.len());
        padded[..n].copy_from_slice(&words[..n]);
        self.settled = false;
        // SAFETY: the index was checked against the table the shim was generated from, and the shim reads at most
        // max(2, words) words.
        unsafe { (self.shim.set)(self.sim, id.0, padded.as_ptr()) }
    }

    /// Reads the low 32 bits of a port, as they stand since the last [`Model::settle`] or [`Model::step`].
    pub fn get_u32(&self, id: PortId) -> u32 {
        self.get_wide(id).first().copied().unwrap_or(0)
    }

    /// Reads a port as words, low first.
    #[allow(unsafe_code)]
    pub fn get_wide(&self, id: PortId) -> Vec<u32> {
        let mut words = vec![0; self.words(id)];
        if !words.is_empty() {
            // SAFETY: the index was checked by `words`, and the shim writes exactly that many words.
            unsafe { (self.shim.get)(self.sim, id.0, words.as_mut_ptr()) }
        }
        words
    }

    /// Lets the inputs act on combinational outputs, clock low.
    #[allow(unsafe_code)]
    pub fn settle(&mut self) -> Result<(), SimError> {
        // SAFETY: `sim` is the live instance of this library.
        let code = unsafe { (self.shim.settle)(self.sim) };
        self.settled = true;
        self.check(code)
    }

    /// One clock cycle: settle (unless that was done since the last change of an input), then the rising edge of `clk`.
    #[allow(unsafe_code)]
    pub fn step(&mut self) -> Result<(), SimError> {
        // SAFETY: `sim` is the live instance of this library.
        let code = unsafe { if self.settled { (self.shim.edge)(self.sim) } else { (self.shim.step)(self.sim, 1) } };
        self.settled = false;
        self.check(code)
    }

    /// `n` clock cycles with the inputs as they are.
    #[allow(unsafe_code)]
    pub fn steps(&mut self, n: u64) -> Result<(), SimError> {
        self.settled = false;
        // SAFETY: `sim` is the live instance of this library.
        let code = unsafe { (self.shim.step)(self.sim, n) };
        self.check(code)
    }

    /// Holds `rst` high for `cycles` clocks, then low.
    pub fn reset(&mut self, cycles: u64) -> Result<(), SimError> {
        let rst = self.port("rst")?;
        self.set_u32(rst, 1);
        self.steps(cycles)?;
        self.set_u32(rst, 0);
        Ok(())
    }

    /// Clock cycles since the model was opened.
    #[allow(unsafe_code)]
    pub fn cycles(&self) -> u64 {
        // SAFETY: `sim` is the live instance of this library; the call only reads.
        unsafe { (self.shim.cycles)(self.sim) }
    }

    /// Writes FST waves of every signal to `path` from here on; two time units a cycle.
    #[allow(unsafe_code)]
    pub fn waves(&mut self, path: &Path) -> Result<(), SimError> {
        let failed = || SimError::Waves { path: path.into() };
        let name = CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| failed())?;
        // Verilator's writer says nothing when it cannot open its file.
        std::fs::File::create(path).map_err(|_| failed())?;
        // SAFETY: `sim` is the live instance, `name` a C string that outlives the call.
        match unsafe { (self.shim.trace)(self.sim, name.as_ptr()) } {
            1 => Err(failed()),
            code => self.check(code),
        }
    }

    /// Sets the coverage counters to zero, or writes them to a file. The model must be built with coverage.
    #[allow(unsafe_code)]
    pub fn coverage(&mut self, path: Option<&Path>) -> Result<(), SimError> {
        let name = path.map(|p| CString::new(p.as_os_str().as_encoded_bytes())).transpose().unwrap_or_default();
        let Some(function) = self.shim.coverage else {
            return Err(SimError::Port {
                top: self.top.clone(),
                expected: "coverage counters".into(),
                found: "a model that was built without".into(),
            });
        };
        // SAFETY: `sim` is the live instance, the name a C string that outlives the call, or null.
        let code = unsafe { function(self.sim, name.as_ref().map_or(std::ptr::null(), |n| n.as_ptr())) };
        self.check(code)
    }

    #[allow(unsafe_code)]
    pub(super) fn run_raw(&mut self, i: &mut [RawStream], o: &mut [RawStream], any: bool, limits: Limits) -> i32 {
        let (ins, outs) = (i.len() as u32, o.len() as u32);
        self.settled = false;
        // SAFETY: the streams were made by `stream.rs`, whose pointers are to vectors of the stated lengths and whose port
        // indices come from this model's table.
        unsafe {
            let (i, o) = (i.as_mut_ptr(), o.as_mut_ptr());
            (self.shim.run)(self.sim, i, ins, o, outs, any.into(), limits.cycles, limits.silence)
        }
    }

    #[allow(unsafe_code)]
    pub(super) fn uart_raw(&mut self, uart: &mut RawUart, limits: Limits) -> i32 {
        self.settled = false;
        // SAFETY: as for `run_raw`.
        unsafe { (self.shim.uart)(self.sim, uart, limits.cycles, limits.silence) }
    }

    #[allow(unsafe_code)]
    pub(super) fn axi_attach(&mut self, ports: &RawPorts, shape: &RawShape) -> Result<(), SimError> {
        self.settled = false;
        // SAFETY: `sim` is the live instance; `axi.rs` took the indices from this model's table, and both structures are copied.
        let code = unsafe { (self.shim.axi_attach)(self.sim, ports, shape) };
        self.check(code)
    }

    #[allow(unsafe_code)]
    pub(super) fn axi_figures(&self) -> RawFigures {
        let mut figures = RawFigures::default();
        // SAFETY: `sim` is the live instance; the call writes one structure, or nothing.
        unsafe { (self.shim.axi_figures)(self.sim, &mut figures) };
        figures
    }

    /// Turns the shim's code for a fatal message into the error.
    pub(super) fn check(&self, code: i32) -> Result<(), SimError> {
        const FATAL: i32 = 3;
        if code != FATAL {
            return Ok(());
        }
        let message = self.fault().unwrap_or_else(|| "no message".into());
        Err(SimError::Fatal { top: self.top.clone(), cycle: self.cycles(), message })
    }

    #[allow(unsafe_code)]
    fn fault(&self) -> Option<String> {
        // SAFETY: `sim` is the live instance; the string, when there is one, is a C string that lives as long as it.
        let text = unsafe {
            let text = (self.shim.fault)(self.sim);
            if text.is_null() { None } else { Some(CStr::from_ptr(text)) }
        };
        text.map(|t| t.to_string_lossy().into_owned())
    }
}

impl Drop for Model {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the instance was made by this library's `galena_new` and is freed once, before the library is closed.
        unsafe { (self.shim.free)(self.sim) }
    }
}
