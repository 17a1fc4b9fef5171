//! Random resources, filters and sorts, of a small vocabulary so that they meet.

use std::sync::Arc;

use scim_core::{Attribute, Attributes, ResourceType, Schema};
use serde_json::{json, Map, Value};

pub(crate) const EXTENSION: &str = "urn:example:params:scim:schemas:extension:badge:2.0:User";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// SplitMix64: the same numbers for the same seed, everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// The user with an extension that has a value of every type.
pub(crate) fn user_type() -> Arc<ResourceType> {
    let badge = Schema::new(EXTENSION, "Badge")
        .attribute(Attribute::decimal("weight"))
        .attribute(Attribute::integer("level"))
        .attribute(Attribute::date_time("issued"))
        .attribute(Attribute::boolean("valid"))
        .attribute(Attribute::string("code").case_exact())
        .attribute(Attribute::binary("chip"))
        .attribute(Attribute::string("tags").multi_valued())
        .attribute(Attribute::integer("doors").multi_valued())
        .attribute(
            Attribute::complex(
                "visits",
                [
                    Attribute::string("place"),
                    Attribute::date_time("at"),
                    Attribute::decimal("hours"),
                    Attribute::string("with").multi_valued(),
                ],
            )
            .multi_valued(),
        )
        .attribute(Attribute::complex("locker", [Attribute::string("room"), Attribute::integer("number")]));
    Arc::new(ResourceType::user().with_extension(badge, false))
}

const WORDS: [&str; 34] = [
    "a",
    "A",
    "b",
    "Bob",
    "bob",
    "BOB",
    "bobby",
    "Work",
    "work",
    "home",
    "",
    " ",
    "%",
    "_",
    "\\",
    "a%b",
    "a_b",
    "'",
    "\"",
    "ß",
    "SS",
    "İ",
    "i",
    "ı",
    "ΑΣ",
    "ας",
    "é",
    "e\u{301}",
    "É",
    "\u{1F600}",
    "\u{FFFF}",
    "\u{10000}",
    "Zed",
    "\u{1}x",
];
const INTEGERS: [&str; 9] =
    ["0", "1", "-1", "42", "9007199254740992", "9007199254740993", "-9223372036854775808", "9223372036854775807", "7"];
const DECIMALS: [&str; 11] =
    ["0", "0.0", "0.1", "1.5", "-1.5", "1e300", "-1e-300", "9007199254740993", "0.30000000000000004", "42", "1e16"];
const INSTANTS: [&str; 6] = [
    "2011-05-13T04:42:34Z",
    "2011-05-13T06:42:34+02:00",
    "2011-05-13T04:42:34.000001Z",
    "2011-05-13T04:42:34.5Z",
    "1999-12-31T23:59:59Z",
    "2030-01-01T00:00:00.123Z",
];

fn word(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!(format!("{}{}", random.pick(&WORDS), random.pick(&WORDS))),
        _ => json!(random.pick(&WORDS)),
    }
}

fn number(random: &mut Random, numbers: &[&str]) -> Value {
    let text = *random.pick::<&str>(numbers);
    serde_json::from_str(text).unwrap()
}

fn maybe(random: &mut Random, object: &mut Map<String, Value>, name: &str, value: impl FnOnce(&mut Random) -> Value) {
    if random.chance(60) {
        let value = value(random);
        object.insert(name.to_owned(), value);
    }
}

fn plural(random: &mut Random) -> Value {
    let count = random.below(4) + 1;
    let primary = random.below(6);
    let elements = (0..count).map(|place| {
        let mut element = Map::new();
        maybe(random, &mut element, "value", word);
        maybe(random, &mut element, "type", word);
        maybe(random, &mut element, "display", word);
        if primary == place {
            element.insert("primary".to_owned(), json!(true));
        } else if random.chance(30) || element.is_empty() {
            element.insert("primary".to_owned(), json!(false));
        }
        Value::Object(element)
    });
    elements.collect()
}

fn list(random: &mut Random, value: impl Fn(&mut Random) -> Value) -> Value {
    (0..random.below(3) + 1).map(|_| value(random)).collect()
}

/// A user; `number` makes its name another than every other's.
pub(crate) fn user(random: &mut Random, number: usize) -> Attributes {
    let mut user = Map::new();
    let name = format!("{}{number}", random.pick(&WORDS));
    user.insert("userName".to_owned(), json!(name));
    for name in ["externalId", "displayName", "nickName", "title", "profileUrl"] {
        maybe(random, &mut user, name, word);
    }
    maybe(random, &mut user, "active", |random| json!(random.chance(50)));
    maybe(random, &mut user, "name", |random| {
        let mut name = Map::from_iter([("familyName".to_owned(), word(random))]);
        maybe(random, &mut name, "givenName", word);
        Value::Object(name)
    });
    for name in ["emails", "phoneNumbers", "roles"] {
        maybe(random, &mut user, name, plural);
    }
    maybe(random, &mut user, ENTERPRISE, |random| {
        let mut object = Map::from_iter([("department".to_owned(), word(random))]);
        maybe(random, &mut object, "manager", |random| json!({"value": word(random)}));
        Value::Object(object)
    });
    maybe(random, &mut user, EXTENSION, badge);
    Attributes::from_stored(user)
}

fn badge(random: &mut Random) -> Value {
    let mut badge = Map::from_iter([("valid".to_owned(), json!(random.chance(50)))]);
    maybe(random, &mut badge, "weight", |random| number(random, &DECIMALS));
    maybe(random, &mut badge, "level", |random| number(random, &INTEGERS));
    maybe(random, &mut badge, "issued", |random| json!(random.pick(&INSTANTS)));
    maybe(random, &mut badge, "code", word);
    maybe(random, &mut badge, "chip", |random| json!(random.pick(&["QQ==", "qq==", "Zm9v"])));
    maybe(random, &mut badge, "tags", |random| list(random, word));
    maybe(random, &mut badge, "doors", |random| list(random, |random| number(random, &INTEGERS)));
    maybe(random, &mut badge, "visits", |random| {
        list(random, |random| {
            let mut visit = Map::from_iter([("place".to_owned(), word(random))]);
            maybe(random, &mut visit, "at", |random| json!(random.pick(&INSTANTS)));
            maybe(random, &mut visit, "hours", |random| number(random, &DECIMALS));
            maybe(random, &mut visit, "with", |random| list(random, word));
            Value::Object(visit)
        })
    });
    maybe(random, &mut badge, "locker", |random| json!({"room": word(random), "number": number(random, &INTEGERS)}));
    Value::Object(badge)
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Boolean,
    Integer,
    Decimal,
    Instant,
    Binary,
    Complex,
    User,
    Group,
}

const USER_PATHS: [(&str, Kind); 44] = [
    ("userName", Kind::Text),
    ("userName", Kind::Text),
    ("externalId", Kind::Text),
    ("displayName", Kind::Text),
    ("nickName", Kind::Text),
    ("title", Kind::Text),
    ("profileUrl", Kind::Text),
    ("active", Kind::Boolean),
    ("name", Kind::Complex),
    ("name.familyName", Kind::Text),
    ("name.givenName", Kind::Text),
    ("name.middleName", Kind::Text),
    ("emails", Kind::Text),
    ("emails.value", Kind::Text),
    ("emails.type", Kind::Text),
    ("emails.primary", Kind::Boolean),
    ("emails.display", Kind::Text),
    ("phoneNumbers.value", Kind::Text),
    ("roles", Kind::Complex),
    ("addresses", Kind::Complex),
    ("meta.created", Kind::Instant),
    ("meta.lastModified", Kind::Instant),
    ("meta.version", Kind::Text),
    ("meta.resourceType", Kind::Text),
    ("meta", Kind::Complex),
    ("schemas", Kind::Text),
    ("id", Kind::User),
    ("groups", Kind::Group),
    ("groups.display", Kind::Text),
    ("groups.type", Kind::Text),
    ("groups", Kind::Complex),
    ("department", Kind::Text),
    ("manager", Kind::Text),
    ("weight", Kind::Decimal),
    ("level", Kind::Integer),
    ("issued", Kind::Instant),
    ("valid", Kind::Boolean),
    ("code", Kind::Text),
    ("chip", Kind::Binary),
    ("tags", Kind::Text),
    ("doors", Kind::Integer),
    ("visits.at", Kind::Instant),
    ("visits.with", Kind::Text),
    ("locker.number", Kind::Integer),
];
const GROUP_PATHS: [(&str, Kind); 9] = [
    ("displayName", Kind::Text),
    ("externalId", Kind::Text),
    ("members", Kind::User),
    ("members.value", Kind::User),
    ("members.type", Kind::Text),
    ("members.display", Kind::Text),
    ("members", Kind::Complex),
    ("id", Kind::Group),
    ("meta.version", Kind::Text),
];
const PLURAL: [(&str, Kind); 5] = [
    ("value", Kind::Text),
    ("type", Kind::Text),
    ("display", Kind::Text),
    ("primary", Kind::Boolean),
    ("primary", Kind::Boolean),
];
const VISITS: [(&str, Kind); 4] =
    [("place", Kind::Text), ("at", Kind::Instant), ("hours", Kind::Decimal), ("with", Kind::Text)];
const LOCKER: [(&str, Kind); 2] = [("room", Kind::Text), ("number", Kind::Integer)];
const TAGS: [(&str, Kind); 1] = [("value", Kind::Text)];
const GROUPS: [(&str, Kind); 3] = [("value", Kind::Group), ("display", Kind::Text), ("type", Kind::Text)];
const MEMBERS: [(&str, Kind); 3] = [("value", Kind::User), ("display", Kind::Text), ("type", Kind::Text)];
const NAME: [(&str, Kind); 2] = [("familyName", Kind::Text), ("givenName", Kind::Text)];
const MANAGER: [(&str, Kind); 1] = [("value", Kind::Text)];

type Paths = [(&'static str, Kind)];

const USER_VALUE_PATHS: [(&str, &Paths); 8] = [
    ("emails", &PLURAL),
    ("phoneNumbers", &PLURAL),
    ("visits", &VISITS),
    ("locker", &LOCKER),
    ("tags", &TAGS),
    ("groups", &GROUPS),
    ("name", &NAME),
    ("manager", &MANAGER),
];
const GROUP_VALUE_PATHS: [(&str, &Paths); 1] = [("members", &MEMBERS)];

/// Writes random filters on users or on groups. Ids, which every store has its own of, are written `{u7}` and `{g3}`.
pub(crate) struct Filters {
    paths: &'static Paths,
    value_paths: &'static [(&'static str, &'static Paths)],
    pub(crate) users: usize,
    pub(crate) groups: usize,
}

impl Filters {
    pub(crate) fn on_users(users: usize, groups: usize) -> Self {
        Self { paths: &USER_PATHS, value_paths: &USER_VALUE_PATHS, users, groups }
    }

    pub(crate) fn on_groups(users: usize, groups: usize) -> Self {
        Self { paths: &GROUP_PATHS, value_paths: &GROUP_VALUE_PATHS, users, groups }
    }

    pub(crate) fn filter(&self, random: &mut Random, depth: usize) -> String {
        self.write(random, self.paths, depth, true)
    }

    /// An attribute to sort by.
    pub(crate) fn sort(&self, random: &mut Random) -> &'static str {
        loop {
            let (path, kind) = *random.pick(self.paths);
            if !matches!(kind, Kind::User | Kind::Group) && !matches!(path, "groups" | "members") {
                return path;
            }
        }
    }

    fn write(&self, random: &mut Random, paths: &Paths, depth: usize, may_have_brackets: bool) -> String {
        if depth > 0 && random.chance(60) {
            return match random.below(4) {
                0 => format!("not ({})", self.write(random, paths, depth - 1, may_have_brackets)),
                kind => {
                    let terms: Vec<String> = (0..random.below(3) + 2)
                        .map(|_| format!("({})", self.write(random, paths, depth - 1, may_have_brackets)))
                        .collect();
                    terms.join(if kind == 1 { " and " } else { " or " })
                }
            };
        }
        if may_have_brackets && random.chance(25) {
            let (attribute, paths) = *random.pick(self.value_paths);
            return format!("{attribute}[{}]", self.write(random, paths, depth.min(2), false));
        }
        let (path, kind) = *random.pick(paths);
        if matches!(kind, Kind::Complex) || random.chance(15) {
            return format!("{path} pr");
        }
        if random.chance(5) {
            return format!("{path} {} null", random.pick(&["eq", "ne"]));
        }
        let operator = match kind {
            Kind::Boolean | Kind::Binary | Kind::User | Kind::Group => *random.pick(&["eq", "ne"]),
            Kind::Integer | Kind::Decimal | Kind::Instant => *random.pick(&["eq", "ne", "gt", "ge", "lt", "le"]),
            _ => *random.pick(&["eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]),
        };
        format!("{path} {operator} {}", self.operand(random, kind))
    }

    fn operand(&self, random: &mut Random, kind: Kind) -> String {
        match kind {
            Kind::Boolean => random.chance(50).to_string(),
            Kind::Integer => (*random.pick(&INTEGERS)).to_owned(),
            Kind::Decimal => (*random.pick(&DECIMALS)).to_owned(),
            Kind::Instant => json!(random.pick(&INSTANTS)).to_string(),
            Kind::Binary => json!(random.pick(&["QQ==", "qq=="])).to_string(),
            Kind::User => format!("\"{{u{}}}\"", random.below(self.users)),
            Kind::Group => format!("\"{{g{}}}\"", random.below(self.groups)),
            Kind::Text | Kind::Complex => match random.below(12) {
                0 => "\"User\"".to_owned(),
                1 => "\"direct\"".to_owned(),
                2 => json!(EXTENSION).to_string(),
                3 => "\"2\"".to_owned(),
                _ => word(random).to_string(),
            },
        }
    }
}
