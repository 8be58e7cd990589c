//! The clock manager of a 7-series part: dividers that make one clock out of another. Limits by AMD's data sheet DS181, table "MMCM specification", for the
//! slowest speed grade (-1), which every faster one keeps too; steps of the dividers by UG472.

/// Slowest and fastest clock at the phase detector, in Hz.
const DETECTOR: [u64; 2] = [10_000_000, 450_000_000];

/// Slowest and fastest oscillator, in Hz.
const OSCILLATOR: [u64; 2] = [600_000_000, 1_200_000_000];

/// Largest divider of the input.
const INPUT_DIVIDER_MAX: u64 = 106;

/// The multiplier and the divider of the output go in eighths: least and most.
const MULTIPLIER_EIGHTHS: [u64; 2] = [16, 512];
const OUTPUT_EIGHTHS: [u64; 2] = [16, 1024];

/// Dividers of an MMCME2 whose feedback stays inside: oscillator = input * multiplier / input divider, output = oscillator / output divider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Mmcm {
    /// The clock that comes in, in Hz.
    pub input_hz: u32,
    /// The clock that goes out, in Hz.
    pub output_hz: u32,
    /// `DIVCLK_DIVIDE`.
    pub input_divider: u32,
    /// `CLKFBOUT_MULT_F`, in eighths.
    pub multiplier_eighths: u32,
    /// `CLKOUT0_DIVIDE_F`, in eighths.
    pub output_eighths: u32,
}

/// No dividers make the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a clock that the MMCM makes exactly from {input_hz} Hz, found {output_hz} Hz; try a whole number of MHz from 5 to 600"
)]
pub struct MmcmError {
    input_hz: u32,
    output_hz: u32,
}

impl Mmcm {
    /// The dividers that make exactly `output_hz` from `input_hz`: the fastest phase detector, then the fastest oscillator (both the least jitter), whole
    /// numbers before fractions.
    pub fn new(input_hz: u32, output_hz: u32) -> Result<Self, MmcmError> {
        let within = |hz: u64, [least, most]: [u64; 2]| (least..=most).contains(&hz);
        let [input, output] = [input_hz, output_hz].map(u64::from);
        let of = |divider: u64, step: usize| {
            let [least, most] = MULTIPLIER_EIGHTHS;
            (least..=most).rev().step_by(step).find_map(|multiplier| {
                // Eighths of a Hz, times the divider: nothing is rounded.
                let oscillator = input * multiplier;
                let [slowest, fastest] = OSCILLATOR.map(|hz| hz * 8 * divider);
                let exact = (oscillator * 8).checked_rem(output * 8 * divider) == Some(0);
                let eighths = oscillator.checked_div(output * divider).unwrap_or(0);
                let fits = within(oscillator, [slowest, fastest]) && within(eighths, OUTPUT_EIGHTHS);
                (exact && fits && eighths.is_multiple_of(step as u64)).then_some((multiplier, eighths))
            })
        };
        let of_input = |divider: u64| {
            let (multiplier, eighths) =
                within(input / divider, DETECTOR).then(|| of(divider, 8).or_else(|| of(divider, 1)))??;
            Some([divider, multiplier, eighths].map(|n| n as u32))
        };
        let [input_divider, multiplier_eighths, output_eighths] =
            (1..=INPUT_DIVIDER_MAX).find_map(of_input).ok_or(MmcmError { input_hz, output_hz })?;
        Ok(Self { input_hz, output_hz, input_divider, multiplier_eighths, output_eighths })
    }
}

/// Eighths as the number that Verilog and reports write: three decimals, which eighths need and have.
pub fn eighths(n: u32) -> String {
    format!("{}.{:03}", n / 8, n % 8 * 125)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividers_make_the_clock_exactly_and_within_the_limits() {
        let mut made = 0;
        for input in [12_000_000, 25_000_000, 100_000_000, 125_000_000, 200_000_000] {
            for output in (5..=250).map(|mhz| mhz * 1_000_000) {
                let Ok(mmcm) = Mmcm::new(input, output) else { continue };
                let [d, m, o] = [mmcm.input_divider, mmcm.multiplier_eighths, mmcm.output_eighths].map(u64::from);
                assert_eq!(u64::from(input) * m, u64::from(output) * o * d, "{mmcm:?}");
                let oscillator = u64::from(input) * m;
                assert!((600_000_000 * 8 * d..=1_200_000_000 * 8 * d).contains(&oscillator), "{mmcm:?}");
                assert!(u64::from(input) >= 10_000_000 * d && d <= 106, "{mmcm:?}");
                assert!((16..=512).contains(&m) && (16..=1024).contains(&o), "{mmcm:?}");
                made += 1;
            }
        }
        assert!(made > 800, "{made}");
    }

    #[test]
    fn what_the_boards_need_and_what_cannot_be() {
        let dividers = |input, output| {
            let mmcm = Mmcm::new(input, output).unwrap();
            [mmcm.input_divider, mmcm.multiplier_eighths, mmcm.output_eighths]
        };
        assert_eq!(dividers(100_000_000, 60_000_000), [1, 12 * 8, 20 * 8]);
        assert_eq!(dividers(100_000_000, 100_000_000), [1, 12 * 8, 12 * 8]);
        // 1,187.5 MHz: a fraction where whole numbers do not do.
        assert_eq!(dividers(100_000_000, 95_000_000), [1, 95, 100]);
        assert_eq!((eighths(96), eighths(95)), ("12.000".into(), "11.875".into()));
        let error = Mmcm::new(100_000_000, 100_000_001).unwrap_err().to_string();
        assert!(error.contains("from 100000000 Hz, found 100000001 Hz"), "{error}");
        for (input, output) in [(0, 60_000_000), (100_000_000, 0), (5_000_000, 60_000_000), (100_000_000, u32::MAX)] {
            assert!(Mmcm::new(input, output).is_err());
        }
    }
}
