//! # Dates: a moment, to the microsecond
//!
//! Idea        one `i64`: microseconds since 1970-01-01T00:00:00Z. A query's date is
//!             a *period*, all that its text leaves open: a year, a month, a day or a
//!             minute. One that says the second is a moment, as dates print:
//!             so a program's date, or a facet's, asks for nothing but itself
//! Example     `2001-07-09` is that day's first moment in UTC,
//!             994_636_800_000_000, and in a query also the 86_399_999_999 after it
//! Invariants  (1) a date lies in the years 0000 to 9999 in UTC, so that RFC
//!             3339 can always write it; the last of a period does, too
//! Left out    local times without an offset: they name no moment. Finer
//!             fractions than microseconds are read and cut off. A leap second
//!             (`:60`) counts as the second before it
//! Next        [`crate::document::key`]

use crate::error::Error;
use jiff::SignedDuration;
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// A moment between the years 0000 and 9999, to the microsecond.
///
/// Reads RFC 3339 (`2001-07-09T18:30:00+02:00`) and plain days
/// (`2001-07-09`, its first moment in UTC); writes RFC 3339 in UTC. In a
/// [query](crate::query#dates) a day is all of it, and `2001`, `2001-07` and
/// `2001-07-09T18:30Z` are dates, too.
///
/// ```
/// use wordhoard::document::Date;
///
/// let evening: Date = "2001-07-09T18:30:00+02:00".parse()?;
/// assert_eq!(evening.to_string(), "2001-07-09T16:30:00Z");
/// assert!(evening > "2001-07-09".parse()?);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// Lengths of what a text names, in microseconds.
const MOMENT: i64 = 1;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

impl Date {
    /// The first moment of the year 0000.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// The last microsecond of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The moment so many microseconds after 1970-01-01T00:00:00Z; `None`
    /// outside the years 0000 to 9999.
    #[must_use]
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        let date = Self(microseconds);
        (Self::MIN..=Self::MAX).contains(&date).then_some(date)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn microseconds(self) -> i64 {
        self.0
    }

    pub(super) fn clamped(microseconds: i64) -> Self {
        Self(microseconds).clamp(Self::MIN, Self::MAX)
    }

    /// What a text names in a query: its first moment and its last. In UTC, unless
    /// it has a time and says otherwise.
    pub(super) fn period(text: &str) -> Option<RangeInclusive<Self>> {
        let (first, length) = Self::read(text)?;
        Some(first..=Self(first.0 + (length - 1)))
    }

    /// The first moment of what a text names, and how many microseconds that lasts.
    ///
    /// The shape is checked here and the calendar by `jiff`, whose own parser
    /// reads a good deal more than RFC 3339.
    fn read(text: &str) -> Option<(Self, i64)> {
        let digits = Digits(text.as_bytes());
        let (month, day) = match text.len() {
            4 => (1, 1),
            7 if digits.is(4, b"-") => (digits.two(5)?, 1),
            _ if digits.is(4, b"-") && digits.is(7, b"-") => (digits.two(5)?, digits.two(8)?),
            _ => return None,
        };
        let day = civil::Date::new(digits.number(0..4)?, month, day).ok()?;
        let days = match text.len() {
            4 => i64::from(day.days_in_year()),
            7 => i64::from(day.days_in_month()),
            10 => 1,
            _ => 0,
        };
        if days > 0 {
            return Some((Self::from_civil(day.at(0, 0, 0, 0), 0)?, days * DAY));
        }
        let (time, length, at) = digits.time()?;
        let (offset_minutes, end) = digits.offset(at)?;
        if end != text.len() {
            return None;
        }
        let first = Self::from_civil(day.to_datetime(time), offset_minutes)?;
        Some((first, length))
    }

    fn from_civil(local: civil::DateTime, offset_minutes: i64) -> Option<Self> {
        let since = local.duration_since(EPOCH).as_micros();
        let utc = since - i128::from(offset_minutes) * 60_000_000;
        Self::from_microseconds(i64::try_from(utc).ok()?)
    }
}

/// A text, of which numbers are read where they should stand.
#[derive(Clone, Copy)]
struct Digits<'t>(&'t [u8]);

impl Digits<'_> {
    fn number(self, range: Range<usize>) -> Option<i16> {
        let mut digits = self.0.get(range)?.iter();
        digits.try_fold(0, |sum, digit| {
            let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
            Some(sum * 10 + i16::from(digit))
        })
    }

    fn two(self, at: usize) -> Option<i8> {
        i8::try_from(self.number(at..at + 2)?).ok()
    }

    /// Whether one of these stands at `at`.
    fn is(self, at: usize, wanted: &[u8]) -> bool {
        self.0.get(at).is_some_and(|byte| wanted.contains(byte))
    }

    /// The time behind a day, how long what it names lasts, and where it ends.
    fn time(self) -> Option<(civil::Time, i64, usize)> {
        if !(self.is(10, b"Tt ") && self.is(13, b":")) {
            return None;
        }
        let (mut second, mut nanosecond) = (0, 0);
        let (mut at, mut length) = (16, MINUTE);
        if self.is(16, b":") {
            second = match self.two(17)? {
                60 => 59,
                second => second,
            };
            (at, length) = (19, MOMENT);
            if self.is(19, b".") {
                (nanosecond, at) = self.fraction(20)?;
            }
        }
        let time = civil::Time::new(self.two(11)?, self.two(14)?, second, nanosecond).ok()?;
        Some((time, length, at))
    }

    /// The nanoseconds that decimals from `at` on stand for, to the microsecond, and where
    /// they end.
    fn fraction(self, at: usize) -> Option<(i32, usize)> {
        let decimals = self.0[at..].iter();
        let decimals = decimals.take_while(|byte| byte.is_ascii_digit());
        let count = decimals.clone().count();
        let known = decimals.take(6);
        let micros = known.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
        let missing = 9 - count.min(6) as u32;
        (count > 0).then_some((micros * 10i32.pow(missing), at + count))
    }

    /// The minutes that the time at `at` says that it is ahead of UTC, and where that ends.
    fn offset(self, at: usize) -> Option<(i64, usize)> {
        if self.is(at, b"Zz") {
            return Some((0, at + 1));
        }
        if !(self.is(at, b"+-") && self.is(at + 3, b":")) {
            return None;
        }
        let (hours, minutes) = (self.two(at + 1)?, self.two(at + 4)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let minutes = i64::from(hours) * 60 + i64::from(minutes);
        let sign = if self.is(at, b"-") { -1 } else { 1 };
        Some((sign * minutes, at + 6))
    }
}

impl FromStr for Date {
    type Err = Error;

    /// As in a document: a day, which is its first moment, or a moment.
    fn from_str(text: &str) -> Result<Self, Error> {
        match Self::read(text) {
            Some((first, DAY | MOMENT)) => Ok(first),
            _ => Err(Error::document(format!(
                "{} is not a date; write it like 2001-07-09 or 2001-07-09T16:30:00Z \
                 (RFC 3339)",
                super::extract::shortened(text)
            ))),
        }
    }
}

/// RFC 3339 in UTC, with as many decimals as needed.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EPOCH.checked_add(SignedDuration::from_micros(self.0)) {
            Ok(utc) => write!(f, "{utc}Z"),
            // Not reached: invariant (1) is well inside jiff's calendar.
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Fails outside the years 0000 to 9999.
impl TryFrom<SystemTime> for Date {
    type Error = Error;

    fn try_from(time: SystemTime) -> Result<Self, Error> {
        let whole = |duration: Duration| i64::try_from(duration.as_micros()).ok();
        let microseconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => whole(after),
            Err(before) => whole(before.duration()).map(|before| -before),
        };
        microseconds
            .and_then(Self::from_microseconds)
            .ok_or_else(|| {
                Error::document("the time is outside the years 0000 to 9999, which a date can hold")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;

    #[test]
    fn what_is_a_date_and_what_is_not() {
        for (text, written) in [
            ("2001-07-09", "2001-07-09T00:00:00Z"),
            ("2001-07-09T16:30:00Z", "2001-07-09T16:30:00Z"),
            ("2001-07-09t16:30:00z", "2001-07-09T16:30:00Z"),
            ("2001-07-09 16:30:00.5+05:30", "2001-07-09T11:00:00.5Z"),
            (
                "2001-07-09T16:30:00.123456789Z",
                "2001-07-09T16:30:00.123456Z",
            ),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("1998-12-31T23:59:60Z", "1998-12-31T23:59:59Z"),
            ("0000-01-01", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
            ("2000-02-29", "2000-02-29T00:00:00Z"),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!(date.to_string(), written);
        }
        for text in [
            "",
            "2001",
            "2001-07",
            "2001-7-9",
            "20010709",
            "2001-02-29",
            "2001-13-01",
            "2001-07-09T16:30:00",
            "2001-07-09T16:30Z",
            "2001-07-09T24:00:00Z",
            "2001-07-09T16:30:00.Z",
            "2001-07-09T16:30:00+0200",
            "2001-07-09T16:30:00+24:00",
            "2001-07-09T16:30:00-02:60",
            "2001-07-09T16:30:00Z[UTC]",
            "2001-07-09T16:30:00Z ",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "next spring",
            "２００１-07-09",
        ] {
            let error = text.parse::<Date>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Document, "{text}");
            assert!(error.to_string().contains("RFC 3339"), "{error}");
        }
    }

    #[test]
    fn a_query_names_periods() {
        for (text, first, last) in [
            ("2001", "2001-01-01", "2001-12-31T23:59:59.999999Z"),
            ("0000", "0000-01-01", "0000-12-31T23:59:59.999999Z"),
            ("9999", "9999-01-01", "9999-12-31T23:59:59.999999Z"),
            ("9999-12", "9999-12-01", "9999-12-31T23:59:59.999999Z"),
            ("2001-07", "2001-07-01", "2001-07-31T23:59:59.999999Z"),
            ("2001-02", "2001-02-01", "2001-02-28T23:59:59.999999Z"),
            ("2000-02", "2000-02-01", "2000-02-29T23:59:59.999999Z"),
            ("1900-02", "1900-02-01", "1900-02-28T23:59:59.999999Z"),
            ("2000-02-29", "2000-02-29", "2000-02-29T23:59:59.999999Z"),
            (
                "2001-07-09T18:30Z",
                "2001-07-09T18:30:00Z",
                "2001-07-09T18:30:59.999999Z",
            ),
            (
                "2001-07-09 00:15+00:30",
                "2001-07-08T23:45:00Z",
                "2001-07-08T23:45:59.999999Z",
            ),
            // A second said is a moment.
            (
                "2001-07-09T18:30:00+02:00",
                "2001-07-09T16:30:00Z",
                "2001-07-09T16:30:00Z",
            ),
            (
                "2001-07-09T18:30:00.1234567Z",
                "2001-07-09T18:30:00.123456Z",
                "2001-07-09T18:30:00.123456Z",
            ),
        ] {
            let date = |text: &str| text.parse::<Date>().unwrap();
            assert_eq!(Date::period(text), Some(date(first)..=date(last)), "{text}");
        }
        for text in [
            "",
            "201",
            "20011",
            "+201",
            "2001-",
            "2001-7",
            "2001-00",
            "2001-13",
            "2001/07",
            "2001-07-",
            "2001-07-00",
            "1900-02-29",
            "2001-07-09T18Z",
            "2001-07-09T18:30",
            "2001-07-09T18:30.5Z",
            "2001-07-09T18:60Z",
            "0000-01-01T00:00+00:01",
            "9999-12-31T23:59-00:01",
            "２001",
            "soon",
        ] {
            assert_eq!(Date::period(text), None, "{text}");
        }
    }

    #[test]
    fn the_limits_are_the_years() {
        assert_eq!("0000-01-01".parse::<Date>().unwrap(), Date::MIN);
        assert_eq!(
            "9999-12-31T23:59:59.999999Z".parse::<Date>().unwrap(),
            Date::MAX
        );
        assert_eq!(
            "2001-07-09".parse::<Date>().unwrap().microseconds(),
            994_636_800_000_000
        );
        assert_eq!(Date::from_microseconds(i64::MIN), None);
        assert_eq!(Date::clamped(i64::MAX), Date::MAX);
    }

    #[test]
    fn the_clock_is_a_date() {
        let day = Duration::from_secs(86_400);
        let date = Date::try_from(SystemTime::UNIX_EPOCH + day).unwrap();
        assert_eq!(date.to_string(), "1970-01-02T00:00:00Z");
        let date = Date::try_from(SystemTime::UNIX_EPOCH - day).unwrap();
        assert_eq!(date.to_string(), "1969-12-31T00:00:00Z");
    }

    proptest! {
        #[test]
        fn dates_come_back(microseconds in Date::MIN.0..=Date::MAX.0) {
            let date = Date::from_microseconds(microseconds).unwrap();
            prop_assert_eq!(date.to_string().parse::<Date>().unwrap(), date);
            let json = serde_json::to_string(&date).unwrap();
            prop_assert_eq!(serde_json::from_str::<Date>(&json).unwrap(), date);
        }

        /// A moment is in a period exactly if it prints as that begins.
        #[test]
        fn a_period_is_what_begins_so(
            microseconds in Date::MIN.0..=Date::MAX.0, length in prop::sample::select(vec![4, 7, 10, 16]), other: i64,
        ) {
            let named = &Date(microseconds).to_string()[..length];
            let text = if length == 16 { format!("{named}Z") } else { named.to_owned() };
            let period = Date::period(&text).unwrap();
            let (first, last) = (period.start().0, period.end().0);
            for moment in [first - 1, first, microseconds, last, last + 1, microseconds.wrapping_add(other % (400 * DAY))] {
                if let Some(moment) = Date::from_microseconds(moment) {
                    prop_assert_eq!(period.contains(&moment), moment.to_string().starts_with(named), "{} in {}", moment, text);
                }
            }
        }

        #[test]
        fn what_a_date_prints_names_it_alone(microseconds in Date::MIN.0..=Date::MAX.0, whole: bool) {
            let second = if whole { 1_000_000 } else { 1 };
            let date = Date(microseconds / second * second);
            prop_assert_eq!(Date::period(&date.to_string()), Some(date..=date));
        }

        #[test]
        fn no_text_panics(text in "[-0-9TZ:.+ é]{0,30}|[0-9]{4}(-[0-9]{2}(-[0-9]{2}([Tt ][0-9:.]{0,9}[-+Zz][0-9:]{0,5})?)?)?") {
            let in_document = text.parse::<Date>().ok();
            let period = Date::period(&text);
            // Whatever is a date in a document begins a period, which doesn't end before it.
            if let Some(date) = in_document {
                prop_assert_eq!(period.as_ref().map(|period| *period.start()), Some(date));
            }
            prop_assert!(period.is_none_or(|period| !period.is_empty() && *period.end() <= Date::MAX));
        }
    }
}
