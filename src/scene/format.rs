//! Numbers as people read them. Whole-number arithmetic only: it is smaller than float printing
//! and shows the same digits everywhere.

use converge_engine::sim::{SimDuration, SimTime};

/// A span: `350 µs`, `2.4 ms`, `240 ms`, `1.84 s`, `2 min 05 s`, `3 h 20 min`.
pub fn span(span: SimDuration) -> String {
    let us = span.as_micros();
    match us {
        0 => "0 s".to_owned(),
        1..1000 => join(us, 0, 0, " µs"),
        1000..10_000 => join(us / 1000, us % 1000 / 100, 1, " ms"),
        10_000..1_000_000 => join(us / 1000, 0, 0, " ms"),
        1_000_000..100_000_000 => join(us / 1_000_000, us % 1_000_000 / 10_000, 2, " s"),
        100_000_000..3_600_000_000 => {
            let secs = us / 1_000_000;
            join(secs / 60, 0, 0, " min ") + &join(secs % 60, 0, 0, " s")
        }
        _ => {
            let minutes = us / 60_000_000;
            join(minutes / 60, 0, 0, " h ") + &join(minutes % 60, 0, 0, " min")
        }
    }
}

/// Seconds as a span; for statistics.
pub fn secs(secs: f64) -> String {
    span(SimDuration::from_micros_f64(secs * 1e6))
}

/// An instant to the millisecond: `12.430 s`.
pub fn instant(at: SimTime) -> String {
    let us = at.as_micros();
    join(us / 1_000_000, us % 1_000_000 / 1000, 3, " s")
}

/// An instant to the hundredth, without unit, for narrow columns: `12.43`.
pub fn short_instant(at: SimTime) -> String {
    let us = at.as_micros();
    join(us / 1_000_000, us % 1_000_000 / 10_000, 2, "")
}

/// The same without zeros that say nothing: `5.00 s` is `5 s`, `2.500 s` is `2.5 s`.
pub fn short(text: &str) -> String {
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            [number, " ", unit].concat()
        }
        _ => text.to_owned(),
    }
}

/// A trace hash in groups of four: `5f1c 88a0 92de 41b7`.
pub fn hash(hash: u64) -> String {
    let mut text = String::with_capacity(19);
    for place in (0..16).rev() {
        let digit = (hash >> (4 * place) & 15) as u32;
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
    }
    text
}

/// A number with a noun: `1 record`, `4,812 records`.
pub fn count(number: u64, noun: &str) -> String {
    let mut text = thousands(number);
    text.push(' ');
    text.push_str(noun);
    if number != 1 {
        text.push('s');
    }
    text
}

/// A number with separators: `4,812`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with this many decimals, which must be few.
pub fn decimal(value: f64, places: u32) -> String {
    let scale = 10u64.pow(places);
    let scaled = (value.abs() * scale as f64 + 0.5) as u64;
    let sign = if value < 0.0 && scaled > 0 { "−" } else { "" };
    sign.to_owned() + &join(scaled / scale, scaled % scale, places as usize, "")
}

/// A share as a percentage: `47 %`.
pub fn percent(share: f64) -> String {
    decimal(share * 100.0, 0) + " %"
}

fn join(whole: u64, fraction: u64, places: usize, unit: &str) -> String {
    let mut text = whole.to_string();
    if places > 0 {
        let digits = fraction.to_string();
        text.push('.');
        for _ in digits.len()..places {
            text.push('0');
        }
        text.push_str(&digits);
    }
    text.push_str(unit);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_well() {
        let text = |us| span(SimDuration::from_micros(us));
        assert_eq!(text(350), "350 µs");
        assert_eq!(text(2_430), "2.4 ms");
        assert_eq!(text(240_900), "240 ms");
        assert_eq!(text(1_840_000), "1.84 s");
        assert_eq!(text(125_000_000), "2 min 5 s");
        assert_eq!(text(12_000_000_000), "3 h 20 min");
    }

    #[test]
    fn instants_hashes_and_numbers_read_well() {
        assert_eq!(instant(SimTime::from_micros(12_430_900)), "12.430 s");
        assert_eq!(short_instant(SimTime::from_micros(10_060_000)), "10.06");
        assert_eq!(hash(0x5f1c_88a0_92de_41b7), "5f1c 88a0 92de 41b7");
        assert_eq!(hash(7), "0000 0000 0000 0007");
        assert_eq!(count(4812, "record"), "4,812 records");
        assert_eq!(count(1, "record"), "1 record");
        assert_eq!(decimal(-0.74, 1), "−0.7");
        assert_eq!(decimal(-0.01, 1), "0.0");
        assert_eq!(percent(0.471), "47 %");
    }
}
