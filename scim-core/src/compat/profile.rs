//! The switches: one documented field a quirk.

use serde::{Deserialize, Serialize};

/// What happens with an object under the URN of a schema that the resource type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum UnknownExtensions {
    /// It is left out, and named in the log and the audit record.
    Ignore,
    /// It is stored and answered as it came.
    Keep,
    /// The request is refused.
    Refuse,
}

/// Which deviations from the RFC are read as what they mean.
///
/// A profile is a value of a connection at run time. The default is lenient: everything that real providers are known
/// to send works. [`CompatProfile::STRICT`] refuses all of it.
///
/// ```
/// use scim_core::CompatProfile;
///
/// let mut profile = CompatProfile::default();
/// profile.text_booleans = false;
/// assert_ne!(profile, CompatProfile::STRICT);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CompatProfile {
    /// `"op": "Replace"`: the name of a PATCH operation in any case. Microsoft Entra ID.
    pub operation_names_in_any_case: bool,
    /// `"active": "False"`: a boolean written as text, in any case, in bodies, PATCH values and filters. Entra ID,
    /// Keycloak, OneLogin.
    pub text_booleans: bool,
    /// `"5"` where a number is due, in bodies and PATCH values. Entra ID, whose attributes are texts.
    pub text_numbers: bool,
    /// `"externalId": 701984`: a whole number where a text is due; one with a fraction would not give the same digits
    /// back. Scripts, and OneLogin templates without quotes around a macro.
    pub number_for_text: bool,
    /// `""` and `{}` mean that the attribute is unassigned. Entra ID, Okta, OneLogin, authentik.
    pub empty_means_unassigned: bool,
    /// An attribute that the schema does not have is left out. Zabbix, Templafy, Entra ID.
    pub ignore_unknown_attributes: bool,
    /// An object under a URN that the resource type does not have.
    pub unknown_extensions: UnknownExtensions,
    /// `schemas` may be absent, of another age (`urn:scim:schemas:core:1.0`) or name what nobody knows; an extension
    /// need not be declared in it. authentik, OneLogin.
    pub any_schemas: bool,
    /// A reference that is no URI, such as `"profileUrl": "n/a"`, is kept as it is (RFC 7643 s2.3.7).
    pub any_references: bool,
    /// `urn:scim:schemas:extension:enterprise:1.0` and `:2.0` are read as the enterprise extension. OneLogin.
    pub legacy_enterprise_urns: bool,
    /// `"manager": "ID"`, a member as a bare string: a simple value where a complex one with a sub-attribute `value` is
    /// due. Entra ID, SCIMReferenceCode.
    pub text_for_complex: bool,
    /// `"value": ["text"]`, a manager in a list: a list of one where a single value is due. Entra ID, Keycloak.
    pub list_of_one: bool,
    /// `[{"value": "A"}]` in a list of texts, `{"$ref": null, "value": "Peter Hansen"}` for one: an object with a `value`,
    /// and nothing beside it but what is null or describes it, where a simple value is due. Entra ID.
    pub object_for_simple: bool,
    /// `"emails": {...}`: one value where a list is due. SCIM 1.1 templates of OneLogin.
    pub single_for_list: bool,
    /// A PATCH whose `Operations` is empty changes nothing. Microsoft's validator.
    pub empty_operations: bool,
    /// Keys of a PATCH value without a path are paths: `name.givenName`, `URN:manager.value`,
    /// `emails[type eq "work"].value`; a plain name with its URN, `URN:department`, is one anyway (RFC 7644 s3.10).
    /// Entra ID with `aadOptscim062020`.
    pub paths_as_keys: bool,
    /// `id`, `meta`, `groups` and other read-only attributes in a PATCH value without a path are left out; in POST and
    /// PUT they are by the RFC (RFC 7644 s3.3, s3.5.1). Okta, authentik.
    pub ignore_read_only_in_patch: bool,
    /// A PATCH operation on a path to a read-only attribute is left out, where RFC 7644 s3.5.2 wants 400 `mutability`.
    /// Off also in [`LENIENT`](Self::LENIENT); for a product that assigns an attribute by itself which the provider's
    /// default mapping sends, such as `emails[type eq "work"].value` of Entra ID.
    pub ignore_read_only_paths: bool,
    /// An operation on a path that the schema does not have is left out. Entra ID.
    pub ignore_unknown_paths: bool,
    /// `remove` with a path to a list and a `value` removes just those elements. Entra ID, JumpCloud, authentik.
    pub remove_by_value: bool,
    /// `replace` with a value of `""` or `{"value": ""}` removes a complex attribute such as `manager`. Entra ID.
    pub empty_value_removes: bool,
    /// `manager[value eq "ID"]`: a value filter on a complex attribute that is no list. Entra ID.
    pub value_filter_on_single: bool,
    /// `replace` or `add` through a value filter that matches nothing makes an element that the filter describes
    /// (`emails[type eq "work"].value`), where RFC 7644 s3.5.2.3 wants 400 `noTarget`. Entra ID.
    pub create_from_value_filter: bool,
    /// `replace` with the path `emails[type eq "work"]` keeps in the element what the filter says of it, unless the value
    /// says otherwise, so that the next one finds it; RFC 7644 s3.5.2.3 replaces all of it. Entra ID.
    pub replace_keeps_filter_values: bool,
    /// `remove` through a value filter that matches nothing is done already. Entra ID, JumpCloud, Keycloak.
    pub remove_without_match: bool,
    /// `add` with a value filter and no value adds the element that the filter describes. Seen by Bitwarden.
    pub add_by_value_filter: bool,
    /// `"path": ""` and `"path": null` are no path.
    pub empty_path: bool,
    /// `"path": "title "`: blanks around a path do not belong to it. Mappings typed by hand in Entra ID.
    pub blanks_around_path: bool,
    /// `filter=externalId eq jyoung`, `userName eq John Doe`: what has no quotes is a string, up to `and`, `or` or a
    /// bracket. Entra ID's documents, authentik 2025.8.
    pub unquoted_filter_values: bool,
    /// `displayName eq "CORP\Admins"`: a backslash in a filter before what is no escape of JSON stands for itself. Clients
    /// that put names into filters as they are, such as Entra ID for groups from a Windows domain.
    pub backslashes_in_filters: bool,
    /// `emails[type eq "work"].value eq "x"`: a sub-attribute after a value filter. Entra ID, PingFederate.
    pub filter_after_value_path: bool,
    /// `manager eq "ID"`: an extension's attribute without its URN, in filters and PATCH paths. Entra ID.
    pub short_extension_names: bool,
    /// A filter that compares a single complex attribute means its sub-attribute `value`: `manager eq "ID"`. Entra ID.
    pub complex_compares_by_value: bool,
    /// A PUT without `active` leaves it as it is, and so does `null` or what means unassigned in PUT and PATCH: no
    /// provider has users who are neither active nor inactive. OneLogin templates.
    pub put_keeps_active: bool,
}

impl CompatProfile {
    /// Everything real providers send works; the default.
    pub const LENIENT: Self = Self {
        operation_names_in_any_case: true,
        text_booleans: true,
        text_numbers: true,
        number_for_text: true,
        empty_means_unassigned: true,
        ignore_unknown_attributes: true,
        unknown_extensions: UnknownExtensions::Ignore,
        any_schemas: true,
        any_references: true,
        legacy_enterprise_urns: true,
        text_for_complex: true,
        list_of_one: true,
        object_for_simple: true,
        single_for_list: true,
        empty_operations: true,
        paths_as_keys: true,
        ignore_read_only_in_patch: true,
        ignore_read_only_paths: false,
        ignore_unknown_paths: true,
        remove_by_value: true,
        empty_value_removes: true,
        value_filter_on_single: true,
        create_from_value_filter: true,
        replace_keeps_filter_values: true,
        remove_without_match: true,
        add_by_value_filter: true,
        empty_path: true,
        blanks_around_path: true,
        unquoted_filter_values: true,
        backslashes_in_filters: true,
        filter_after_value_path: true,
        short_extension_names: true,
        complex_compares_by_value: true,
        put_keeps_active: true,
    };

    /// The RFC and nothing else.
    pub const STRICT: Self = Self {
        operation_names_in_any_case: false,
        text_booleans: false,
        text_numbers: false,
        number_for_text: false,
        empty_means_unassigned: false,
        ignore_unknown_attributes: false,
        unknown_extensions: UnknownExtensions::Refuse,
        any_schemas: false,
        any_references: false,
        legacy_enterprise_urns: false,
        text_for_complex: false,
        list_of_one: false,
        object_for_simple: false,
        single_for_list: false,
        empty_operations: false,
        paths_as_keys: false,
        ignore_read_only_in_patch: false,
        ignore_read_only_paths: false,
        ignore_unknown_paths: false,
        remove_by_value: false,
        empty_value_removes: false,
        value_filter_on_single: false,
        create_from_value_filter: false,
        replace_keeps_filter_values: false,
        remove_without_match: false,
        add_by_value_filter: false,
        empty_path: false,
        blanks_around_path: false,
        unquoted_filter_values: false,
        backslashes_in_filters: false,
        filter_after_value_path: false,
        short_extension_names: false,
        complex_compares_by_value: false,
        put_keeps_active: false,
    };
}

impl Default for CompatProfile {
    fn default() -> Self {
        Self::LENIENT
    }
}
