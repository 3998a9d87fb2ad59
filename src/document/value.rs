//! # Values: what a field holds
//!
//! Idea        one enum for every kind. A value that is not text has a *code*,
//!             a `u64` that sorts as the value does, so that columns, ranges
//!             and sorting need to know one type only
//! Example     the integers −1, 0, 1 have the codes
//!             `7fff_ffff_ffff_ffff`, `8000_0000_0000_0000` and
//!             `8000_0000_0000_0001`
//!
//! | kind             | code                                                |
//! |------------------|-----------------------------------------------------|
//! | unsigned         | itself                                              |
//! | integer          | two's complement with the sign bit flipped          |
//! | float            | IEEE 754 bits: all flipped if negative, else the    |
//! |                  | sign bit flipped; −0 is coded as 0                  |
//! | boolean          | 0 or 1                                              |
//! | date             | microseconds since 1970, as an integer              |
//!
//! Invariants  (1) `a < b` exactly if `code(a) < code(b)`, within a kind
//!             (2) `from_code(kind, code(v)) == v`
//! Left out    codes of keywords: these are ordinals of a segment's
//!             dictionary, and only the segment knows them
//! Next        [`crate::document::date`], the one kind with rules of its own

use super::{Date, FieldKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Bound, RangeInclusive};

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Value {
    /// A text or a keyword.
    Text(String),
    /// A `u64`.
    Unsigned(u64),
    /// An `i64`.
    Integer(i64),
    /// An `f64`; finite in a document.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A moment.
    Date(Date),
}

const SIGN: u64 = 1 << 63;

impl Value {
    /// Whether a field of this kind has such values.
    pub(super) fn is_of(&self, kind: &FieldKind) -> bool {
        match kind {
            FieldKind::Text(_) | FieldKind::Keyword => matches!(self, Self::Text(_)),
            FieldKind::Unsigned => matches!(self, Self::Unsigned(_)),
            FieldKind::Integer => matches!(self, Self::Integer(_)),
            FieldKind::Float => matches!(self, Self::Float(_)),
            FieldKind::Boolean => matches!(self, Self::Boolean(_)),
            FieldKind::Date => matches!(self, Self::Date(_)),
        }
    }

    /// A number that sorts as the value does. Text has none (its order is a
    /// dictionary's) and gives 0.
    pub(crate) fn code(&self) -> u64 {
        match self {
            Self::Text(_) => 0,
            Self::Unsigned(value) => *value,
            Self::Integer(value) => value.cast_unsigned() ^ SIGN,
            Self::Float(value) => {
                // Adding 0 turns −0 into 0.
                let bits = (value + 0.0).to_bits();
                if bits & SIGN == 0 { bits ^ SIGN } else { !bits }
            }
            Self::Boolean(value) => u64::from(*value),
            Self::Date(date) => date.microseconds().cast_unsigned() ^ SIGN,
        }
    }

    /// The value of this code. Codes that no value has give a near one: the
    /// bytes of a column are checked for being readable, not for meaning. For
    /// text and keywords, whose codes are ordinals, the ordinal.
    pub(crate) fn from_code(kind: &FieldKind, code: u64) -> Self {
        match kind {
            FieldKind::Text(_) | FieldKind::Keyword | FieldKind::Unsigned => Self::Unsigned(code),
            FieldKind::Integer => Self::Integer((code ^ SIGN).cast_signed()),
            FieldKind::Float => Self::Float(f64::from_bits(if code & SIGN == 0 {
                !code
            } else {
                code ^ SIGN
            })),
            FieldKind::Boolean => Self::Boolean(code != 0),
            FieldKind::Date => Self::Date(Date::clamped((code ^ SIGN).cast_signed())),
        }
    }

    /// The value that `text` writes, if it writes one of this kind.
    pub(super) fn parse(kind: &FieldKind, text: &str) -> Option<Self> {
        Some(match kind {
            FieldKind::Text(_) | FieldKind::Keyword => Self::Text(text.to_owned()),
            FieldKind::Unsigned => Self::Unsigned(text.parse().ok()?),
            FieldKind::Integer => Self::Integer(text.parse().ok()?),
            FieldKind::Float => {
                Self::Float(text.parse().ok().filter(|value: &f64| value.is_finite())?)
            }
            FieldKind::Boolean => Self::Boolean(text.parse().ok()?),
            FieldKind::Date => Self::Date(text.parse().ok()?),
        })
    }

    /// The codes of what `text` asks for in a query, the first and the last: those of a
    /// period's moments, else one. `None` if a field of this kind can't have it.
    pub(crate) fn codes(kind: &FieldKind, text: &str) -> Option<RangeInclusive<u64>> {
        let text = text.trim();
        if matches!(kind, FieldKind::Date) {
            let (first, last) = Date::period(text)?.into_inner();
            return Some(Self::Date(first).code()..=Self::Date(last).code());
        }
        let code = Self::parse(kind, text)?.code();
        Some(code..=code)
    }

    /// The codes of the least value and of the greatest; of a kind without codes, all.
    fn all_codes(kind: &FieldKind) -> RangeInclusive<u64> {
        match kind {
            FieldKind::Text(_) | FieldKind::Keyword | FieldKind::Unsigned | FieldKind::Integer => {
                0..=u64::MAX
            }
            FieldKind::Float => Self::Float(f64::MIN).code()..=Self::Float(f64::MAX).code(),
            FieldKind::Boolean => 0..=1,
            FieldKind::Date => Self::Date(Date::MIN).code()..=Self::Date(Date::MAX).code(),
        }
    }

    /// The codes within bounds, each of which may be a period: one that is excluded is left
    /// out whole. `None` where no value is within; the error is a bound that a field of
    /// this kind can't have.
    pub(crate) fn codes_within<'t>(
        kind: &FieldKind,
        lower: &'t Bound<String>,
        upper: &'t Bound<String>,
    ) -> Result<Option<RangeInclusive<u64>>, &'t str> {
        let codes = |text: &'t String| Self::codes(kind, text).ok_or(text.as_str());
        let low = match lower {
            Bound::Unbounded => Some(0),
            Bound::Included(text) => Some(*codes(text)?.start()),
            Bound::Excluded(text) => codes(text)?.end().checked_add(1),
        };
        let high = match upper {
            Bound::Unbounded => Some(u64::MAX),
            Bound::Included(text) => Some(*codes(text)?.end()),
            Bound::Excluded(text) => codes(text)?.start().checked_sub(1),
        };
        let range = low.zip(high).map(|(low, high)| low..=high);
        let (least, most) = Self::all_codes(kind).into_inner();
        // Past `true` or the last of all dates there are codes, but no values.
        let has_any = |range: &RangeInclusive<u64>| {
            !range.is_empty() && *range.start() <= most && least <= *range.end()
        };
        Ok(range.filter(has_any))
    }

    /// What it is, for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Unsigned(_) | Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Date(_) => "a date",
        }
    }

    pub(super) fn heap_size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }
}

/// The bare value: text without quotes, dates as RFC 3339.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Unsigned(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Boolean(value) => value.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    &str => Text, String => Text, &String => Text,
    u64 => Unsigned, u32 => Unsigned, u16 => Unsigned, u8 => Unsigned,
    i64 => Integer, i32 => Integer, i16 => Integer, i8 => Integer,
    f64 => Float, f32 => Float,
    bool => Boolean, Date => Date,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(kind: &FieldKind, a: Value, b: Value, order: std::cmp::Ordering) {
        assert_eq!(a.code().cmp(&b.code()), order, "{a:?} {b:?}");
        assert_eq!(Value::from_code(kind, a.code()), a);
    }

    proptest! {
        #[test]
        fn codes_sort_as_values_do(a: i64, b: i64, c: u64, d: u64) {
            check(&FieldKind::Integer, a.into(), b.into(), a.cmp(&b));
            check(&FieldKind::Unsigned, c.into(), d.into(), c.cmp(&d));
        }

        #[test]
        fn codes_sort_as_floats_do(
            a in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
            b in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        ) {
            // Finite, so they compare.
            check(&FieldKind::Float, a.into(), b.into(), a.partial_cmp(&b).unwrap());
        }

        #[test]
        fn any_code_is_some_value(code: u64) {
            for kind in [FieldKind::Date, FieldKind::Float, FieldKind::Boolean] {
                let value = Value::from_code(&kind, code);
                prop_assert!(!value.to_string().is_empty());
            }
        }
    }

    #[test]
    fn the_example_is_true() {
        let codes: Vec<u64> = [-1i64, 0, 1].map(|v| Value::from(v).code()).into();
        assert_eq!(
            codes,
            [
                0x7fff_ffff_ffff_ffff,
                0x8000_0000_0000_0000,
                0x8000_0000_0000_0001
            ]
        );
        assert_eq!(Value::from(-0.0).code(), Value::from(0.0).code());
    }
}
