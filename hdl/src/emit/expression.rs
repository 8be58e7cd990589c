//! Integer expressions over generics: `WIDTH*COUNT`, `$clog2(DEPTH)+1`.
//!
//! Only what widths need: `+`, `-`, `*`, `/`, parentheses, decimal numbers, names, and `$clog2`.

use std::collections::BTreeMap;

/// Values of names.
pub(super) type Values<'a> = BTreeMap<&'a str, i64>;

/// The value of an expression, or what is wrong with it.
pub(super) fn evaluate(text: &str, values: &Values) -> Result<i64, String> {
    let mut parser = Parser { rest: text.trim_start(), values };
    let value = parser.sum()?;
    if parser.rest.is_empty() { Ok(value) } else { Err(format!("does not end before `{}`", parser.rest)) }
}

struct Parser<'a> {
    rest: &'a str,
    values: &'a Values<'a>,
}

impl<'a> Parser<'a> {
    /// Takes one of these characters, if it is next.
    fn take(&mut self, of: &[char]) -> Option<char> {
        let next = self.rest.chars().next().filter(|c| of.contains(c))?;
        self.rest = self.rest[next.len_utf8()..].trim_start();
        Some(next)
    }

    /// Takes a name or a number.
    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        word
    }

    fn sum(&mut self) -> Result<i64, String> {
        let mut value = self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            let next = self.product()?;
            let sum = if sign == '+' { value.checked_add(next) } else { value.checked_sub(next) };
            value = sum.ok_or("overflows")?;
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<i64, String> {
        let mut value = self.atom()?;
        while let Some(sign) = self.take(&['*', '/']) {
            let next = self.atom()?;
            let product = if sign == '*' { value.checked_mul(next) } else { value.checked_div(next) };
            value = product.ok_or("overflows or divides by zero")?;
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<i64, String> {
        if self.take(&['(']).is_some() {
            let value = self.sum()?;
            return self.take(&[')']).map(|_| value).ok_or("lacks a `)`".into());
        }
        match self.word() {
            "$clog2" => match self.atom()? {
                n @ 1.. => Ok((64 - (n - 1).leading_zeros()).into()),
                n => Err(format!("takes $clog2 of {n}")),
            },
            word if word.starts_with(|c: char| c.is_ascii_digit()) => {
                word.parse().map_err(|_| format!("has `{word}`, expected a decimal number"))
            }
            word => self.values.get(word).copied().ok_or(format!("names `{word}`, which is no generic or constant")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_their_verilog_values() {
        let values = Values::from([("WIDTH", 31), ("DEPTH", 1000)]);
        let cases = [
            ("31", 31),
            ("WIDTH * 8 - 1", 247),
            ("$clog2(DEPTH)+1", 11),
            ("$clog2(1024)", 10),
            ("$clog2(1)", 0),
            ("2*(WIDTH+1)/4 - 1", 15),
            ("DEPTH - 1 - 1", 998),
        ];
        for (text, value) in cases {
            assert_eq!(evaluate(text, &values), Ok(value), "{text}");
        }
        for text in ["", "HEIGHT", "WIDTH +", "(WIDTH", "1/0", "$clog2(0)", "1 2", "8'd3", "9223372036854775807 + 1"] {
            assert!(evaluate(text, &values).is_err(), "{text}");
        }
    }
}
