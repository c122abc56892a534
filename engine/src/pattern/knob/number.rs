//! Decimal numbers as text, read and written to the last bit.
//!
//! The standard library does the same from 25 KB of tables and code, which the page would have to
//! carry for the few numbers that people type and links hold; here the rare hard cases go through
//! long division instead.

use std::cmp::Ordering;

/// Powers of ten up to this one are floats.
const TENS: i32 = 22;

/// The float nearest to a decimal number such as `0.02`, `-3` or `1e-5`; halves go to the even one.
/// Text that is not a number, and infinity by name, is nothing.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, rest) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mark = rest.iter().position(|byte| byte | 32 == b'e');
    let (number, exponent) = match mark {
        Some(mark) => (&rest[..mark], whole(&rest[mark + 1..])?),
        None => (rest, 0),
    };
    let point = number.iter().position(|&byte| byte == b'.');
    let digits = number.iter().filter(|&&byte| byte != b'.');
    let digits: Vec<u32> = digits
        .map(|&byte| u32::from(byte.wrapping_sub(b'0')))
        .collect();
    let places = point.map_or(0, |point| number.len() - point - 1);
    let fits = digits.len() + usize::from(point.is_some()) == number.len();
    if digits.is_empty() || !fits || digits.iter().any(|&digit| digit > 9) {
        return None;
    }
    let value = of_digits(&digits, exponent.saturating_sub(places as i32));
    Some(if negative { -value } else { value })
}

/// The exponent behind an `e`; one too large for any float is cut to one still too large.
fn whole(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let number = digits.iter().try_fold(0, |number: i32, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some((number * 10 + i32::from(digit)).min(99_999_999))
    })?;
    (!digits.is_empty()).then_some(sign * number)
}

/// The float nearest to `digits` · 10^`power`.
fn of_digits(digits: &[u32], power: i32) -> f64 {
    let leading = digits.iter().take_while(|&&digit| digit == 0).count();
    let digits = &digits[leading..];
    let magnitude = digits.len() as i64 + i64::from(power);
    if digits.is_empty() || magnitude < -330 {
        return 0.0;
    }
    if magnitude > 330 {
        return f64::INFINITY;
    }
    if digits.len() < 16 && power.abs() <= TENS {
        // Both are floats, so one division or product rounds once.
        let number = digits
            .iter()
            .fold(0.0, |n, &digit| n * 10.0 + f64::from(digit));
        let scale = ten_to(power.abs());
        return if power < 0 {
            number / scale
        } else {
            number * scale
        };
    }
    let mut above = Long::from(0);
    for &digit in digits {
        above.times_plus(10, digit);
    }
    let mut below = Long::from(1);
    let long = if power < 0 { &mut below } else { &mut above };
    (0..power.abs()).for_each(|_| long.times_plus(10, 0));
    nearest(above, below)
}

fn ten_to(power: i32) -> f64 {
    (0..power).fold(1.0, |scale, _| scale * 10.0)
}

/// The float nearest to `above` / `below`.
fn nearest(mut above: Long, mut below: Long) -> f64 {
    // The quotient gets 54 or 55 bits, at least one more than fit; of the smallest floats, fewer.
    let shift = (55 + below.bits() - above.bits()).min(1075);
    let long = if shift < 0 { &mut below } else { &mut above };
    long.double(shift.unsigned_abs());
    let (quotient, rest) = divide(above, &below);
    let least = i32::from(shift == 1075);
    let extra = (11 - quotient.leading_zeros() as i32).max(least);
    let (kept, cut) = (quotient >> extra, quotient & ((1 << extra) - 1));
    let up = match (cut << 1).cmp(&(1 << extra)) {
        Ordering::Equal if rest == Rest::None => kept & 1,
        order => u64::from(order != Ordering::Less),
    };
    libm::scalbn((kept + up) as f64, extra - shift)
}

/// What a division leaves, beside half of the divisor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rest {
    None,
    Less,
    Half,
    More,
}

/// Whole quotient, which must be below 2^60, and rest.
fn divide(mut above: Long, below: &Long) -> (u64, Rest) {
    let mut quotient = 0;
    for place in (0..60).rev() {
        let mut part = below.clone();
        part.double(place);
        if part.cmp(&above) != Ordering::Greater {
            above.minus(&part);
            quotient |= 1 << place;
        }
    }
    let none = above.bits() == 0;
    above.double(1);
    let rest = match above.cmp(below) {
        _ if none => Rest::None,
        Ordering::Less => Rest::Less,
        Ordering::Equal => Rest::Half,
        Ordering::Greater => Rest::More,
    };
    (quotient, rest)
}

/// A whole number of any length, by 32 bits, the lowest first, without zeros at the end.
#[derive(Clone)]
struct Long(Vec<u32>);

impl Long {
    fn from(number: u64) -> Long {
        let mut long = Long(vec![number as u32, (number >> 32) as u32]);
        long.trim();
        long
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn bits(&self) -> i32 {
        let top = self.0.last().map_or(0, |top| top.leading_zeros());
        32 * self.0.len() as i32 - top as i32
    }

    fn times_plus(&mut self, factor: u32, plus: u32) {
        let mut carry = u64::from(plus);
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        self.0.push(carry as u32);
        self.trim();
    }

    fn double(&mut self, times: u32) {
        (0..times / 32).for_each(|_| self.0.insert(0, 0));
        let factor = 1 << (times % 32);
        self.times_plus(factor, 0);
    }

    /// Takes off a number that is not larger.
    fn minus(&mut self, other: &Long) {
        let mut borrow = 0;
        for (index, part) in self.0.iter_mut().enumerate() {
            let less = i64::from(other.0.get(index).copied().unwrap_or(0));
            borrow += i64::from(*part) - less;
            *part = borrow as u32;
            borrow >>= 32;
        }
        self.trim();
    }

    fn cmp(&self, other: &Long) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// The shortest decimal number that [`parse`] reads as the same float, without exponent.
pub fn print(value: f64) -> String {
    let size = value.abs();
    if !size.is_finite() {
        return if value.is_nan() { "NaN" } else { "inf" }.to_owned();
    }
    let mut scale = 1.0;
    for places in 0..=TENS {
        let scaled = libm::round(size * scale);
        if scaled < 1e15 && scaled / scale == size {
            return place_point(value < 0.0, scaled as u64, places);
        }
        scale *= 10.0;
    }
    // Sixteen digits or seventeen, or a number as large or small as nobody types.
    let power = libm::floor(libm::log10(size)) as i32;
    let found = (13..17).find_map(|digits| {
        let places = digits - power;
        let text = place_point(value < 0.0, rounded(size, places), places);
        (parse(&text) == Some(value)).then_some(text)
    });
    found.unwrap_or_else(|| place_point(value < 0.0, rounded(size, 17 - power), 17 - power))
}

/// The whole number nearest to `size` · 10^`places`.
fn rounded(size: f64, places: i32) -> u64 {
    let (bits, least) = (size.to_bits(), 1 << 52);
    let exponent = (bits >> 52) as i32;
    let fraction = bits & (least - 1);
    let mut above = Long::from(if exponent > 0 {
        fraction | least
    } else {
        fraction
    });
    let mut below = Long::from(1);
    let power = exponent.max(1) - 1075;
    let long = if power < 0 { &mut below } else { &mut above };
    long.double(power.unsigned_abs());
    let long = if places < 0 { &mut below } else { &mut above };
    (0..places.abs()).for_each(|_| long.times_plus(10, 0));
    let (quotient, rest) = divide(above, &below);
    quotient + u64::from(rest > Rest::Half || rest == Rest::Half && quotient & 1 == 1)
}

/// `number` / 10^`places` as text; zeros at its end are cut behind the point and added before it.
fn place_point(negative: bool, number: u64, places: i32) -> String {
    let mut digits = number.to_string();
    for _ in places..0 {
        digits.push('0');
    }
    let behind = places.max(0) as usize;
    while digits.len() <= behind {
        digits.insert(0, '0');
    }
    let (before, behind) = digits.split_at(digits.len() - behind);
    let behind = behind.trim_end_matches('0');
    let (sign, point) = (
        if negative { "-" } else { "" },
        if behind.is_empty() { "" } else { "." },
    );
    [sign, before, point, behind].concat()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Limits of floats, and numbers half-way between two of them.
    const HARD: [&str; 22] = [
        "0",
        "-0.0",
        "1",
        "0.1",
        "0.3",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.00000000000000000000000000000000000000001",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e400",
        "1e-400",
        "5e-324",
        "0.000000000000000000000000000000000000000000001",
        "123456789012345678901234567890",
    ];

    #[test]
    fn hard_numbers_are_read_to_the_last_bit() {
        for text in HARD {
            let standard: f64 = text.parse().expect("a number");
            let ours = parse(text).expect(text);
            assert_eq!(ours.to_bits(), standard.to_bits(), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        for text in [
            "", "-", ".", "e5", "1e", "1e+", "1.2.3", "inf", "nan", "0x1", "1 ", "٣", "1_0", "--1",
            "1e5.0",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        for text in ["5.", ".5", "+5", "1E3", "1e+3", "1e-3", "00012.500"] {
            assert_eq!(parse(text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn numbers_as_people_type_them_print_the_same() {
        for text in [
            "0", "1", "0.5", "0.02", "123.456", "1000000", "0.000001", "-7.25", "0.9122", "100",
        ] {
            assert_eq!(print(parse(text).expect(text)), text);
        }
        assert_eq!(print(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(print(1e21), "1000000000000000000000");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_decimal_is_read_as_the_standard_library_does(text in "[0-9]{1,25}(\\.[0-9]{0,25})?(e-?[0-9]{1,3})?") {
            let standard: f64 = text.parse().expect("a number");
            prop_assert_eq!(parse(&text).map(f64::to_bits), Some(standard.to_bits()));
        }

        #[test]
        fn any_float_survives_its_text_which_is_the_shortest(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let text = print(value);
            prop_assert_eq!(parse(&text).map(f64::to_bits), Some(bits), "{}", text);
            // A power of two has a neighbour nearer below than above; it may get a digit more.
            if bits << 12 != 0 {
                // Of two as short and as near, either will do.
                prop_assert_eq!(text.len(), value.to_string().len());
            }
        }

        #[test]
        fn numbers_of_knobs_print_as_the_standard_library_does(whole in 0..1_000_000_u64, places in 0..9) {
            let value = whole as f64 / ten_to(places);
            prop_assert_eq!(print(value), value.to_string());
        }
    }
}
