//! In which order operations are performed (RFC 7644 s3.7, s3.7.1).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One operation, or several that refer to one another in a circle, by their places in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    One(usize),
    /// In ascending order; also one alone that refers to itself.
    Circle(Vec<usize>),
}

/// What an operation has to wait for, by places in the request.
#[derive(Clone, Debug, Default)]
pub(super) struct Dependencies {
    /// The operations whose bulkId it refers to.
    pub(super) references: Vec<usize>,
    /// The operation before it on the same resource, which it must not overtake.
    pub(super) predecessor: Option<usize>,
}

/// The order of the request, save that an operation that refers to one after it waits for that one. Of those that wait
/// for nothing, the first in the request is next, so that nothing is performed later than it has to.
pub(super) fn order(operations: &[Dependencies]) -> Vec<Step> {
    let refers_ahead = |(place, operation): (usize, &Dependencies)| operation.references.iter().any(|to| *to >= place);
    if !operations.iter().enumerate().any(refers_ahead) {
        return (0..operations.len()).map(Step::One).collect();
    }
    let components = Components::of(operations);
    let mut queue = Queue::of(operations, &components);
    let mut steps = Vec::with_capacity(components.members.len());
    while let Some(component) = queue.next() {
        let Some(members) = components.members.get(component) else { continue };
        let refers_to_itself =
            |place: &usize| operations.get(*place).is_some_and(|operation| operation.references.contains(place));
        match members.as_slice() {
            [one] if !refers_to_itself(one) => steps.push(Step::One(*one)),
            circle => steps.push(Step::Circle(circle.to_vec())),
        }
    }
    steps
}

/// Components that wait for nothing any more, the one with the first operation of the request in front.
struct Queue {
    waiting_for: Vec<usize>,
    waited_for_by: Vec<Vec<usize>>,
    first: Vec<usize>,
    ready: BinaryHeap<Reverse<(usize, usize)>>,
}

impl Queue {
    fn of(operations: &[Dependencies], components: &Components) -> Self {
        let count = components.members.len();
        let first = components.members.iter().map(|members| members.first().copied().unwrap_or_default()).collect();
        let mut queue = Self {
            waiting_for: vec![0; count],
            waited_for_by: vec![Vec::new(); count],
            first,
            ready: BinaryHeap::new(),
        };
        for (place, operation) in operations.iter().enumerate() {
            for dependency in operation.references.iter().copied().chain(operation.predecessor) {
                queue.wait(components.number(place), components.number(dependency));
            }
        }
        for component in 0..count {
            if queue.waiting_for.get(component) == Some(&0) {
                queue.make_ready(component);
            }
        }
        queue
    }

    fn wait(&mut self, component: usize, dependency: usize) {
        if component == dependency {
            return;
        }
        if let (Some(count), Some(by)) = (self.waiting_for.get_mut(component), self.waited_for_by.get_mut(dependency)) {
            *count = count.saturating_add(1);
            by.push(component);
        }
    }

    fn make_ready(&mut self, component: usize) {
        if let Some(first) = self.first.get(component) {
            self.ready.push(Reverse((*first, component)));
        }
    }

    fn next(&mut self) -> Option<usize> {
        let Reverse((_, component)) = self.ready.pop()?;
        for waiting in self.waited_for_by.get_mut(component).map(std::mem::take).unwrap_or_default() {
            if let Some(count) = self.waiting_for.get_mut(waiting) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.make_ready(waiting);
                }
            }
        }
        Some(component)
    }
}

/// The strongly connected components of the references, by Tarjan's algorithm without recursion.
///
/// Predecessors play no part: they lead from one operation on a resource to an earlier one, and nothing refers to an
/// operation but to a POST, which has none.
struct Components {
    members: Vec<Vec<usize>>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// When it was reached, counted from 1; 0 for not yet.
    reached: usize,
    /// The earliest node of its path that is known to be reachable from it.
    lowest: usize,
    component: Option<usize>,
}

impl Components {
    fn of(operations: &[Dependencies]) -> Self {
        let mut search = Search {
            operations,
            nodes: vec![Node::default(); operations.len()],
            path: Vec::new(),
            reached: 0,
            found: 0,
        };
        for place in 0..operations.len() {
            if search.node(place).reached == 0 {
                search.run(place);
            }
        }
        let mut components = Self { members: vec![Vec::new(); search.found], nodes: search.nodes };
        for place in 0..operations.len() {
            let number = components.number(place);
            if let Some(members) = components.members.get_mut(number) {
                members.push(place);
            }
        }
        components
    }

    fn number(&self, place: usize) -> usize {
        self.nodes.get(place).and_then(|node| node.component).unwrap_or_default()
    }
}

struct Search<'a> {
    operations: &'a [Dependencies],
    nodes: Vec<Node>,
    /// The nodes that are reached and in no component yet.
    path: Vec<usize>,
    reached: usize,
    found: usize,
}

impl Search<'_> {
    fn run(&mut self, root: usize) {
        let mut calls = vec![(root, 0_usize)];
        self.reach(root);
        while let Some((place, position)) = calls.last_mut() {
            let place = *place;
            let next = self.operations.get(place).and_then(|operation| operation.references.get(*position)).copied();
            *position = position.saturating_add(1);
            match next {
                Some(next) if self.node(next).reached == 0 => {
                    self.reach(next);
                    calls.push((next, 0));
                }
                Some(next) if self.node(next).component.is_none() => self.lower(place, self.node(next).reached),
                Some(_) => {}
                None => {
                    calls.pop();
                    let Node { reached, lowest, .. } = self.node(place);
                    if lowest == reached {
                        self.close(place);
                    }
                    if let Some((caller, _)) = calls.last() {
                        self.lower(*caller, lowest);
                    }
                }
            }
        }
    }

    fn node(&self, place: usize) -> Node {
        self.nodes.get(place).copied().unwrap_or_default()
    }

    fn reach(&mut self, place: usize) {
        self.reached = self.reached.saturating_add(1);
        if let Some(node) = self.nodes.get_mut(place) {
            *node = Node { reached: self.reached, lowest: self.reached, component: None };
            self.path.push(place);
        }
    }

    fn lower(&mut self, place: usize, reached: usize) {
        if let Some(node) = self.nodes.get_mut(place) {
            node.lowest = node.lowest.min(reached);
        }
    }

    /// Makes a component of the path from a node on.
    fn close(&mut self, root: usize) {
        while let Some(place) = self.path.pop() {
            if let Some(node) = self.nodes.get_mut(place) {
                node.component = Some(self.found);
            }
            if place == root {
                break;
            }
        }
        self.found = self.found.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ordered(references: &[&[usize]]) -> Vec<Step> {
        let operations: Vec<_> = references
            .iter()
            .map(|references| Dependencies { references: references.to_vec(), predecessor: None })
            .collect();
        order(&operations)
    }

    #[test]
    fn rfc7644_s3_7_the_given_order_is_kept_where_nothing_waits() {
        assert_eq!(ordered(&[&[], &[0], &[], &[1, 0]]), [0, 1, 2, 3].map(Step::One));
        assert_eq!(ordered(&[]), []);
    }

    #[test]
    fn rfc7644_s3_7_an_operation_waits_for_what_it_refers_to_and_no_longer() {
        assert_eq!(ordered(&[&[3], &[], &[0], &[1], &[]]), [1, 3, 0, 2, 4].map(Step::One));
    }

    #[test]
    fn an_operation_does_not_overtake_another_on_the_same_resource() {
        let operations = [
            Dependencies { references: vec![3], predecessor: None },
            Dependencies { references: vec![], predecessor: Some(0) },
            Dependencies::default(),
            Dependencies::default(),
        ];
        assert_eq!(order(&operations), [2, 3, 0, 1].map(Step::One));
    }

    #[test]
    fn rfc7644_s3_7_1_circles_are_found_apart_from_what_hangs_on_them() {
        let steps = ordered(&[&[2], &[2], &[3], &[2, 5], &[4], &[]]);
        assert_eq!(steps, [Step::Circle(vec![4]), Step::One(5), Step::Circle(vec![2, 3]), Step::One(0), Step::One(1)]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        const LENGTH: usize = 200_000;
        let operations: Vec<_> =
            (1..=LENGTH).map(|next| Dependencies { references: vec![next % LENGTH], predecessor: None }).collect();
        assert_eq!(order(&operations), [Step::Circle((0..LENGTH).collect())]);
    }

    /// Which places can be reached from each by one reference or more.
    fn reachable(operations: &[Dependencies]) -> Vec<Vec<bool>> {
        let count = operations.len();
        let mut reach = vec![vec![false; count]; count];
        for (place, operation) in operations.iter().enumerate() {
            operation.references.iter().for_each(|to| reach[place][*to] = true);
        }
        for through in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reach[from][to] |= reach[from][through] && reach[through][to];
                }
            }
        }
        reach
    }

    /// The order by the definition: again and again the first operation whose whole circle waits for nothing.
    fn naive_order(operations: &[Dependencies]) -> Vec<Step> {
        let reach = reachable(operations);
        let circle = |place: usize| -> Vec<usize> {
            (0..operations.len())
                .filter(|other| *other == place || (reach[place][*other] && reach[*other][place]))
                .collect()
        };
        let mut done = vec![false; operations.len()];
        let mut steps = Vec::new();
        while let Some(members) = (0..operations.len()).filter(|place| !done[*place]).map(circle).find(|members| {
            members.iter().all(|place| {
                let operation = &operations[*place];
                let mut all = operation.references.iter().copied().chain(operation.predecessor);
                all.all(|dependency| done[dependency] || members.contains(&dependency))
            })
        }) {
            members.iter().for_each(|place| done[*place] = true);
            steps.push(match members.as_slice() {
                [one] if !reach[*one][*one] => Step::One(*one),
                _ => Step::Circle(members),
            });
        }
        steps
    }

    proptest! {
        #[test]
        fn the_order_is_the_one_of_the_definition(
            // Operations that are no POST refer to others and have predecessors, but nothing refers to them.
            posts in prop::collection::vec(any::<bool>(), 1..12),
            edges in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..20),
        ) {
            let mut operations = vec![Dependencies::default(); posts.len()];
            let mut last = None;
            for (place, is_post) in posts.iter().enumerate() {
                if !is_post {
                    operations[place].predecessor = last.replace(place);
                }
            }
            for (from, to) in edges {
                let to = to.index(posts.len());
                if posts[to] {
                    operations[from.index(posts.len())].references.push(to);
                }
            }
            let steps = order(&operations);
            prop_assert_eq!(&steps, &naive_order(&operations));
            let performed: usize = steps.iter().map(|step| match step {
                Step::One(_) => 1,
                Step::Circle(members) => members.len(),
            }).sum();
            prop_assert_eq!(performed, posts.len());
        }
    }
}
