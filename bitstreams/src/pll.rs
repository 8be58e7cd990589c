//! The PLL of an ECP5: dividers that make one clock out of another. Limits by Lattice's data sheet FPGA-DS-02012, table "sysCLOCK PLL timing".

/// Slowest and fastest clock at the phase detector, in Hz.
const DETECTOR: [u64; 2] = [3_125_000, 400_000_000];

/// Slowest and fastest oscillator, in Hz.
const OSCILLATOR: [u64; 2] = [400_000_000, 800_000_000];

/// Every divider is from 1 to this.
const DIVIDER_MAX: u64 = 128;

/// Dividers of an EHXPLLL whose feedback is its output: output = input * feedback / input divider, oscillator = output * output divider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Pll {
    /// The clock that comes in, in Hz.
    pub input_hz: u32,
    /// The clock that goes out, in Hz.
    pub output_hz: u32,
    /// `CLKI_DIV`.
    pub input_divider: u32,
    /// `CLKFB_DIV`.
    pub feedback_divider: u32,
    /// `CLKOP_DIV`.
    pub output_divider: u32,
}

/// No dividers make the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a clock that the PLL makes exactly from {input_hz} Hz, found {output_hz} Hz; try a multiple of {} Hz",
    input_hz / (u64::from(*input_hz) / DETECTOR[0]).max(1) as u32
)]
pub struct PllError {
    input_hz: u32,
    output_hz: u32,
}

impl Pll {
    /// The dividers that make exactly `output_hz` from `input_hz`, with the fastest phase detector (the least jitter) and the oscillator nearest
    /// the middle of its range.
    pub fn new(input_hz: u32, output_hz: u32) -> Result<Self, PllError> {
        let within = |hz: u64, [least, most]: [u64; 2]| (least..=most).contains(&hz);
        let [input, output] = [input_hz, output_hz].map(u64::from);
        let middle = OSCILLATOR.iter().sum::<u64>() / 2;
        let of_input = |divider: u64| {
            let exact = (output * divider).checked_rem(input) == Some(0);
            let feedback = (output * divider).checked_div(input).unwrap_or(0);
            let fits = (1..=DIVIDER_MAX).contains(&feedback) && within(input / divider, DETECTOR);
            let times = (1..=DIVIDER_MAX).filter(|k| within(output * k, OSCILLATOR));
            let times = times.min_by_key(|k| (output * k).abs_diff(middle))?;
            (exact && fits).then_some([divider, feedback, times].map(|n| n as u32))
        };
        let [input_divider, feedback_divider, output_divider] =
            (1..=DIVIDER_MAX).find_map(of_input).ok_or(PllError { input_hz, output_hz })?;
        Ok(Self { input_hz, output_hz, input_divider, feedback_divider, output_divider })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividers_make_the_clock_exactly_and_within_the_limits() {
        let mut made = 0;
        for input in [12_000_000, 25_000_000, 48_000_000, 100_000_000] {
            for output in (10..=200).map(|mhz| mhz * 1_000_000) {
                let Ok(pll) = Pll::new(input, output) else { continue };
                let [i, f, o] = [pll.input_divider, pll.feedback_divider, pll.output_divider].map(u64::from);
                assert_eq!(u64::from(input) * f, u64::from(output) * i);
                assert!((400_000_000..=800_000_000).contains(&(u64::from(output) * o)), "{pll:?}");
                assert!(u64::from(input) >= 3_125_000 * i && [i, f, o].iter().all(|d| (1..=128).contains(d)));
                made += 1;
            }
        }
        assert!(made > 200, "{made}");
    }

    #[test]
    fn what_the_boards_need_and_what_cannot_be() {
        let dividers = |input, output| {
            let pll = Pll::new(input, output).unwrap();
            [pll.input_divider, pll.feedback_divider, pll.output_divider]
        };
        assert_eq!(dividers(25_000_000, 100_000_000), [1, 4, 6]);
        assert_eq!(dividers(12_000_000, 100_000_000), [3, 25, 6]);
        let error = Pll::new(25_000_000, 100_000_001).unwrap_err().to_string();
        assert!(error.ends_with("found 100000001 Hz; try a multiple of 3125000 Hz"), "{error}");
        assert!(Pll::new(0, 100_000_000).is_err() && Pll::new(25_000_000, 0).is_err());
        assert!(Pll::new(25_000_000, u32::MAX).is_err());
    }
}
