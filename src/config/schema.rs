//! The JSON Schema of `matrix.toml`, made from the types that read it.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::{Value, json};

use super::raw::RawFile;

/// Returns the schema of a configuration.
#[must_use]
pub fn schema() -> Schema {
    let settings = SchemaSettings::draft07().for_deserialize();
    let mut schema = settings.into_generator().into_root_schema_for::<RawFile>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema
}

/// Takes null out, which TOML does not have: a key that is not set is left out.
fn without_null(schema: &mut Schema) {
    let Some(words) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = words.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            words.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(list)) = words.get_mut("enum") {
        list.retain(|one| !one.is_null());
    }
    if let Some(Value::Array(all)) = words.get_mut("anyOf") {
        all.retain(|one| *one != json!({ "type": "null" }));
    }
    if words.get("default") == Some(&Value::Null) {
        words.remove("default");
    }
}
