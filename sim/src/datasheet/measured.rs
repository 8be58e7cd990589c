//! What was simulated and synthesised for the datasheets, as it is kept in the tree.

use super::Subject;
use crate::area::{Family, area};
use crate::wave::{Drawing, WaveError};
use crate::{SimError, tools::Scratch};
use galena_hdl::block::Sort;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Cells by name. By yosys, not placed.
pub type Cells = BTreeMap<String, usize>;

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurements {
    /// In the order of the tables.
    pub sheets: Vec<Measured>,
}

/// What was measured for one datasheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Table and name: `blocks/register`.
    pub subject: String,
    /// Hash of the Verilog and the job.
    pub identity: String,
    /// `synth_ecp5` and `synth_xilinx -family xcup` of a small circuit; what is larger is in the figures of the bench.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<[Cells; 2]>,
    /// The waveform.
    pub drawing: Drawing,
}

fn key(subject: &Subject) -> String {
    format!("{}/{}", subject.table(), subject.name())
}

impl Measurements {
    /// Those in a file; none if it is not there.
    pub fn read(path: &Path) -> Result<Self, WaveError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                serde_json::from_str(&text).map_err(|e| WaveError::Json { path: path.into(), reason: e.to_string() })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(WaveError::File { what: "read", path: path.into(), source }),
        }
    }

    /// As the text of a file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// What was measured for a subject.
    pub fn of(&self, subject: &Subject) -> Option<&Measured> {
        let key = key(subject);
        self.sheets.iter().find(|sheet| sheet.subject == key)
    }
}

impl Measured {
    /// Simulates a subject, and synthesises it if it is small and the bench does not; the area of the same circuit is taken over.
    pub fn new(subject: &Subject, old: Option<&Self>) -> Result<Self, WaveError> {
        let identity = subject.identity()?;
        let folder = Scratch::new("datasheet")?;
        let wave = subject.record(folder.path())?;
        let drawing = Drawing::of(&wave)?;
        let area = match (subject, old) {
            (_, Some(Self { identity: same, area: Some(area), .. })) if *same == identity => Some(area.clone()),
            (Subject::Block(block), _) if block.sort != Sort::Pipeline => Some(synthesised(subject)?),
            _ => None,
        };
        Ok(Self { subject: key(subject), identity, area, drawing })
    }
}

fn synthesised(subject: &Subject) -> Result<[Cells; 2], WaveError> {
    let Subject::Block(block) = subject else { return Ok(Default::default()) };
    let point = super::subject::first(block)?;
    let of = |family| -> Result<Cells, SimError> { Ok(area(&point, family)?.cells) };
    Ok([of(Family::Ecp5)?, of(Family::UltraScalePlus)?])
}
