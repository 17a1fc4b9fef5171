//! What of a resource is needed, so that a store need not load the rest.

/// Which attributes the answer will show. A store may leave out what is not wanted; it matters for what is costly to
/// load: `members` of groups and `groups` of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    selection: Selection,
    most_members: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Selection {
    #[default]
    All,
    Only(Vec<String>),
    Without(Vec<String>),
}

impl Fetch {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// These attributes alone, as the schema spells them; an attribute of an extension is named by the extension's URN.
    pub fn only<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self { selection: Selection::Only(names.into_iter().map(Into::into).collect()), most_members: None }
    }

    /// Everything but these attributes.
    pub fn without<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self { selection: Selection::Without(names.into_iter().map(Into::into).collect()), most_members: None }
    }

    /// The same, and of a group with more members than this none are loaded; [`Resource::members_left_out`] then says so.
    ///
    /// [`Resource::members_left_out`]: crate::Resource::members_left_out
    #[must_use]
    pub fn members_up_to(mut self, most: usize) -> Self {
        self.most_members = Some(most);
        self
    }

    /// Whether an attribute is needed.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        match &self.selection {
            Selection::All => true,
            Selection::Only(names) => names.iter().any(|wanted| wanted == name),
            Selection::Without(names) => names.iter().all(|unwanted| unwanted != name),
        }
    }

    /// Beyond how many members none are to be loaded.
    #[must_use]
    pub fn most_members(&self) -> Option<usize> {
        self.most_members
    }
}
