//! The user's configuration of npm.

/// Returns the variables that an `.npmrc` uses as `${NAME}`.
pub(super) fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        Some(name.trim_end_matches('?'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_npmrc_names_variables() {
        let names: Vec<_> = variables_in("//r/:_authToken=${NPM_TOKEN}\nx=${OTHER?}").collect();
        assert_eq!(names, ["NPM_TOKEN", "OTHER"]);
    }
}
