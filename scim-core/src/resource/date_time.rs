//! `dateTime` values (RFC 7643 s2.3.5): an instant in time, whatever offset and precision its text has.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// An instant with microsecond precision, counted from 1970-01-01T00:00:00Z.
///
/// ```
/// use scim_core::DateTime;
///
/// let utc = DateTime::parse("2011-05-13T04:42:34Z").unwrap();
/// let offset = DateTime::parse("2011-05-13T06:42:34.0000000+02:00").unwrap();
/// assert_eq!(utc, offset);
/// assert_eq!(utc.to_string(), "2011-05-13T04:42:34Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime(i64);

impl DateTime {
    /// The present, by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_micros());
        Self(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// The instant this many microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// The instant this much later, or the last there is.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Reads an `xsd:dateTime` (RFC 7643 s2.3.5): date and time, any number of decimals (those beyond microseconds are
    /// cut off), `Z` or an offset; without either the time is read as UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Scanner(text.as_bytes());
        let year = rest.digits(4)?;
        rest.byte(b'-')?;
        let month = rest.digits(2)?;
        rest.byte(b'-')?;
        let day = rest.digits(2)?;
        rest.byte(b'T').or_else(|| rest.byte(b't'))?;
        let hour = rest.digits(2)?;
        rest.byte(b':')?;
        let minute = rest.digits(2)?;
        rest.byte(b':')?;
        let second = rest.digits(2)?;
        let micros = rest.fraction()?;
        let offset = rest.offset()?;
        let in_range = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && minute <= 59
            && second <= 59
            && (hour <= 23 || (hour == 24 && minute == 0 && second == 0 && micros == 0));
        if !in_range || !rest.0.is_empty() {
            return None;
        }
        let seconds = days_from_civil(year, month, day)
            .checked_mul(DAY)?
            .checked_add(hour.checked_mul(3_600)?)?
            .checked_add(minute.checked_mul(60)?)?
            .checked_add(second)?
            .checked_sub(offset)?;
        seconds.checked_mul(MICROS)?.checked_add(micros).map(Self)
    }
}

impl DateTime {
    /// The text, unless the year is one that RFC 3339 has no form for. `write!` would cost several times as much, and
    /// every answer has dates.
    pub(crate) fn to_rfc3339(self) -> Option<Rfc3339> {
        let seconds = self.0.div_euclid(MICROS);
        let micros = u32::try_from(self.0.rem_euclid(MICROS)).ok()?;
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        let year = u32::try_from(year).ok().filter(|year| *year <= 9_999)?;
        let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
        let time = u32::try_from(seconds.rem_euclid(DAY)).ok()?;

        let ([y1, y2], [y3, y4]) = (two_digits(year / 100), two_digits(year % 100));
        let ([m1, m2], [d1, d2]) = (two_digits(month), two_digits(day));
        let ([h1, h2], [n1, n2], [s1, s2]) =
            (two_digits(time / 3_600), two_digits(time % 3_600 / 60), two_digits(time % 60));
        let ([f1, f2], [f3, f4], [f5, f6]) =
            (two_digits(micros / 10_000), two_digits(micros / 100 % 100), two_digits(micros % 100));
        let mut text = [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, f4,
            f5, f6, b'Z',
        ];
        // Milliseconds where that is all there is, and no fraction where there is none.
        let last = match micros {
            0 => 19,
            _ if micros % 1_000 == 0 => 23,
            _ => 26,
        };
        *text.get_mut(last)? = b'Z';
        Some(Rfc3339 { text, length: last.saturating_add(1) })
    }
}

/// An instant as RFC 3339 writes it.
pub(crate) struct Rfc3339 {
    text: [u8; 27],
    length: usize,
}

impl Rfc3339 {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.text.get(..self.length).unwrap_or_default()).unwrap_or_default()
    }
}

/// A number below 100.
fn two_digits(number: u32) -> [u8; 2] {
    [number / 10, number % 10].map(|digit| b'0'.wrapping_add(u8::try_from(digit).unwrap_or_default()))
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.to_rfc3339() {
            return f.write_str(text.as_str());
        }
        let seconds = self.0.div_euclid(MICROS);
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        write!(f, "{year:+07}-{month:02}-{day:02}T{}Z", Clock(seconds.rem_euclid(DAY)))
    }
}

/// The time of a day, for years that RFC 3339 has no form for.
struct Clock(i64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.0 / 3_600, self.0 % 3_600 / 60, self.0 % 60)
    }
}

impl serde::Serialize for DateTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        (*first == wanted).then(|| self.0 = rest)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0_i64, |number, byte| {
            byte.is_ascii_digit().then(|| number.wrapping_mul(10).wrapping_add(i64::from(byte.wrapping_sub(b'0'))))
        })
    }

    fn fraction(&mut self) -> Option<i64> {
        if self.byte(b'.').is_none() {
            return Some(0);
        }
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let micros = (0..6).fold(0_i64, |number, place| {
            let digit = digits.get(place).map_or(0, |byte| byte.wrapping_sub(b'0'));
            number.wrapping_mul(10).wrapping_add(i64::from(digit))
        });
        (count > 0).then_some(micros)
    }

    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.byte(b'Z').or_else(|| self.byte(b'z')).is_some() {
            return Some(0);
        }
        let sign = if self.byte(b'+').is_some() {
            1
        } else {
            self.byte(b'-')?;
            -1
        };
        let hours = self.digits(2)?;
        self.byte(b':')?;
        let minutes = self.digits(2)?;
        (hours <= 14 && minutes <= 59)
            .then(|| hours.wrapping_mul(3_600).wrapping_add(minutes.wrapping_mul(60)).wrapping_mul(sign))
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counted in eras of 400 years that begin on
/// 1 March, so that the leap day is the last of its year. The numbers are small: four-digit years only.
#[allow(clippy::arithmetic_side_effects)]
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`]; days come from an `i64` of microseconds, so nothing here comes near a limit.
#[allow(clippy::arithmetic_side_effects)]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7643_s2_3_5_texts_of_one_instant_are_equal() {
        let instant = DateTime::parse("2008-01-23T04:56:22Z").unwrap();
        for text in ["2008-01-23T04:56:22.000Z", "2008-01-23T04:56:22", "2008-01-22T20:56:22.0000000-08:00"] {
            assert_eq!(DateTime::parse(text), Some(instant), "{text}");
        }
        assert!(DateTime::parse("2008-01-23T04:56:22.000001Z").unwrap() > instant);
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
        for text in [
            "",
            "2008",
            "2008-01-23",
            "2008-13-01T00:00:00Z",
            "2008-02-30T00:00:00Z",
            "2007-02-29T00:00:00Z",
            "2008-01-23T25:00:00Z",
            "2008-01-23T24:00:01Z",
            "2008-01-23T04:56:22.Z",
            "2008-01-23T04:56:22+1",
            "2008-01-23T04:56:22ZZ",
            "2008-01-23 04:56:22Z",
            "２008-01-23T04:56:22Z",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_nine_centuries_survives_the_way_there_and_back() {
        for day in -200_000..130_000_i64 {
            let instant = DateTime::from_micros(day * DAY * MICROS + 1_234);
            assert_eq!(DateTime::parse(&instant.to_string()), Some(instant));
        }
    }
}
