//! The attribute mappings that providers have unless somebody changed them.

/// Which attribute of the provider becomes which of SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttributeMapping {
    /// The attribute as the provider calls it, or the expression it uses.
    pub source: &'static str,
    /// The SCIM attribute, as a path (RFC 7644 s3.5.2).
    pub target: &'static str,
}

const fn row(source: &'static str, target: &'static str) -> AttributeMapping {
    AttributeMapping { source, target }
}

/// Microsoft Entra ID.
pub(super) const ENTRA_ID: &[AttributeMapping] = &[
    row("userPrincipalName", "userName"),
    row(r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#, "active"),
    row("displayName", "displayName"),
    row("jobTitle", "title"),
    row("mail", r#"emails[type eq "work"].value"#),
    row("givenName", "name.givenName"),
    row("surname", "name.familyName"),
    row(r#"Join(" ", [givenName], [surname])"#, "name.formatted"),
    row("mobile", r#"phoneNumbers[type eq "mobile"].value"#),
    row("telephoneNumber", r#"phoneNumbers[type eq "work"].value"#),
    row("facsimileTelephoneNumber", r#"phoneNumbers[type eq "fax"].value"#),
    row("preferredLanguage", "preferredLanguage"),
    row("physicalDeliveryOfficeName", r#"addresses[type eq "work"].formatted"#),
    row("streetAddress", r#"addresses[type eq "work"].streetAddress"#),
    row("city", r#"addresses[type eq "work"].locality"#),
    row("state", r#"addresses[type eq "work"].region"#),
    row("postalCode", r#"addresses[type eq "work"].postalCode"#),
    row("country", r#"addresses[type eq "work"].country"#),
    row("employeeId", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    row("department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    row("manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"),
    row("mailNickname", "externalId"),
];

/// Okta.
pub(super) const OKTA: &[AttributeMapping] = &[
    row("user.login", "userName"),
    row("user.firstName", "name.givenName"),
    row("user.lastName", "name.familyName"),
    row("user.middleName", "name.middleName"),
    row("user.email", r#"emails[type eq "work"].value"#),
    row("user.displayName", "displayName"),
    row("user.title", "title"),
    row("user.primaryPhone", r#"phoneNumbers[type eq "work"].value"#),
    row("user.mobilePhone", r#"phoneNumbers[type eq "mobile"].value"#),
    row("user.streetAddress", r#"addresses[type eq "work"].streetAddress"#),
    row("user.city", r#"addresses[type eq "work"].locality"#),
    row("user.state", r#"addresses[type eq "work"].region"#),
    row("user.zipCode", r#"addresses[type eq "work"].postalCode"#),
    row("user.countryCode", r#"addresses[type eq "work"].country"#),
    row("user.preferredLanguage", "preferredLanguage"),
    row("user.locale", "locale"),
    row("user.timezone", "timezone"),
    row("user.userType", "userType"),
    row("user.employeeNumber", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    row("user.costCenter", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    row("user.organization", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    row("user.division", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"),
    row("user.department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    row("user.managerId", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
];

/// JumpCloud.
pub(super) const JUMPCLOUD: &[AttributeMapping] = &[
    row("email", "userName"),
    row("firstname", "name.givenName"),
    row("lastname", "name.familyName"),
    row("middlename", "name.middleName"),
    row("displayname", "displayName"),
    row("work email", r#"emails[type eq "work"].value"#),
    row("jobTitle", "title"),
    row("work phone", r#"phoneNumbers[type eq "work"].value"#),
    row("mobile phone", r#"phoneNumbers[type eq "mobile"].value"#),
    row("work street address", r#"addresses[type eq "work"].streetAddress"#),
    row("work city", r#"addresses[type eq "work"].locality"#),
    row("work state", r#"addresses[type eq "work"].region"#),
    row("work postal code", r#"addresses[type eq "work"].postalCode"#),
    row("work country", r#"addresses[type eq "work"].country"#),
    row("employeeIdentifier", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    row("costCenter", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    row("company", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    row("department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
];

/// OneLogin.
pub(super) const ONELOGIN: &[AttributeMapping] = &[
    row("Email", "userName"),
    row("First Name", "name.givenName"),
    row("Last Name", "name.familyName"),
    row("Email (work)", r#"emails[type eq "work"].value"#),
    row("Title", "title"),
    row("Phone", r#"phoneNumbers[type eq "work"].value"#),
    row("Locale Code", "locale"),
    row("Company", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    row("Department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    row("Manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
];

/// Google Workspace.
pub(super) const GOOGLE_WORKSPACE: &[AttributeMapping] = &[
    row("Username", "userName"),
    row("First name", "name.givenName"),
    row("Last name", "name.familyName"),
    row("Primary email", r#"emails[type eq "work"].value"#),
    row("Job title", "title"),
    row("Work phone", r#"phoneNumbers[type eq "work"].value"#),
    row("Mobile phone", r#"phoneNumbers[type eq "mobile"].value"#),
    row("Employee ID", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    row("Cost center", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    row("Department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    row("Manager's email", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
];

/// PingOne.
pub(super) const PINGONE: &[AttributeMapping] = &[
    row("Username", "userName"),
    row("Enabled", "active"),
    row("Given Name", "name.givenName"),
    row("Family Name", "name.familyName"),
    row("Formatted", "name.formatted"),
    row("Email Address", r#"emails[type eq "work"].value"#),
    row("Title", "title"),
    row("Primary Phone", r#"phoneNumbers[type eq "work"].value"#),
    row("Mobile Phone", r#"phoneNumbers[type eq "mobile"].value"#),
    row("Street Address", r#"addresses[type eq "work"].streetAddress"#),
    row("Locality", r#"addresses[type eq "work"].locality"#),
    row("Region", r#"addresses[type eq "work"].region"#),
    row("Postal Code", r#"addresses[type eq "work"].postalCode"#),
    row("Country Code", r#"addresses[type eq "work"].country"#),
    row("Preferred Language", "preferredLanguage"),
    row("Locale", "locale"),
    row("Timezone", "timezone"),
    row("Nickname", "nickName"),
    row("Type", "userType"),
    row("External ID", "externalId"),
];

/// any client of SCIM 2.0: what people call it.
pub(super) const CUSTOM: &[AttributeMapping] = &[
    row("Name to sign in with", "userName"),
    row("Whether the user has access", "active"),
    row("The client's own identifier", "externalId"),
    row("Given name", "name.givenName"),
    row("Family name", "name.familyName"),
    row("Display name", "displayName"),
    row("E-mail address at work", r#"emails[type eq "work"].value"#),
    row("Job title", "title"),
    row("Phone number at work", r#"phoneNumbers[type eq "work"].value"#),
    row("Mobile phone number", r#"phoneNumbers[type eq "mobile"].value"#),
    row("Street", r#"addresses[type eq "work"].streetAddress"#),
    row("City", r#"addresses[type eq "work"].locality"#),
    row("State or region", r#"addresses[type eq "work"].region"#),
    row("Postal code", r#"addresses[type eq "work"].postalCode"#),
    row("Country", r#"addresses[type eq "work"].country"#),
    row("Employee number", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    row("Department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    row("Manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
];
