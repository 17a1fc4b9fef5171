//! The ids and values of somebody's resources, and ones like them that are nobody's.

/// What can be said about the resources of one owner: a user with its manager, and a group of that user.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) user: String,
    pub(crate) manager: String,
    pub(crate) group: String,
    pub(crate) user_name: String,
    pub(crate) user_external_id: String,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) group_external_id: String,
    pub(crate) user_version: String,
    pub(crate) group_version: String,
    /// Of a list of users, and of a query on the root, both with a count of 1.
    pub(crate) cursors: [String; 2],
}

impl Values {
    /// Values of the same form and length that no resource has.
    pub(crate) fn made_up(&self) -> Self {
        Self {
            user: other(&self.user),
            manager: other(&self.manager),
            group: other(&self.group),
            user_name: other(&self.user_name),
            user_external_id: other(&self.user_external_id),
            email: other(&self.email),
            display_name: other(&self.display_name),
            group_external_id: other(&self.group_external_id),
            user_version: other(&self.user_version),
            group_version: other(&self.group_version),
            cursors: self.cursors.clone().map(|cursor| other(&cursor)),
        }
    }

    /// Each value with what stands for it where two answers are compared, the long ones first.
    pub(crate) fn named(&self) -> Vec<(&str, &'static str)> {
        let mut named = vec![
            (self.user.as_str(), "{user}"),
            (&self.manager, "{manager}"),
            (&self.group, "{group}"),
            (&self.user_name, "{userName}"),
            (&self.user_external_id, "{user externalId}"),
            (&self.email, "{email}"),
            (&self.display_name, "{displayName}"),
            (&self.group_external_id, "{group externalId}"),
        ];
        named.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        named
    }
}

/// A text whose last twelve letters and digits are others. What is a UUID stays one.
fn other(text: &str) -> String {
    let mut changes = 12;
    let changed = text.chars().rev().map(|character| {
        let next = match character {
            '9' => '0',
            'f' => 'a',
            'z' => 'g',
            'F' => 'A',
            'Z' => 'G',
            '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(u32::from(character) + 1).unwrap(),
            _ => return character,
        };
        changes -= 1;
        if changes < 0 {
            character
        } else {
            next
        }
    });
    changed.collect::<Vec<char>>().into_iter().rev().collect()
}
