//! Values in whose place `false` may stand, which drops an inherited one.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use super::spanned::Spanned;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value, or a switch in its place.
#[derive(Debug)]
pub(super) enum OrFalse<T> {
    Value(T),
    Switch(bool),
}

/// A value with words for what is expected in its place.
pub(super) trait Expected {
    const WORDS: &str;
}

impl Expected for Vec<Spanned<String>> {
    const WORDS: &str = "a command as a list of words, or false";
}

impl Expected for String {
    const WORDS: &str = "a string, or false";
}

impl<'de, T: Deserialize<'de> + Expected> Deserialize<'de> for OrFalse<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By hand, since an untagged enum would lose the place of each word.
        deserializer.deserialize_any(OrFalseVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OrFalse<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}OrFalse", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<T>(), { "const": false }] })
    }
}

struct OrFalseVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Expected> Visitor<'de> for OrFalseVisitor<T> {
    type Value = OrFalse<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WORDS)
    }

    fn visit_bool<E: de::Error>(self, switch: bool) -> Result<OrFalse<T>, E> {
        Ok(OrFalse::Switch(switch))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<OrFalse<T>, E> {
        match T::deserialize(StrDeserializer::<E>::new(text)) {
            Ok(value) => Ok(OrFalse::Value(value)),
            // The value's own words do not know that it may be dropped.
            Err(_) => Err(E::invalid_type(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OrFalse<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(list)).map(OrFalse::Value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OrFalse<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OrFalse::Value)
    }
}
