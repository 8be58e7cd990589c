//! The lab file: names for devices, so that `--device board1` works; and what a `--device` list means.
//!
//! A TOML file with one table per device. `deny_unknown_fields` everywhere: a misspelt option is an error with its line, not a
//! device that quietly runs with other options than were written down.

use crate::driver::{self, Driver, OpenOptions};
use crate::{Device, DeviceError};
use galena_target::Config;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// Environment variable that names the lab file.
pub const LAB_VARIABLE: &str = "GALENA_LAB";
/// The lab file looked for in the working directory.
pub const LAB_FILE: &str = "galena-lab.toml";
/// Longest deadline that makes sense, in seconds: more is a typing error.
const DEADLINE_MAX: f64 = 3600.0;

/// A lab: the devices that have a name.
#[derive(Clone, Debug, Default)]
pub struct Lab {
    /// The file it came from; none if there is no lab file.
    pub path: Option<PathBuf>,
    devices: BTreeMap<String, Named>,
}

/// A device that has a name.
#[derive(Clone, Debug)]
struct Named {
    driver: String,
    /// Line of `driver` in the file.
    line: usize,
    path: String,
    max_baud: Option<u32>,
    deadline: Option<Duration>,
    config: Option<String>,
}

/// A device as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    driver: Spanned<String>,
    #[serde(default)]
    path: String,
    max_baud: Option<Spanned<u32>>,
    deadline_s: Option<Spanned<f64>>,
    config: Option<Spanned<String>>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    device: BTreeMap<Spanned<String>, Entry>,
}

/// A device that was selected: what is needed to open it.
#[derive(Clone, Debug)]
pub struct Selected {
    /// What was asked for: a selector, or a name of the lab file.
    pub name: String,
    /// Name of the driver.
    pub driver: String,
    /// What the driver opens: what follows the colon of a selector; may be empty.
    pub path: String,
    /// How to open it: the options given, completed by those of the lab file.
    pub options: OpenOptions,
    /// The only config that will do, if the lab file names one.
    pub config: Option<String>,
}

/// Why a lab file or a selector cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The file cannot be read.
    #[error("cannot read the lab file {}{}: {source}", path.display(), because(origin))]
    Read {
        /// The file.
        path: PathBuf,
        /// Who named it.
        origin: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a lab file.
    #[error("{}:{line}: {message}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What the parser found, and what it expected.
        message: String,
    },
    /// A value that cannot be.
    #[error("{}:{line}: device `{device}`: expected `{field}` to be {expected}, found `{found}`", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The device.
        device: String,
        /// The field.
        field: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Neither a driver nor a name of the lab file.
    #[error("expected a device like {drivers}{}, found `{found}`", names(lab, known))]
    Unknown {
        /// What was asked for.
        found: String,
        /// How the drivers' selectors look.
        drivers: String,
        /// The lab file, if there is one.
        lab: Option<PathBuf>,
        /// The names in it.
        known: Vec<String>,
    },
    /// Two commas in a row, or nothing at all.
    #[error("expected a device, or several with commas between them, found `{found}`")]
    Empty {
        /// The list given.
        found: String,
    },
    /// The device is of another config than the lab file says.
    #[error(
        "the lab file says that `{device}` is a `{expected}`, the device says that it is {found}; correct the lab file, or load the other bitstream"
    )]
    Config {
        /// Its name.
        device: String,
        /// The lab file's.
        expected: String,
        /// The device's.
        found: String,
    },
}

fn because(origin: &str) -> String {
    if origin.is_empty() { String::new() } else { format!(" (named by {origin})") }
}

fn names(lab: &Option<PathBuf>, known: &[String]) -> String {
    match lab {
        Some(path) if known.is_empty() => format!(" ({} names none)", path.display()),
        Some(path) => {
            let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            format!(", or {} of {}", known.join(", "), path.display())
        }
        None => format!(" (there is no lab file: give one with --lab, {LAB_VARIABLE} or ./{LAB_FILE})"),
    }
}

impl Lab {
    /// The lab file that is in force: `explicit`, else [`LAB_VARIABLE`], else [`LAB_FILE`] here, else the user's own; else an empty
    /// lab. One that was named must exist.
    pub fn find(explicit: Option<&Path>) -> Result<Self, LabError> {
        if let Some(path) = explicit {
            return Self::read(path, "--lab");
        }
        if let Some(path) = std::env::var_os(LAB_VARIABLE).filter(|path| !path.is_empty()) {
            return Self::read(Path::new(&path), LAB_VARIABLE);
        }
        let own = |variable: &str, rest: &str| {
            std::env::var_os(variable).filter(|v| !v.is_empty()).map(|home| Path::new(&home).join(rest))
        };
        let user = own("XDG_CONFIG_HOME", "galena/lab.toml").or_else(|| own("HOME", ".config/galena/lab.toml"));
        match [Some(PathBuf::from(LAB_FILE)), user].into_iter().flatten().find(|path| path.exists()) {
            Some(path) => Self::read(&path, ""),
            None => Ok(Self::default()),
        }
    }

    fn read(path: &Path, origin: &'static str) -> Result<Self, LabError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(source) => Err(LabError::Read { path: path.into(), origin, source }),
        }
    }

    /// The lab that `text` describes; `path` is for messages.
    pub fn parse(path: &Path, text: &str) -> Result<Self, LabError> {
        let file: File = toml::from_str(text).map_err(|e| LabError::Toml {
            path: path.into(),
            line: line(text, &e.span().unwrap_or_default()),
            message: e.message().into(),
        })?;
        let mut devices = BTreeMap::new();
        for (name, entry) in file.device {
            let refuse = |field, span, expected: String, found: &dyn ToString| {
                let (device, found) = (name.get_ref().clone(), found.to_string());
                Err(LabError::Value { path: path.into(), line: line(text, &span), device, field, expected, found })
            };
            if name.get_ref().is_empty() || name.get_ref().contains([',', ':']) {
                return refuse("name", name.span(), "a name without `,` and `:`".into(), name.get_ref());
            }
            if let Some(value) = &entry.deadline_s
                && !(*value.get_ref() > 0.0 && *value.get_ref() <= DEADLINE_MAX)
            {
                return refuse("deadline_s", value.span(), "seconds, above 0 and up to 3600".into(), value.get_ref());
            }
            if let Some(value) = entry.max_baud.as_ref().filter(|value| *value.get_ref() == 0) {
                return refuse("max_baud", value.span(), "bits per second, above 0".into(), value.get_ref());
            }
            if let Some(value) = &entry.config
                && let Err(error) = Config::named(value.get_ref())
            {
                let known = error.to_string();
                let known = known.split(", found").next().unwrap_or_default().trim_start_matches("expected ");
                return refuse("config", value.span(), known.into(), value.get_ref());
            }
            let named = Named {
                line: line(text, &entry.driver.span()),
                driver: entry.driver.into_inner(),
                path: entry.path,
                max_baud: entry.max_baud.map(Spanned::into_inner),
                deadline: entry.deadline_s.map(|seconds| Duration::from_secs_f64(seconds.into_inner())),
                config: entry.config.map(Spanned::into_inner),
            };
            devices.insert(name.into_inner(), named);
        }
        Ok(Self { path: Some(path.into()), devices })
    }

    /// The names in it, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.devices.keys().map(String::as_str)
    }
}

/// The line of the start of a span, from 1.
fn line(text: &str, span: &Range<usize>) -> usize {
    1 + text.bytes().take(span.start).filter(|&byte| byte == b'\n').count()
}

/// What a `--device` argument means: selectors and names of the lab file, with commas between them. `options` are those of the
/// command line; they go before the lab file's.
pub fn resolve(
    selector: &str,
    lab: &Lab,
    drivers: &[Driver],
    options: &OpenOptions,
) -> Result<Vec<Selected>, LabError> {
    selector
        .split(',')
        .map(|part| match part.trim() {
            "" => Err(LabError::Empty { found: selector.into() }),
            part => resolve_one(part, lab, drivers, options),
        })
        .collect()
}

fn resolve_one(part: &str, lab: &Lab, drivers: &[Driver], options: &OpenOptions) -> Result<Selected, LabError> {
    let usages = || drivers.iter().map(|d| format!("`{}`", d.usage)).collect::<Vec<_>>().join(", ");
    let known = |name: &str| drivers.iter().any(|driver| driver.name == name);
    if let Some(named) = lab.devices.get(part) {
        if !known(&named.driver) {
            let names = drivers.iter().map(|d| format!("`{}`", d.name)).collect::<Vec<_>>().join(", ");
            return Err(LabError::Value {
                path: lab.path.clone().unwrap_or_default(),
                line: named.line,
                device: part.into(),
                field: "driver",
                expected: format!("one of {names}"),
                found: named.driver.clone(),
            });
        }
        let mut options = options.clone();
        options.max_baud = options.max_baud.or(named.max_baud);
        options.deadline = options.deadline.or(named.deadline);
        let (driver, path, config) = (named.driver.clone(), named.path.clone(), named.config.clone());
        return Ok(Selected { name: part.into(), driver, path, options, config });
    }
    let (driver, path) = part.split_once(':').unwrap_or((part, ""));
    if !known(driver) {
        let known = lab.names().map(String::from).collect();
        return Err(LabError::Unknown { found: part.into(), drivers: usages(), lab: lab.path.clone(), known });
    }
    let (name, driver, path) = (part.into(), driver.into(), path.into());
    Ok(Selected { name, driver, path, options: options.clone(), config: None })
}

impl Selected {
    /// The selector that a driver understands.
    pub fn selector(&self) -> String {
        if self.path.is_empty() { self.driver.clone() } else { format!("{}:{}", self.driver, self.path) }
    }

    /// Opens it, and refuses another config than the lab file names.
    pub fn open(&self, drivers: &[Driver]) -> Result<Box<dyn Device>, DeviceError> {
        let device = driver::open(drivers, &self.selector(), &self.options)?;
        match (&self.config, &device.info().config) {
            (Some(expected), found) if found.as_ref() != Some(expected) => {
                let found = found.as_ref().map_or("none of the table".into(), |name| format!("a `{name}`"));
                let source = LabError::Config { device: self.name.clone(), expected: expected.clone(), found };
                Err(DeviceError::Open { selector: self.name.clone(), source: Box::new(source) })
            }
            _ => Ok(device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{CPU, PCIE, SERIAL};

    const DRIVERS: [Driver; 3] = [CPU, SERIAL, PCIE];
    const TEXT: &str = r#"
[device.board1]
driver = "serial"
path = "/dev/ttyUSB0"
max_baud = 3_000_000
deadline_s = 2.5
config = "small-uart"

[device.mill]
driver = "cpu"
"#;

    fn lab(text: &str) -> Result<Lab, LabError> {
        Lab::parse(Path::new("lab.toml"), text)
    }

    fn select(selector: &str) -> Result<Vec<Selected>, LabError> {
        resolve(selector, &lab(TEXT)?, &DRIVERS, &OpenOptions::default())
    }

    #[test]
    fn names_selectors_and_lists_are_resolved() {
        let all = select("board1, serial:/dev/ttyACM3,cpu,mill").unwrap();
        let selectors: Vec<_> = all.iter().map(Selected::selector).collect();
        assert_eq!(selectors, ["serial:/dev/ttyUSB0", "serial:/dev/ttyACM3", "cpu", "cpu"]);
        assert_eq!(
            all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
            ["board1", "serial:/dev/ttyACM3", "cpu", "mill"]
        );
        assert_eq!(all[0].options.max_baud, Some(3_000_000));
        assert_eq!(all[0].options.deadline, Some(Duration::from_millis(2500)));
        assert_eq!((all[0].config.as_deref(), &all[1].config), (Some("small-uart"), &None));
        assert_eq!(lab(TEXT).unwrap().names().collect::<Vec<_>>(), ["board1", "mill"]);
    }

    #[test]
    fn the_command_line_goes_before_the_lab_file() {
        let options = OpenOptions { deadline: Some(Duration::from_secs(9)), ..OpenOptions::default() };
        let all = resolve("board1", &lab(TEXT).unwrap(), &DRIVERS, &options).unwrap();
        assert_eq!((all[0].options.deadline, all[0].options.max_baud), (options.deadline, Some(3_000_000)));
    }

    #[test]
    fn a_device_of_another_config_is_refused() {
        let open = |config: &str| {
            let mut selected = select("mill").unwrap().remove(0);
            selected.config = Some(config.into());
            selected.open(&DRIVERS).map(drop).unwrap_err().to_string()
        };
        assert!(open("tiny").contains("`mill` is a `tiny`"), "{}", open("tiny"));
        assert_eq!(select("mill").unwrap()[0].open(&DRIVERS).unwrap().info().name, "cpu");
    }

    #[test]
    fn what_cannot_be_is_refused_with_file_line_and_what_was_expected() {
        let cases = [
            ("path = \"", "pth = \"", "lab.toml:4: unknown field `pth`, expected one of"),
            (
                "2.5",
                "-1.0",
                "lab.toml:6: device `board1`: expected `deadline_s` to be seconds, above 0 and up to 3600, found `-1`",
            ),
            ("2.5", "nan", "lab.toml:6: device `board1`: expected `deadline_s`"),
            (
                "3_000_000",
                "0",
                "lab.toml:5: device `board1`: expected `max_baud` to be bits per second, above 0, found `0`",
            ),
            ("3_000_000", "-3", "lab.toml:5: "),
            ("small-uart", "big", "lab.toml:7: device `board1`: expected `config` to be one of the configs `wide`"),
            ("[device.mill]", "[device.\"a,b\"]", "lab.toml:9: device `a,b`: expected `name` to be a name without"),
            ("driver = \"cpu\"", "", "lab.toml:9: missing field `driver`"),
            ("[device.board1]", "[device.board1", "lab.toml:2: "),
        ];
        for (from, to, message) in cases {
            let found = lab(&TEXT.replace(from, to)).unwrap_err().to_string();
            assert!(found.starts_with(message), "{from} -> {to}: {found}");
        }
        let unknown = lab(&TEXT.replace("\"serial\"", "\"serail\"")).unwrap();
        let found = resolve("board1", &unknown, &DRIVERS, &OpenOptions::default()).unwrap_err().to_string();
        assert_eq!(
            found,
            "lab.toml:3: device `board1`: expected `driver` to be one of `cpu`, `serial`, `pcie`, found `serail`"
        );
    }

    #[test]
    fn an_unknown_device_names_the_drivers_and_the_lab() {
        let found = select("board2").unwrap_err().to_string();
        assert!(found.contains("`cpu`") && found.contains("`board1`, `mill` of lab.toml, found `board2`"), "{found}");
        let found = resolve("x", &Lab::default(), &DRIVERS, &OpenOptions::default()).unwrap_err().to_string();
        assert!(found.contains("there is no lab file: give one with --lab, GALENA_LAB"), "{found}");
        assert!(select("cpu,,mill").unwrap_err().to_string().contains("found `cpu,,mill`"));
        let missing = Lab::find(Some(Path::new("/nonexistent/lab.toml"))).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read the lab file /nonexistent/lab.toml (named by --lab): "), "{missing}");
    }
}
