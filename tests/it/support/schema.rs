//! A file held against its schema.

use gate_matrix::schema::schema;
use serde_json::Value;

/// Holds a file against its schema, as deep as it goes.
#[track_caller]
pub fn schema_holds(name: &str, file: &Value) {
    let schema = serde_json::to_value(schema(name).unwrap()).unwrap();
    if let Err(e) = holds(&schema, &schema, file) {
        panic!("{name}{e} in {file:#}");
    }
}

/// What our schemas use of JSON Schema; another word fails.
fn holds(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let Some(schema) = schema.as_object() else {
        return Ok(());
    };
    for (word, wanted) in schema {
        let list = || wanted.as_array().unwrap().iter();
        let good = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" | "default" => true,
            "$ref" => {
                let at = wanted.as_str().unwrap().trim_start_matches('#');
                holds(root, root.pointer(at).unwrap(), value)?;
                true
            }
            "type" if wanted.is_array() => list().any(|one| is(one.as_str().unwrap(), value)),
            "type" => is(wanted.as_str().unwrap(), value),
            "const" => wanted == value,
            "enum" => list().any(|one| one == value),
            "minimum" => value.is_null() || value.as_f64() >= wanted.as_f64(),
            "maximum" => value.is_null() || value.as_f64() <= wanted.as_f64(),
            "anyOf" | "oneOf" => list().any(|one| holds(root, one, value).is_ok()),
            "required" => list().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    holds(root, wanted, item).map_err(|e| format!("[{at}]{e}"))?;
                }
                true
            }
            "properties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    let more = schema.get("additionalProperties");
                    let known = wanted.get(key).or(more);
                    let known = known.ok_or(format!(".{key} is not known"))?;
                    holds(root, known, item).map_err(|e| format!(".{key}{e}"))?;
                }
                true
            }
            // Keys that have a schema of their own are looked at above.
            "additionalProperties" if schema.contains_key("properties") => true,
            "additionalProperties" => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    holds(root, wanted, item).map_err(|e| format!(".{key}{e}"))?;
                }
                true
            }
            _ => return Err(format!(": the test does not know `{word}`")),
        };
        if !good {
            return Err(format!(": {word} {wanted} does not hold for {value}"));
        }
    }
    Ok(())
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => false,
    }
}

/// What a schema says of the objects in a file: every required key is there,
/// and there is no key that it does not know.
#[track_caller]
pub fn fits(schema: &Value, name: &str, file: &Value) {
    let required = schema["required"].as_array().unwrap();
    for key in required {
        let key = key.as_str().unwrap();
        assert!(
            file.get(key).is_some(),
            "{name}: `{key}` is missing in {file:#}"
        );
    }
    let known = schema["properties"].as_object().unwrap();
    for key in file.as_object().unwrap().keys() {
        assert!(
            known.contains_key(key),
            "{name}: `{key}` is not in the schema"
        );
    }
}
