//! # JSON: from any type that serde can write to text
//!
//! Idea        `serde_json` does the writing; between it and the value stands
//!             a serializer that passes everything on, except floats that are
//!             not finite. `serde_json` would write these as `null`, and the
//!             value would be lost without a word
//! Invariants  (1) a text returned has no `null` that was a number
//! Cost        none measurable: the adapter's calls inline away
//! Next        [`crate::document::extract`]

use crate::error::{Error, Result};
use serde::Serialize;
use serde::ser::{self, Serializer};
use std::cell::{Cell, RefCell};

thread_local! {
    /// Where texts are written before their lengths are known: one that grew for each
    /// document was copied as often as it doubled.
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// No more room than this is kept.
const ROOM_MAX: usize = 1 << 20;

/// The JSON text of `value`.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let found = RefCell::new(Found::default());
    let finite = Finite {
        value,
        found: &found,
    };
    let mut room = ROOM.take();
    room.clear();
    let written = serde_json::to_writer(&mut room, &finite);
    let json = written.and_then(|()| {
        let json = std::str::from_utf8(&room).map_err(ser::Error::custom)?;
        Ok(json.to_owned())
    });
    if room.capacity() <= ROOM_MAX {
        ROOM.set(room);
    }
    json.map_err(|error| {
        let found = found.take();
        let why = match (found.float, found.member) {
            (Some(float), Some(name)) => format!(
                "field {name} takes finite numbers, found {float}; \
                 write none, or keep it as a string"
            ),
            (Some(float), None) => format!(
                "it holds the float {float}, which JSON can't write; \
                 write none, or keep it as a string"
            ),
            (None, _) => format!("it can't be written as JSON: {error}"),
        };
        Error::document(format!("the document was refused: {why}"))
    })
}

/// What was refused. As the error travels outwards each member overwrites the
/// name, so that the outermost one stays.
#[derive(Default)]
struct Found {
    float: Option<f64>,
    member: Option<String>,
}

type Place<'a> = &'a RefCell<Found>;

fn refuse<E: ser::Error>(found: Place<'_>, float: f64) -> E {
    found.borrow_mut().float = Some(float);
    E::custom("a float that is not finite")
}

fn named<R, E>(
    found: Place<'_>,
    result: Result<R, E>,
    name: impl FnOnce() -> Option<String>,
) -> Result<R, E> {
    if result.is_err() && found.borrow().float.is_some() {
        let name = name();
        found.borrow_mut().member = name;
    }
    result
}

/// A value that is serialised through [`Refusing`].
struct Finite<'a, T: ?Sized> {
    value: &'a T,
    found: Place<'a>,
}

impl<T: Serialize + ?Sized> Serialize for Finite<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Refusing {
            inner: serializer,
            found: self.found,
        })
    }
}

/// A serializer, or a part of one, that refuses floats that are not finite.
struct Refusing<'a, S> {
    inner: S,
    found: Place<'a>,
}

macro_rules! pass {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.inner.$method($($argument),*)
        })*
    };
}

macro_rules! open {
    ($($method:ident($($argument:ident: $type:ty),*) -> $part:ident;)*) => {
        $(fn $method(self, $($argument: $type),*) -> Result<Self::$part, S::Error> {
            let inner = self.inner.$method($($argument),*)?;
            Ok(Refusing { inner, found: self.found })
        })*
    };
}

type Str = &'static str;

impl<'a, S: Serializer> Serializer for Refusing<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Refusing<'a, S::SerializeSeq>;
    type SerializeTuple = Refusing<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Refusing<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Refusing<'a, S::SerializeTupleVariant>;
    type SerializeMap = Refusing<'a, S::SerializeMap>;
    type SerializeStruct = Refusing<'a, S::SerializeStruct>;
    type SerializeStructVariant = Refusing<'a, S::SerializeStructVariant>;

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if !value.is_finite() {
            return Err(refuse(self.found, value.into()));
        }
        self.inner.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if !value.is_finite() {
            return Err(refuse(self.found, value));
        }
        self.inner.serialize_f64(value)
    }

    pass! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: Str);
        serialize_unit_variant(name: Str, index: u32, variant: Str);
    }

    open! {
        serialize_seq(len: Option<usize>) -> SerializeSeq;
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: Str, len: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(name: Str, index: u32, variant: Str, len: usize)
            -> SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> SerializeMap;
        serialize_struct(name: Str, len: usize) -> SerializeStruct;
        serialize_struct_variant(name: Str, index: u32, variant: Str, len: usize)
            -> SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let found = self.found;
        self.inner.serialize_some(&Finite { value, found })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: Str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let found = self.found;
        self.inner
            .serialize_newtype_struct(name, &Finite { value, found })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: Str,
        index: u32,
        variant: Str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let found = self.found;
        self.inner
            .serialize_newtype_variant(name, index, variant, &Finite { value, found })
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }
}

macro_rules! elements {
    ($($trait:ident :: $method:ident),*) => {
        $(impl<S: ser::$trait> ser::$trait for Refusing<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                self.inner.$method(&Finite { value, found: self.found })
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        })*
    };
}

elements! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
}

macro_rules! members {
    ($($trait:ident),*) => {
        $(impl<S: ser::$trait> ser::$trait for Refusing<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: Str,
                value: &T,
            ) -> Result<(), S::Error> {
                let found = self.found;
                let written = self.inner.serialize_field(key, &Finite { value, found });
                named(found, written, || Some(format!("{key:?}")))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        })*
    };
}

members!(SerializeStruct, SerializeStructVariant);

impl<S: ser::SerializeMap> ser::SerializeMap for Refusing<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        let found = self.found;
        self.inner.serialize_key(&Finite { value: key, found })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let found = self.found;
        let written = self.inner.serialize_value(&Finite { value, found });
        named(found, written, || None)
    }

    fn serialize_entry<K, T>(&mut self, key: &K, value: &T) -> Result<(), S::Error>
    where
        K: Serialize + ?Sized,
        T: Serialize + ?Sized,
    {
        let found = self.found;
        let written = self
            .inner
            .serialize_entry(&Finite { value: key, found }, &Finite { value, found });
        named(found, written, || serde_json::to_string(key).ok())
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}
