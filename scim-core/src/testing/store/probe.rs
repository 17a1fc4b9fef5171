//! A resource type that has an attribute of every kind.

use crate::schema::{Attribute, ResourceType, Schema, Uniqueness};

/// The extension of the probe.
pub(super) const EXTENSION: &str = "urn:example:params:scim:schemas:extension:probe:1.0:Probe";

/// The type `Probe`. `name` is what the checks tell probes apart by.
pub(super) fn resource_type() -> ResourceType {
    let part = [
        Attribute::string("value"),
        Attribute::string("type"),
        Attribute::boolean("primary"),
        Attribute::decimal("weight"),
        Attribute::date_time("since"),
    ];
    let schema = Schema::new("urn:example:params:scim:schemas:probe:1.0:Probe", "Probe")
        .attribute(Attribute::string("name").required())
        .attribute(Attribute::string("text"))
        .attribute(Attribute::string("exact").case_exact())
        .attribute(Attribute::boolean("flag"))
        .attribute(Attribute::integer("count"))
        .attribute(Attribute::decimal("ratio"))
        .attribute(Attribute::date_time("moment"))
        .attribute(Attribute::binary("blob"))
        .attribute(Attribute::reference("link", ["external"]))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::integer("scores").multi_valued())
        .attribute(Attribute::complex("place", [Attribute::string("city"), Attribute::integer("floor")]))
        .attribute(Attribute::complex("parts", part).multi_valued())
        .attribute(Attribute::string("serial").case_exact().uniqueness(Uniqueness::Server));
    let extension = Schema::new(EXTENSION, "Probe extension")
        .attribute(Attribute::string("label"))
        .attribute(Attribute::integer("level"))
        .attribute(Attribute::string("badge").uniqueness(Uniqueness::Server));
    ResourceType::new("Probe", "/Probes", schema).with_extension(extension, false)
}
