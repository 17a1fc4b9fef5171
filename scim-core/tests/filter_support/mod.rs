//! What the tests of filters share: the resource types and documents of the fixtures.

use scim_core::{
    Attribute, Attributes, DateTime, Meta, Mutability, Resource, ResourceId, ResourceType, Returned, Schema, Version,
};
use serde_json::{Map, Value};

pub const STAFF: &str = "urn:example:params:scim:schemas:extension:staff:2.0:User";

/// The user of RFC 7643 s8.3 with an extension that has attributes of the types which the RFC's own schemas do not use.
pub fn user_document() -> Map<String, Value> {
    let mut document = read(include_str!("../fixtures/filter/rfc7643_s8_3_enterprise_user.json"));
    document.extend(read(include_str!("../fixtures/filter/staff_extension.json")));
    document
}

pub fn user_type() -> ResourceType {
    let rooms = Attribute::complex(
        "rooms",
        [Attribute::integer("number"), Attribute::string("floor"), Attribute::string("key").returned(Returned::Never)],
    );
    let staff = Schema::new(STAFF, "Staff")
        .attribute(Attribute::integer("desk"))
        .attribute(Attribute::integer("serial"))
        .attribute(Attribute::decimal("rating"))
        .attribute(Attribute::date_time("hired"))
        .attribute(Attribute::binary("badge"))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::string("secret").returned(Returned::Never))
        .attribute(Attribute::string("pin").mutability(Mutability::WriteOnly))
        .attribute(rooms.multi_valued());
    ResourceType::user().with_extension(staff, false)
}

/// A resource of a document as clients see it.
pub fn resource(mut document: Map<String, Value>) -> Resource {
    let id = document.remove("id").unwrap();
    let meta = document.remove("meta").unwrap();
    for name in ["schemas", "password"] {
        document.remove(name);
    }
    let instant = |name: &str| DateTime::parse(meta[name].as_str().unwrap()).unwrap();
    let version = meta["version"].as_str().unwrap().trim_start_matches("W/").trim_matches('"');
    let meta = Meta::new(instant("created"), instant("lastModified"), Version::new(version));
    Resource::new(ResourceId::new(id.as_str().unwrap()), meta, Attributes::from_stored(document))
}

fn read(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap()
}
