//! Users and groups as types of host code (RFC 7643 s3.3, s4.1, s4.2, s4.3).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_core::{
    Address, Attribute, Attributes, CompatProfile, Email, EnterpriseUser, Group, Limits, Manager, Member, MultiValue,
    Name, ResourceId, ResourceReference, ResourceType, Schema, ScimType, User, ENTERPRISE_USER,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

const BADGE: &str = "urn:example:params:scim:schemas:extension:badge:2.0:User";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    number: u32,
    floors: Vec<String>,
    colour: Option<String>,
}

impl Badge {
    fn new(number: u32, floors: &[&str]) -> Self {
        Self { number, floors: floors.iter().map(ToString::to_string).collect(), colour: None }
    }
}

fn users() -> ResourceType {
    let badge = Schema::new(BADGE, "Badge")
        .attribute(Attribute::integer("number").required())
        .attribute(Attribute::string("floors").multi_valued())
        .attribute(Attribute::string("colour"));
    ResourceType::user().with_extension(badge, false)
}

fn fixture(json: &str) -> Attributes {
    let body: Value = serde_json::from_str(json).unwrap();
    users().normalize(body, &CompatProfile::STRICT, &Limits::default()).unwrap().attributes
}

fn full_user() -> Attributes {
    fixture(include_str!("fixtures/rfc7643/s8.3-user-enterprise.json"))
}

#[test]
fn rfc7643_s8_3_the_full_user_is_read_into_fields() {
    let user = User::try_from(&full_user()).unwrap();
    assert_eq!(user.user_name, "bjensen@example.com");
    assert_eq!(user.external_id.as_deref(), Some("701984"));
    let name = user.name.as_ref().unwrap();
    assert_eq!(name.given_name.as_deref(), Some("Barbara"));
    assert_eq!(name.honorific_suffix.as_deref(), Some("III"));
    assert_eq!(user.nick_name.as_deref(), Some("Babs"));
    assert_eq!(user.profile_url.as_deref(), Some("https://login.example.com/bjensen"));
    assert_eq!(user.preferred_language.as_deref(), Some("en-US"));
    assert_eq!(user.active, Some(true));
    assert_eq!(user.emails[0], Email::new("bjensen@example.com").with_kind("work").primary());
    assert_eq!(user.addresses[1].street_address.as_deref(), Some("456 Hollywood Blvd"));
    assert_eq!(user.phone_numbers[1].kind.as_deref(), Some("mobile"));
    assert_eq!((user.ims.len(), user.photos.len(), user.x509_certificates.len()), (1, 2, 1));
    let enterprise = user.enterprise.as_ref().unwrap();
    assert_eq!(enterprise.department.as_deref(), Some("Tour Operations"));
    let manager = enterprise.manager.as_ref().unwrap();
    assert_eq!(manager.value.as_deref(), Some("26118915-6090-4610-87e4-49d8ca9f808d"));
    assert!(user.other.is_empty(), "every attribute of the RFC has a field: {:?}", user.other);
}

#[test]
fn rfc7643_s8_the_way_there_and_back_loses_nothing() {
    for json in [
        include_str!("fixtures/rfc7643/s8.1-user-minimal.json"),
        include_str!("fixtures/rfc7643/s8.2-user-full.json"),
        include_str!("fixtures/rfc7643/s8.3-user-enterprise.json"),
    ] {
        let attributes = fixture(json);
        assert_eq!(User::try_from(&attributes).unwrap().to_attributes(&users()).unwrap(), attributes);
    }
    let body: Value = serde_json::from_str(include_str!("fixtures/rfc7643/s8.4-group.json")).unwrap();
    let groups = ResourceType::group();
    let attributes = groups.normalize(body, &CompatProfile::STRICT, &Limits::default()).unwrap().attributes;
    let group = Group::try_from(&attributes).unwrap();
    assert_eq!((group.display_name.as_str(), group.members.len()), ("Tour Guides", 2));
    assert!(group.members[0].reference.as_deref().unwrap().ends_with(&group.members[0].value));
    assert!(group.other.is_empty());
    assert_eq!(group.to_attributes(&groups).unwrap(), attributes);
}

#[test]
fn what_the_types_have_no_field_for_survives() {
    let schema = scim_core::user_schema()
        .attribute(Attribute::string("badgeColour"))
        .with("emails", |emails| {
            let sub_attributes = emails.sub_attributes.iter().cloned();
            emails.sub_attributes =
                sub_attributes.chain([std::sync::Arc::new(Attribute::boolean("verified"))]).collect();
        })
        .with("name", |name| {
            let sub_attributes = name.sub_attributes.iter().cloned();
            name.sub_attributes = sub_attributes.chain([std::sync::Arc::new(Attribute::string("particle"))]).collect();
        });
    let users = users().with_schema(schema);
    let stored = json!({"userName": "b", "badgeColour": "red", "emails": [{"value": "e", "verified": true}],
        "name": {"particle": "von"}, BADGE: {"number": 7}, "urn:example:gone": {"was": {"here": [1]}},
        ENTERPRISE_USER: {"department": "d", "removedSince": "x"}, "removedSince": ["x"]});
    let attributes = Attributes::from_stored(stored.as_object().unwrap().clone());
    let mut user = User::try_from(&attributes).unwrap();
    assert_eq!(user.other["badgeColour"], "red");
    assert_eq!(user.emails[0].other["verified"], true);
    assert_eq!(user.name.as_ref().unwrap().other["particle"], "von");
    assert_eq!(user.to_attributes(&users).unwrap(), attributes);
    user.other.insert("badgeColour".to_owned(), json!("blue"));
    assert_eq!(user.to_attributes(&users).unwrap().string("badgeColour"), Some("blue"));
}

#[test]
fn host_code_writes_what_clients_may_not() {
    let mut user = User::new("b");
    user.groups.push(ResourceReference::new("g1").with_kind("direct").with_display("Tour Guides"));
    let mut manager = Manager::new("m1");
    manager.display_name = Some("John Smith".into());
    let mut enterprise = EnterpriseUser::new();
    enterprise.manager = Some(manager);
    user.enterprise = Some(enterprise);
    let attributes = user.to_attributes(&users()).unwrap();
    assert_eq!(
        serde_json::to_value(&attributes).unwrap(),
        json!({"userName": "b", "groups": [{"value": "g1", "type": "direct", "display": "Tour Guides"}],
            ENTERPRISE_USER: {"manager": {"value": "m1", "displayName": "John Smith"}}})
    );
    assert_eq!(User::try_from(&attributes).unwrap(), user);
}

#[test]
fn attributes_from_a_view_are_canonical_or_refused() {
    let mut user = User::new("b");
    user.name = Some(Name::default());
    user.addresses.push(Address::new());
    user.enterprise = Some(EnterpriseUser::new());
    for (name, value) in [
        ("NICKNAME", json!("Babs")),
        ("id", json!("1")),
        ("meta", json!({})),
        ("schemas", json!([])),
        ("password", json!("secret")),
        ("title", json!(null)),
    ] {
        user.other.insert(name.to_owned(), value);
    }
    let attributes = user.to_attributes(&users()).unwrap();
    assert_eq!(serde_json::to_value(attributes).unwrap(), json!({"userName": "b", "nickName": "Babs"}));

    user.other.insert("timezone".to_owned(), json!(7));
    let error = user.to_attributes(&users()).unwrap_err();
    assert_eq!((error.scim_type(), error.detail()), (Some(ScimType::InvalidValue), "timezone must be a string"));
    user.other.insert("timezone".to_owned(), json!("UTC"));
    user.other.insert("Active".to_owned(), json!("true"));
    assert!(user.to_attributes(&users()).is_err(), "a host says true and means it");
    assert!(Attributes::from_view(&users(), &[1]).is_err());
}

#[test]
fn the_limits_of_requests_do_not_bind_the_host() {
    let mut group = Group::new("g");
    group.members = (0..20_000).map(|number| ResourceReference::new(number.to_string())).collect();
    let attributes = group.to_attributes(&ResourceType::group()).unwrap();
    assert_eq!(attributes.values("members").len(), 20_000);
    let mut user = User::new("b".repeat(100_000));
    user.roles = (0..2_000).map(|number| MultiValue::new(number.to_string())).collect();
    assert_eq!(user.to_attributes(&users()).unwrap().values("roles").len(), 2_000);
}

#[test]
fn rfc7643_s3_3_an_extension_of_the_hosts_own_is_a_type_of_its_own() {
    let mut attributes = User::new("b").to_attributes(&users()).unwrap();
    assert_eq!(attributes.extension_as::<Badge>(BADGE).unwrap(), None);
    let badge = Badge::new(7, &["1", "2"]);
    attributes.set_extension(&users(), BADGE, &badge).unwrap();
    assert_eq!(attributes.extension_as(BADGE).unwrap(), Some(badge));
    let expected = json!({"number": 7, "floors": ["1", "2"]});
    assert_eq!(attributes.get(BADGE), Some(&expected), "no null where the type has none");

    attributes.set_extension(&users(), &BADGE.to_uppercase(), &json!({"NUMBER": 8})).unwrap();
    assert_eq!(attributes.get(BADGE), Some(&json!({"number": 8})), "it is replaced whole, in canonical form");
    assert!(attributes.extension_as::<Badge>(BADGE).is_err(), "floors are missing");

    attributes.set_extension(&users(), BADGE, &json!({"number": null})).unwrap();
    assert_eq!(attributes.get(BADGE), None);

    let wrong = attributes.set_extension(&users(), BADGE, &json!({"number": "seven"})).unwrap_err();
    assert!(wrong.detail().contains("badge:2.0:User:number must be a whole number"), "{wrong}");
    assert!(attributes.set_extension(&users(), "urn:example:nobody", &json!({})).is_err());
    assert!(attributes.set_extension(&users(), BADGE, &7).is_err());
    assert_eq!(attributes.string("userName"), Some("b"), "the rest stays");
}

#[test]
fn rfc7643_s3_3_a_user_has_extensions_of_the_hosts_own() {
    let mut user = User::new("b");
    assert_eq!(user.extension_as::<Badge>(BADGE).unwrap(), None);
    user.set_extension(BADGE, &Badge::new(7, &["1"])).unwrap();
    assert!(user.set_extension(BADGE, "text").is_err());
    let read = User::try_from(&user.to_attributes(&users()).unwrap()).unwrap();
    assert_eq!(read.extension_as::<Badge>(BADGE).unwrap(), Some(Badge::new(7, &["1"])));
}

#[test]
fn rfc7643_s2_4_the_primary_value_is_preferred_and_else_the_first() {
    let mut user = User::new("b");
    assert_eq!((user.primary_email(), user.primary_phone_number(), user.email("work")), (None, None, None));
    user.emails = vec![Email::new("a@example.com").with_kind("home"), Email::new("b@example.com").with_kind("Work")];
    assert_eq!(user.primary_email(), Some("a@example.com"));
    user.emails[0].primary = Some(false);
    user.emails[1].primary = Some(true);
    assert_eq!(user.primary_email(), Some("b@example.com"));
    assert_eq!(user.email("work"), Some("b@example.com"));
    user.phone_numbers.push(MultiValue::new("tel:+1-201-555-0123"));
    assert_eq!(user.primary_phone_number(), Some("tel:+1-201-555-0123"));
}

#[test]
fn rfc7643_s4_1_1_a_user_is_active_unless_somebody_said_otherwise() {
    let mut user = User::new("b");
    assert!(user.is_active());
    user.active = Some(false);
    assert!(!user.is_active());
}

#[test]
fn rfc7643_s4_2_members_and_references_are_one_another() {
    let member = Member::new(ResourceId::new("1")).with_kind("User").with_display("Babs");
    let reference = ResourceReference::from(member.clone());
    assert_eq!(reference, ResourceReference::new("1").with_kind("User").with_display("Babs"));
    assert_eq!(Member::from(reference), member);
}

#[test]
fn a_document_that_was_not_normalised_is_no_user() {
    let attributes = Attributes::from_stored(json!({"userName": 7}).as_object().unwrap().clone());
    assert!(User::try_from(&attributes).is_err());
    assert!(attributes.view::<Group>().is_ok(), "what a group has no field for is kept");
}
