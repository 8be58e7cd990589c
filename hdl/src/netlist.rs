//! A circuit as data: ports, local signals, instances of other circuits, and the Verilog text of its own behaviour.
//!
//! A [`Module`] is what every generator of this crate returns. It is plain data whose widths are run-time values; [`crate::emit`]
//! checks it, lowers it to rust-hdl blocks and prints it.
//!
//! Two modules of one design with the same name must have the same text. A leaf that differs only in numbers has one text for all of them: it
//! carries [`Generic`]s, which become Verilog parameters, and says its widths over them ([`Width`]) beside the number. A circuit whose text is
//! made for its numbers (a schedule, a matrix) carries them in its name.

use std::sync::Arc;

/// Direction and storage of a [`Port`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `input wire`.
    Input,
    /// `output wire`, driven by `assign` or by an instance.
    Output,
    /// `output reg`, driven from an `always` block.
    OutputReg,
}

/// Bits of a signal: the number, and how the text of a parametrised module says it. `31` and `(31, "WIDTH")` convert into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Width {
    /// Bits, at least 1.
    pub bits: usize,
    /// The same over the module's generics and constants (`WIDTH*COUNT`, `$clog2(DEPTH)`); emission refuses one that is not the number.
    pub expression: Option<String>,
}

impl From<usize> for Width {
    fn from(bits: usize) -> Self {
        Self { bits, expression: None }
    }
}

impl From<(usize, &str)> for Width {
    fn from((bits, expression): (usize, &str)) -> Self {
        Self { bits, expression: Some(expression.into()) }
    }
}

/// A port of a [`Module`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Verilog identifier.
    pub name: String,
    /// Bits, at least 1.
    pub width: usize,
    /// The width over the generics; `None` where it is the same number in every instance.
    pub expression: Option<String>,
    /// Direction and storage.
    pub direction: Direction,
    /// One line for the reader; may be empty.
    pub comment: String,
}

/// A `parameter` of a [`Module`]: only for values that a build sets without regenerating the text (the git hash).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Verilog identifier, upper case by custom.
    pub name: String,
    /// Bits, at least 1.
    pub width: usize,
    /// Value when the instantiation does not set it.
    pub default: u64,
    /// One line for the reader; may be empty.
    pub comment: String,
}

/// A number that a [`Module`]'s one text leaves open: a `parameter`, set by every instantiation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generic {
    /// Verilog identifier, upper case.
    pub name: String,
    /// The number of this module.
    pub value: usize,
    /// The number the text names as default. Every instantiation sets its own; a module emitted as top has its own as default, so that
    /// tools can elaborate it by name alone.
    pub default: usize,
    /// Unit and range, one line.
    pub comment: String,
}

/// A `localparam` of a parametrised [`Module`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Verilog identifier, upper case.
    pub name: String,
    /// Its value over the generics and earlier constants.
    pub expression: String,
    /// One line for the reader; may be empty.
    pub comment: String,
}

/// A declared local signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Verilog identifier.
    pub name: String,
    /// Bits, at least 1.
    pub width: usize,
    /// The width over generics and constants; `None` where it is the same number in every instance.
    pub expression: Option<String>,
    /// `reg` if true, `wire` otherwise.
    pub reg: bool,
}

/// An instance of another module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Instance name.
    pub name: String,
    /// What is instantiated.
    pub module: Arc<Module>,
    /// Parameter name and value (a Verilog constant expression). A generic that is not listed has its number.
    pub parameters: Vec<(String, String)>,
    /// Port name and the Verilog expression connected to it; an output that is left open has the empty expression.
    pub connections: Vec<(String, String)>,
}

/// A data file that a module reads by `$readmemh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// File name, written beside the Verilog.
    pub name: String,
    /// Content.
    pub text: String,
}

/// A circuit. Built by the chained methods below, in any order; the order of calls is the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Verilog identifier and file name.
    pub name: String,
    /// What it is for: the first line of the header comment.
    pub purpose: String,
    /// Clocks from cause to effect, in words with their unit; printed in the header.
    pub latency: String,
    /// How often it takes or gives something, in words; printed in the header.
    pub throughput: String,
    /// More lines of the header comment.
    pub doc: Vec<String>,
    /// Numbers that the text leaves open.
    pub generics: Vec<Generic>,
    /// Numbers derived from them.
    pub constants: Vec<Constant>,
    /// Build-time parameters.
    pub parameters: Vec<Parameter>,
    /// Ports in the order of the header.
    pub ports: Vec<Port>,
    /// Declared local signals.
    pub locals: Vec<Local>,
    /// Children.
    pub instances: Vec<Instance>,
    /// Behaviour: Verilog items, printed after the instances.
    pub body: String,
    /// Memory contents.
    pub data_files: Vec<DataFile>,
}

impl Module {
    /// An empty module. `purpose` is the first line of its header comment.
    pub fn new(name: impl Into<String>, purpose: &str) -> Self {
        Self {
            name: name.into(),
            purpose: purpose.trim_end_matches('.').to_string(),
            latency: String::new(),
            throughput: String::new(),
            doc: vec![],
            generics: vec![],
            constants: vec![],
            parameters: vec![],
            ports: vec![],
            locals: vec![],
            instances: vec![],
            body: String::new(),
            data_files: vec![],
        }
    }

    /// Says how long it takes and how often: `.timing("2 clocks", "one beat a clock")`. Both are printed in the header comment.
    pub fn timing(mut self, latency: &str, throughput: &str) -> Self {
        (self.latency, self.throughput) = (latency.into(), throughput.into());
        self
    }

    /// Adds lines to the header comment.
    pub fn doc(mut self, text: &str) -> Self {
        self.doc.extend(text.lines().map(|l| l.trim().to_string()));
        self
    }

    /// Adds a build-time parameter.
    pub fn parameter(mut self, name: &str, width: usize, default: u64, comment: &str) -> Self {
        self.parameters.push(Parameter { name: name.into(), width, default, comment: comment.into() });
        self
    }

    /// Leaves a number of the text open: parameter `name`, here `value`.
    pub fn generic(mut self, name: &str, value: usize, default: usize, comment: &str) -> Self {
        self.generics.push(Generic { name: name.into(), value, default, comment: comment.into() });
        self
    }

    /// Adds a `localparam` over the generics and the constants before it.
    pub fn constant(mut self, name: &str, expression: &str, comment: &str) -> Self {
        self.constants.push(Constant { name: name.into(), expression: expression.into(), comment: comment.into() });
        self
    }

    fn port(mut self, direction: Direction, name: impl Into<String>, width: Width, comment: &str) -> Self {
        let Width { bits: width, expression } = width;
        self.ports.push(Port { name: name.into(), width, expression, direction, comment: comment.into() });
        self
    }

    /// Adds the inputs every clocked circuit has: `clk`.
    pub fn clk(self) -> Self {
        self.input("clk", 1, "")
    }

    /// Adds `clk` and `rst` (synchronous, active high).
    pub fn clk_rst(self) -> Self {
        self.clk().input("rst", 1, "synchronous, active high")
    }

    /// Adds an input.
    pub fn input(self, name: impl Into<String>, width: impl Into<Width>, comment: &str) -> Self {
        self.port(Direction::Input, name, width.into(), comment)
    }

    /// Adds an output that is a net.
    pub fn output(self, name: impl Into<String>, width: impl Into<Width>, comment: &str) -> Self {
        self.port(Direction::Output, name, width.into(), comment)
    }

    /// Adds an output that is a register.
    pub fn output_reg(self, name: impl Into<String>, width: impl Into<Width>, comment: &str) -> Self {
        self.port(Direction::OutputReg, name, width.into(), comment)
    }

    fn local(mut self, name: impl Into<String>, width: Width, reg: bool) -> Self {
        self.locals.push(Local { name: name.into(), width: width.bits, expression: width.expression, reg });
        self
    }

    /// Declares a local net.
    pub fn wire(self, name: impl Into<String>, width: impl Into<Width>) -> Self {
        self.local(name, width.into(), false)
    }

    /// Declares a local register.
    pub fn reg(self, name: impl Into<String>, width: impl Into<Width>) -> Self {
        self.local(name, width.into(), true)
    }

    /// Adds an instance with its port map: pairs of port name and Verilog expression.
    pub fn instance<P: Into<String>, E: Into<String>>(
        mut self,
        name: impl Into<String>,
        module: impl Into<Arc<Module>>,
        connections: impl IntoIterator<Item = (P, E)>,
    ) -> Self {
        self.instances.push(Instance {
            name: name.into(),
            module: module.into(),
            parameters: vec![],
            connections: connections.into_iter().map(|(p, e)| (p.into(), e.into())).collect(),
        });
        self
    }

    /// Adds an instance like [`Module::instance`], in short: the ports named in `same` (separated by spaces) are connected to signals of
    /// their own names, and a name that an output drives and that is not declared yet becomes a wire of the output's width.
    pub fn link<E: Into<String>>(
        self,
        name: impl Into<String>,
        module: impl Into<Arc<Module>>,
        same: &str,
        connections: impl IntoIterator<Item = (&'static str, E)>,
    ) -> Self {
        let module: Arc<Module> = module.into();
        let mut all: Vec<(String, String)> = same.split_whitespace().map(|p| (p.into(), p.into())).collect();
        all.extend(connections.into_iter().map(|(p, e)| (p.to_string(), e.into())));
        let mut this = self;
        for port in module.ports.iter().filter(|p| p.direction != Direction::Input) {
            let net = all.iter().find(|(p, _)| *p == port.name).map_or("", |(_, e)| e);
            let plain = !net.is_empty() && net.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let declared = this.ports.iter().any(|p| p.name == net) || this.locals.iter().any(|l| l.name == net);
            if plain && !declared {
                this = this.wire(net, port.width);
            }
        }
        this.instance(name, module, all)
    }

    /// Sets a parameter of the instance added last (nothing to set without one). A generic set so is said over the generics of this module.
    pub fn with_parameter(mut self, name: &str, value: &str) -> Self {
        if let Some(last) = self.instances.last_mut() {
            last.parameters.push((name.into(), value.into()));
        }
        self
    }

    /// Appends Verilog items. Common indentation is removed; parts are separated by an empty line.
    pub fn body(mut self, text: impl AsRef<str>) -> Self {
        if !self.body.is_empty() {
            self.body.push('\n');
        }
        self.body.push_str(&dedent(text.as_ref()));
        self
    }

    /// Adds a memory content file.
    pub fn data_file(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.data_files.push(DataFile { name: name.into(), text: text.into() });
        self
    }
}

/// A text of several lines for a place in a template that is indented by `columns`: the lines after the first are indented, the last
/// line's end is dropped.
pub(crate) fn nested(text: &str, columns: usize) -> String {
    text.trim_end_matches('\n').replace('\n', &format!("\n{:columns$}", ""))
}

/// Removes empty lines at both ends and the indentation that all lines share.
fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let first = lines.iter().position(|l| !l.is_empty()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|l| !l.is_empty()).map_or(first, |i| i + 1);
    let indent = |l: &&str| l.len() - l.trim_start().len();
    let common = lines[first..end].iter().filter(|l| !l.is_empty()).map(indent).min().unwrap_or(0);
    lines[first..end].iter().map(|l| l.get(common..).unwrap_or("").to_string() + "\n").collect()
}
