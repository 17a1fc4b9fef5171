//! Members that do not exist, where the host lets them be left out.

use std::collections::HashSet;

use crate::resource::{Member, ResourceId};
use crate::store::MembersUpdate;

/// What happens when a client adds a member that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownMembers {
    /// 400 `invalidValue`, naming the member.
    #[default]
    Refuse,
    /// The member is left out, and named in the log and to observers; the others are added.
    Ignore,
}

/// The ids that a store did not know, taken out of what it was asked; `false` if none of them was in it, so that asking
/// again would be in vain.
pub(crate) fn leave_out(ids: &[ResourceId], members: &mut MembersUpdate, ignored: &mut Vec<String>) -> bool {
    match members {
        MembersUpdate::Keep => false,
        MembersUpdate::Set(list) | MembersUpdate::Delta { add: list, .. } => leave_out_of(ids, list, ignored),
    }
}

/// [`leave_out`] for the members of a new group.
pub(crate) fn leave_out_of(ids: &[ResourceId], members: &mut Vec<Member>, ignored: &mut Vec<String>) -> bool {
    let unknown: HashSet<&ResourceId> = ids.iter().collect();
    let before = members.len();
    members.retain(|member| !unknown.contains(&member.value));
    ignored.extend(ids.iter().map(|id| format!("members[value eq \"{id}\"]")));
    members.len() < before
}
