//! # Dates: a moment, to the microsecond
//!
//! Idea        one `i64`: microseconds since 1970-01-01T00:00:00Z
//! Example     `2001-07-09` is that day's first moment in UTC,
//!             994_636_800_000_000
//! Invariants  (1) a date lies in the years 0000 to 9999 in UTC, so that RFC
//!             3339 can always write it
//! Left out    local times without an offset: they name no moment. Finer
//!             fractions than microseconds are read and cut off. A leap second
//!             (`:60`) counts as the second before it
//! Next        [`crate::document::key`]

use crate::error::{Error, ErrorKind};
use jiff::SignedDuration;
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// A moment between the years 0000 and 9999, to the microsecond.
///
/// Reads RFC 3339 (`2001-07-09T18:30:00+02:00`) and plain days
/// (`2001-07-09`, its first moment in UTC); writes RFC 3339 in UTC.
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

    pub(crate) fn clamped(microseconds: i64) -> Self {
        Self(microseconds).clamp(Self::MIN, Self::MAX)
    }

    /// The shape is checked here and the calendar by `jiff`, whose own parser
    /// reads a good deal more than RFC 3339.
    fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Option<i16> {
            let digits = bytes.get(from..to)?;
            digits.iter().try_fold(0i16, |sum, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| sum * 10 + i16::from(digit - b'0'))
            })
        };
        let small = |from: usize| number(from, from + 2).and_then(|two| i8::try_from(two).ok());
        let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|b| wanted.contains(b));

        if !(is(4, b"-") && is(7, b"-")) {
            return None;
        }
        let day = civil::Date::new(number(0, 4)?, small(5)?, small(8)?).ok()?;
        if bytes.len() == 10 {
            return Self::from_civil(day.at(0, 0, 0, 0), 0);
        }
        if !(is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
            return None;
        }
        let second = match small(17)? {
            60 => 59,
            second => second,
        };
        let mut at = 19;
        let mut nanosecond = 0;
        if is(at, b".") {
            let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit());
            let mut count = 0;
            for digit in digits {
                if count < 6 {
                    nanosecond = nanosecond * 10 + i32::from(digit - b'0');
                }
                count += 1;
            }
            if count == 0 {
                return None;
            }
            for _ in count.min(6)..9 {
                nanosecond *= 10;
            }
            at += 1 + count;
        }
        let offset_minutes = if is(at, b"Zz") {
            at += 1;
            0
        } else if is(at, b"+-") && is(at + 3, b":") {
            let (hours, minutes) = (small(at + 1)?, small(at + 4)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let minutes = i64::from(hours) * 60 + i64::from(minutes);
            let sign = if bytes[at] == b'-' { -1 } else { 1 };
            at += 6;
            sign * minutes
        } else {
            return None;
        };
        if at != bytes.len() {
            return None;
        }
        let time = civil::Time::new(small(11)?, small(14)?, second, nanosecond).ok()?;
        Self::from_civil(day.to_datetime(time), offset_minutes)
    }

    fn from_civil(local: civil::DateTime, offset_minutes: i64) -> Option<Self> {
        let since = local.duration_since(EPOCH).as_micros();
        let utc = since - i128::from(offset_minutes) * 60_000_000;
        Self::from_microseconds(i64::try_from(utc).ok()?)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| {
            Error::new(
                ErrorKind::Document,
                format!(
                    "{} is not a date; write it like 2001-07-09 or 2001-07-09T16:30:00Z \
                     (RFC 3339)",
                    super::extract::shortened(text)
                ),
            )
        })
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
                Error::new(
                    ErrorKind::Document,
                    "the time is outside the years 0000 to 9999, which a date can hold",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

        #[test]
        fn no_text_panics(text in "[-0-9TZ:.+ é]{0,30}") {
            let _ = text.parse::<Date>();
        }
    }
}
