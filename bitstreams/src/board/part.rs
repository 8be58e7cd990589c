//! The part on a board: its family, what it has, and how the family's tools name it.

/// A family of parts: decides the flow, the clock and the primitives of the top module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Lattice ECP5.
    Ecp5,
    /// AMD 7 series.
    Series7,
    /// AMD `UltraScale`.
    #[serde(rename = "ultrascale")]
    UltraScale,
    /// AMD `UltraScale+`.
    #[serde(rename = "ultrascale-plus")]
    UltraScalePlus,
}

/// How a bitstream is made of Verilog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// yosys, nextpnr-ecp5, ecppack: from here.
    Open,
    /// Vivado: by a script that is written here and run where Vivado is.
    Vivado,
}

impl Family {
    /// The flow for its parts.
    pub const fn flow(self) -> Flow {
        match self {
            Self::Ecp5 => Flow::Open,
            Self::Series7 | Self::UltraScale | Self::UltraScalePlus => Flow::Vivado,
        }
    }

    /// Its name, as a `board.toml` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ecp5 => "ecp5",
            Self::Series7 => "series7",
            Self::UltraScale => "ultrascale",
            Self::UltraScalePlus => "ultrascale-plus",
        }
    }
}

/// What a part has. What a family does not have is zero, and left out of its `board.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// Lookup tables: of four inputs in an ECP5, of six in an AMD part.
    pub luts: u32,
    /// Flip-flops.
    pub registers: u32,
    /// 18x18 multipliers of an ECP5.
    #[serde(default, skip_serializing_if = "none")]
    pub multipliers_18x18: u32,
    /// Slices with a multiplier of an AMD part: 25x18 in DSP48E1, 27x18 in DSP48E2.
    #[serde(default, skip_serializing_if = "none")]
    pub dsp_slices: u32,
    /// Block RAMs of 18 kbit; AMD counts pairs of them.
    pub block_rams_18k: u32,
    /// `UltraRAM` blocks of 288 kbit.
    #[serde(default, skip_serializing_if = "none")]
    pub ultra_rams: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn none(n: &u32) -> bool {
    *n == 0
}

impl Resources {
    /// Multipliers, whichever the family has.
    pub const fn multipliers(&self) -> u32 {
        self.multipliers_18x18 + self.dsp_slices
    }
}

/// Options of nextpnr-ecp5: what it calls the part.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Die (`85k`).
    pub device: String,
    /// Package.
    pub package: String,
    /// Speed grade.
    pub speed: u32,
}
