//! Dominator trees, and the parts of a graph that no way leads out of. No recursion.

/// Who dominates whom.
#[derive(Debug)]
pub(super) struct Tree {
    /// Parent in the tree; the root and unreachable nodes have none.
    parents: Vec<Option<usize>>,
    /// When a walk down the tree enters and leaves a node; `(0, 0)` for unreachable nodes.
    times: Vec<(u32, u32)>,
}

impl Tree {
    /// The dominator tree of the nodes reachable from `root` (Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm).
    pub(super) fn new(successors: &[Vec<usize>], root: usize) -> Self {
        let order = reverse_postorder(successors, root);
        let mut position = vec![usize::MAX; successors.len()];
        for (at, node) in order.iter().enumerate() {
            position[*node] = at;
        }
        // From here on nodes are named by their position in the order: a dominator has a smaller one.
        let mut predecessors: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
        for (at, node) in order.iter().enumerate() {
            for next in &successors[*node] {
                predecessors[position[*next]].push(at);
            }
        }
        let parents = immediate_dominators(&predecessors);
        let mut tree = Self { parents: vec![None; successors.len()], times: vec![(0, 0); successors.len()] };
        for (at, node) in order.iter().enumerate().skip(1) {
            tree.parents[*node] = Some(order[parents[at]]);
        }
        tree.number(&order);
        tree
    }

    fn number(&mut self, order: &[usize]) {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.parents.len()];
        for node in order {
            if let Some(parent) = self.parents[*node] {
                children[parent].push(*node);
            }
        }
        let mut time = 0;
        let mut open = vec![(order[0], 0usize)];
        while let Some((node, next_child)) = open.last_mut() {
            if *next_child == 0 {
                time += 1;
                self.times[*node].0 = time;
            }
            let child = children[*node].get(*next_child).copied();
            *next_child += 1;
            if let Some(child) = child {
                open.push((child, 0));
            } else {
                time += 1;
                self.times[*node].1 = time;
                open.pop();
            }
        }
    }

    pub(super) fn parent(&self, node: usize) -> Option<usize> {
        self.parents[node]
    }

    /// Whether `a` is `b` or above it. False for nodes that are not in the tree.
    pub(super) fn is_above(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.times[a], self.times[b]);
        a.0 != 0 && a.0 <= b.0 && b.1 <= a.1
    }
}

/// The nearest dominator of each node; nodes are numbered in reverse postorder, the root is 0 and its own dominator.
fn immediate_dominators(predecessors: &[Vec<usize>]) -> Vec<usize> {
    const UNKNOWN: usize = usize::MAX;
    let mut found = vec![UNKNOWN; predecessors.len()];
    found[0] = 0;
    let mut changed = true;
    while changed {
        changed = false;
        for node in 1..predecessors.len() {
            // From the last one back: neighbours meet after a step, where thousands of statements share an `except`.
            let known = predecessors[node].iter().rev().copied().filter(|p| found[*p] != UNKNOWN);
            let nearest = known.reduce(|a, b| meet(&found, a, b));
            if let Some(nearest) = nearest.filter(|n| found[node] != *n) {
                found[node] = nearest;
                changed = true;
            }
        }
    }
    found
}

fn meet(dominators: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        while a > b {
            a = dominators[a];
        }
        while b > a {
            b = dominators[b];
        }
    }
    a
}

fn reverse_postorder(successors: &[Vec<usize>], root: usize) -> Vec<usize> {
    let mut seen = vec![false; successors.len()];
    seen[root] = true;
    let mut order = Vec::new();
    let mut open = vec![(root, 0usize)];
    while let Some((node, next)) = open.last_mut() {
        if let Some(successor) = successors[*node].get(*next).copied() {
            *next += 1;
            if !std::mem::replace(&mut seen[successor], true) {
                open.push((successor, 0));
            }
        } else {
            order.push(*node);
            open.pop();
        }
    }
    order.reverse();
    order
}

/// The strongly connected components among `inside` that no edge leaves, each by its first node (Tarjan, with a stack of its own).
pub(super) fn terminal_components(successors: &[Vec<usize>], inside: &[bool]) -> Vec<usize> {
    let mut search = Components {
        successors,
        indices: vec![0; successors.len()],
        lows: vec![0; successors.len()],
        on_stack: vec![false; successors.len()],
        stack: Vec::new(),
        count: 0,
        open: Vec::new(),
        first_nodes: Vec::new(),
    };
    for node in (0..successors.len()).filter(|n| inside[*n]) {
        if search.indices[node] == 0 {
            search.run(node);
        }
    }
    search.first_nodes.sort_unstable();
    search.first_nodes
}

struct Components<'a> {
    successors: &'a [Vec<usize>],
    /// When a node was found, counted from 1.
    indices: Vec<usize>,
    lows: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    count: usize,
    /// A node, its next edge, and whether an edge was seen that leaves its component.
    open: Vec<(usize, usize, bool)>,
    first_nodes: Vec<usize>,
}

impl Components<'_> {
    fn run(&mut self, root: usize) {
        self.enter(root);
        while let Some((node, next, _)) = self.open.last().copied() {
            let Some(successor) = self.successors[node].get(next).copied() else {
                self.close(node);
                continue;
            };
            if let Some(top) = self.open.last_mut() {
                top.1 += 1;
            }
            if self.indices[successor] == 0 {
                self.enter(successor);
            } else if self.on_stack[successor] {
                self.lows[node] = self.lows[node].min(self.indices[successor]);
            } else if let Some(top) = self.open.last_mut() {
                top.2 = true;
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.count += 1;
        self.indices[node] = self.count;
        self.lows[node] = self.count;
        self.on_stack[node] = true;
        self.stack.push(node);
        self.open.push((node, 0, false));
    }

    fn close(&mut self, node: usize) {
        let Some((_, _, mut leaves)) = self.open.pop() else {
            return;
        };
        let is_root = self.lows[node] == self.indices[node];
        if is_root {
            let mut first = node;
            while let Some(member) = self.stack.pop() {
                self.on_stack[member] = false;
                first = first.min(member);
                if member == node {
                    break;
                }
            }
            if !leaves {
                self.first_nodes.push(first);
            }
            leaves = true;
        }
        if let Some(parent) = self.open.last_mut() {
            self.lows[parent.0] = self.lows[parent.0].min(self.lows[node]);
            parent.2 |= leaves;
        }
    }
}
