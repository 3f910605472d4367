//! Takes secrets out of documents while they are serialised.
//!
//! Every text of a document is redacted, unless its type says that the program
//! wrote it ([`own`](crate::model::text::own)): a new field is redacted until
//! it is marked. Names of fields and variants stay.

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::model::text::OWN;
use crate::sys::secrets::Secrets;

/// The field by which variants of events are told apart. Serde writes it as any
/// text, though it is the name of a variant.
const TAG: &str = "kind";

/// A value that is serialised without secrets, or the serialiser that does so.
pub(super) struct Redacted<'s, T> {
    inner: T,
    secrets: &'s Secrets,
}

impl<T: Serialize + ?Sized> Serialize for Redacted<'_, &T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(Redacted {
            inner: to,
            secrets: self.secrets,
        })
    }
}

impl<'s, T> Redacted<'s, T> {
    pub(super) fn new(inner: T, secrets: &'s Secrets) -> Self {
        Self { inner, secrets }
    }

    fn wrap<U>(&self, inner: U) -> Redacted<'s, U> {
        Redacted {
            inner,
            secrets: self.secrets,
        }
    }
}

/// Forwards what holds no text.
macro_rules! forward {
    ($($method:ident($kind:ty),)*) => {
        $(fn $method(self, value: $kind) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        })*
    };
}

impl<'s, S: Serializer> Serializer for Redacted<'s, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Redacted<'s, S::SerializeSeq>;
    type SerializeTuple = Redacted<'s, S::SerializeTuple>;
    type SerializeTupleStruct = Redacted<'s, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Redacted<'s, S::SerializeTupleVariant>;
    type SerializeMap = Redacted<'s, S::SerializeMap>;
    type SerializeStruct = Redacted<'s, S::SerializeStruct>;
    type SerializeStructVariant = Redacted<'s, S::SerializeStructVariant>;

    forward! {
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str),
    }

    fn serialize_str(self, text: &str) -> Result<S::Ok, S::Error> {
        self.inner.serialize_str(&self.secrets.redact_text(text))
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner.serialize_some(&value)
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        if name == OWN {
            return self.inner.serialize_newtype_struct(name, value);
        }
        let value = self.wrap(value);
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner
            .serialize_newtype_variant(name, index, variant, &value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let secrets = self.secrets;
        let inner = self.inner.serialize_seq(len)?;
        Ok(Redacted { inner, secrets })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        let secrets = self.secrets;
        let inner = self.inner.serialize_tuple(len)?;
        Ok(Redacted { inner, secrets })
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let secrets = self.secrets;
        let inner = self.inner.serialize_tuple_struct(name, len)?;
        Ok(Redacted { inner, secrets })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let secrets = self.secrets;
        let inner = self
            .inner
            .serialize_tuple_variant(name, index, variant, len)?;
        Ok(Redacted { inner, secrets })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let secrets = self.secrets;
        let inner = self.inner.serialize_map(len)?;
        Ok(Redacted { inner, secrets })
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let secrets = self.secrets;
        let inner = self.inner.serialize_struct(name, len)?;
        Ok(Redacted { inner, secrets })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let secrets = self.secrets;
        let inner = self
            .inner
            .serialize_struct_variant(name, index, variant, len)?;
        Ok(Redacted { inner, secrets })
    }
}

/// Wraps the elements of a compound value.
macro_rules! elements {
    ($($compound:ident::$method:ident,)*) => {
        $(impl<S: $compound> $compound for Redacted<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                let value = self.wrap(value);
                self.inner.$method(&value)
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
    SerializeTupleVariant::serialize_field,
}

/// Wraps the fields of a compound value.
macro_rules! fields {
    ($($compound:ident,)*) => {
        $(impl<S: $compound> $compound for Redacted<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), S::Error> {
                let value = self.wrap(value);
                self.inner.serialize_field(key, &value)
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        })*
    };
}

fields! {
    SerializeStruct,
    SerializeStructVariant,
}

impl<S: SerializeMap> SerializeMap for Redacted<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let value = self.wrap(value);
        self.inner.serialize_value(&value)
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), S::Error> {
        // Serde writes the tag of a flattened enum as an entry like any other.
        if serde_json::to_value(key).is_ok_and(|key| key == TAG) {
            return self.inner.serialize_entry(key, value);
        }
        self.serialize_key(key)?;
        self.serialize_value(value)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StageName;
    use crate::model::text::own;
    use crate::sys::secrets::Secrets;

    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(serialize_with = "own")]
        id: &'a str,
        stage: StageName,
        argv: [&'a str; 2],
        pem: &'a str,
        by_name: std::collections::BTreeMap<&'a str, &'a str>,
        #[serde(flatten)]
        event: Event,
    }

    #[derive(Serialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Event {
        StepStarted { step: String },
    }

    #[test]
    fn every_text_is_redacted_but_those_of_the_program() {
        let known = ["a\"b\\c\td-tail", "pre-commit", "step_started"];
        let secrets = Secrets::new(known.map(|text| ("KEY".to_owned(), text.into())));
        let document = Document {
            id: "a\"b\\c\td-tail",
            stage: "pre-commit".parse().unwrap(),
            argv: ["x a\"b\\c\td-tail y", "plain \"quoted\""],
            pem: "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n\"x\"",
            by_name: [("pre-commit", "pre-commit")].into(),
            event: Event::StepStarted {
                step: "step_started".to_owned(),
            },
        };
        let told = serde_json::to_value(Redacted::new(&document, &secrets)).unwrap();
        assert_eq!(
            told,
            serde_json::json!({
                "id": "a\"b\\c\td-tail",
                "stage": "pre-commit",
                "argv": ["x [secret KEY] y", "plain \"quoted\""],
                "pem": "[secret]\n\"x\"",
                "by_name": {"pre-commit": "[secret KEY]"},
                "kind": "step_started",
                "step": "[secret KEY]",
            })
        );
    }
}
