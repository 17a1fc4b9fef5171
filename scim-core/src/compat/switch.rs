//! The switches of a profile by their names, for settings that are stored and pages that show them.

use super::CompatProfile;

macro_rules! switches {
    ($($name:ident),* $(,)?) => {
        impl CompatProfile {
            /// The names of all switches that are on or off: those of the fields.
            pub const SWITCHES: &'static [&'static str] = &[$(stringify!($name)),*];

            fn slot(&mut self, name: &str) -> Option<&mut bool> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }

        /// A switch that is in the profile and not in the list does not compile.
        const _: fn(CompatProfile) = |CompatProfile { unknown_extensions: _, $($name: _),* }| {};
    };
}

switches! {
    operation_names_in_any_case,
    text_booleans,
    text_numbers,
    number_for_text,
    empty_means_unassigned,
    ignore_unknown_attributes,
    any_schemas,
    any_references,
    legacy_enterprise_urns,
    text_for_complex,
    list_of_one,
    object_for_simple,
    single_for_list,
    empty_operations,
    paths_as_keys,
    ignore_read_only_in_patch,
    ignore_read_only_paths,
    ignore_unknown_paths,
    remove_by_value,
    empty_value_removes,
    value_filter_on_single,
    create_from_value_filter,
    replace_keeps_filter_values,
    remove_without_match,
    add_by_value_filter,
    empty_path,
    blanks_around_path,
    unquoted_filter_values,
    backslashes_in_filters,
    filter_after_value_path,
    short_extension_names,
    complex_compares_by_value,
    put_keeps_active,
}

impl CompatProfile {
    /// Turns the switch of this name on or off; says whether there is one.
    ///
    /// ```
    /// use scim_core::CompatProfile;
    ///
    /// let mut profile = CompatProfile::default();
    /// assert!(profile.set_switch("text_booleans", false));
    /// assert!(!profile.text_booleans);
    /// assert!(!profile.set_switch("no_such_switch", false));
    /// ```
    pub fn set_switch(&mut self, name: &str, on: bool) -> bool {
        self.slot(name).map(|slot| *slot = on).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_a_name() {
        let mut profile = CompatProfile::STRICT;
        for name in CompatProfile::SWITCHES {
            let before = profile.clone();
            assert!(profile.set_switch(name, true));
            assert_ne!(profile, before, "{name}");
        }
        let shown = format!("{profile:?}");
        assert!(!shown.contains(": false"), "a switch without a name is off: {shown}");
    }
}
