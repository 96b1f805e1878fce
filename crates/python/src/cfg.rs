//! The control-flow graph of one body of code: which statement may run after which, and how the body is left.
//!
//! A [`BasicBlock`] is a run of statements of which each is begun after the one before it is done. A compound statement stands in
//! the block that evaluates its head: an `if` or `while` with its test, a `for` with the step to the next item (its iterable is
//! evaluated on the way to that block), a `with` with its context managers, a `match` with its subject, a `class` with its bases.
//! Bodies of classes run where the class stands; bodies of functions have graphs of their own. `and`, `or` and `not` in a test
//! are taken apart: each operand decides in a block of its own.
//!
//! Exceptions: a statement that may raise (it calls, reads an attribute or an item, awaits, iterates ...) inside a `try` ends its
//! block, which has an edge of kind [`EdgeKind::Raises`] to the clauses: taken when its last statement did not complete. Outside
//! every `try` such a statement has no edge: that any call may raise says nothing. `raise` always ends the body or reaches a
//! clause. `except:`, `except BaseException` and `except Exception` catch everything; other clauses may let it pass. A `with` of
//! something called `suppress` may end exceptions of its body; what other context managers do on the way out has no block.
//!
//! A `finally` body is copied for each way into it (at the end, by this `return`, by that `raise`, by an exception, by `break`,
//! by `continue`), so that no path comes in one way and leaves another. From the ninth way on, and in a `finally` inside a
//! `finally`, the ways share a copy. Every other statement stands in exactly one block.
//!
//! The graph is bounded: past [`BLOCKS_MAX`] blocks the rest of the body is left out and the graph says so
//! ([`Cfg::is_complete`], [`Exit::Cut`]).

mod build;
mod raises;
mod show;
mod tree;

use std::sync::OnceLock;

use crate::code::{Code, ExprId, StmtId};
use tree::{Tree, terminal_components};

/// Blocks of one graph; what follows is cut off.
pub const BLOCKS_MAX: usize = 20_000;

/// A block of a [`Cfg`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(u32);

impl BlockId {
    /// The position among [`Cfg::blocks`].
    pub fn index(self) -> usize {
        self.0 as usize
    }

    fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// What decides that an edge is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeKind {
    /// Nothing: it is the only way on.
    Next,
    /// A test that turned out this way.
    Test {
        /// The test.
        test: ExprId,
        /// How it turned out.
        holds: bool,
    },
    /// A `for` that has one more item, or none.
    Item {
        /// Whether there is one.
        more: bool,
    },
    /// The pattern of a `case`, an index into the patterns of the code.
    Case {
        /// The pattern.
        pattern: u32,
        /// Whether it matched.
        matches: bool,
    },
    /// The last statement of the block raised before it was done; or no clause of a `try` caught what was raised.
    Raises,
    /// An `except` clause with these exceptions (none: all) catches what was raised.
    Caught(Option<ExprId>),
    /// A `with suppress(...)` ends what was raised.
    Suppressed,
}

/// A way from one block to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Where to.
    pub to: BlockId,
    /// When.
    pub kind: EdgeKind,
}

/// How a body is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By `return`.
    Return {
        /// The statement; none where several share a `finally`.
        statement: Option<StmtId>,
        /// What is returned.
        value: Option<ExprId>,
    },
    /// By `raise`.
    Raise {
        /// The statement; none where several share a `finally`.
        statement: Option<StmtId>,
        /// What is raised; none where the exception being handled is raised again.
        exception: Option<ExprId>,
    },
    /// By an exception of a statement in a `try` that no clause caught.
    Uncaught,
    /// At the end of the body.
    End,
    /// Never: a loop from which no way leads out. The block is the first of the loop.
    Endless,
    /// Not known: the body is larger than [`BLOCKS_MAX`].
    Cut,
}

/// Statements that run one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BasicBlock {
    /// The statements, in order.
    pub statements: Vec<StmtId>,
    /// The ways on, in the order of the source: what holds first, exceptions last.
    pub edges: Vec<Edge>,
}

/// A control-flow graph.
#[derive(Debug)]
pub struct Cfg {
    blocks: Vec<BasicBlock>,
    predecessors: Vec<Vec<BlockId>>,
    exits: Vec<(BlockId, Exit)>,
    reachable: Vec<bool>,
    of_statement: Vec<Vec<BlockId>>,
    complete: bool,
    dominators: OnceLock<Tree>,
    post_dominators: OnceLock<Tree>,
}

impl Cfg {
    /// The graph of the body of a code: of a module, or of a function.
    pub fn new(code: &Code) -> Self {
        let built = build::build(code);
        let mut predecessors = vec![Vec::new(); built.blocks.len()];
        let mut of_statement = vec![Vec::new(); code.stmts.len()];
        for (index, block) in built.blocks.iter().enumerate() {
            let from = BlockId::new(index);
            for edge in &block.edges {
                let known: &mut Vec<BlockId> = &mut predecessors[edge.to.index()];
                // Blocks come in order: an edge of the same block is the last one.
                if known.last() != Some(&from) {
                    known.push(from);
                }
            }
            for statement in &block.statements {
                of_statement[statement.index()].push(from);
            }
        }
        let mut cfg = Self {
            blocks: built.blocks,
            predecessors,
            exits: built.exits,
            reachable: Vec::new(),
            of_statement,
            complete: built.complete,
            dominators: OnceLock::new(),
            post_dominators: OnceLock::new(),
        };
        cfg.reachable = cfg.reached(cfg.entry(), |_| false);
        cfg.find_exits();
        cfg
    }

    /// Keeps the exits that are reached, in order of their blocks, and adds the loops that never end.
    fn find_exits(&mut self) {
        let mut exits = std::mem::take(&mut self.exits);
        exits.retain(|(block, _)| self.reachable[block.index()]);
        let mut leaves = vec![false; self.blocks.len()];
        let mut pending: Vec<BlockId> = exits.iter().map(|(block, _)| *block).collect();
        while let Some(block) = pending.pop() {
            if !std::mem::replace(&mut leaves[block.index()], true) {
                pending.extend(&self.predecessors[block.index()]);
            }
        }
        let stuck: Vec<bool> = (0..self.blocks.len()).map(|i| self.reachable[i] && !leaves[i]).collect();
        if stuck.contains(&true) {
            let first_of_each = terminal_components(&self.successors(), &stuck);
            exits.extend(first_of_each.into_iter().map(|block| (BlockId::new(block), Exit::Endless)));
        }
        exits.sort_by_key(|(block, _)| *block);
        self.exits = exits;
    }

    /// Where the body begins.
    pub fn entry(&self) -> BlockId {
        BlockId(0)
    }

    /// A block.
    pub fn block(&self, id: BlockId) -> &BasicBlock {
        &self.blocks[id.index()]
    }

    /// All blocks, reachable or not, roughly in the order of the source.
    pub fn blocks(&self) -> impl Iterator<Item = (BlockId, &BasicBlock)> {
        self.blocks.iter().enumerate().map(|(index, block)| (BlockId::new(index), block))
    }

    /// The blocks with an edge to a block, each once, in order.
    pub fn predecessors(&self, id: BlockId) -> &[BlockId] {
        &self.predecessors[id.index()]
    }

    /// The blocks in which a statement stands: one, or the copies of a `finally` body; none if the graph was cut before it.
    pub fn blocks_of(&self, statement: StmtId) -> &[BlockId] {
        self.of_statement.get(statement.index()).map_or(&[], Vec::as_slice)
    }

    /// Whether the whole body is in the graph.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The blocks that can be reached from the entry, in order.
    pub fn reachable(&self) -> impl Iterator<Item = BlockId> {
        (0..self.blocks.len()).filter(|index| self.reachable[*index]).map(BlockId::new)
    }

    /// Whether a block can be reached from the entry.
    pub fn is_reachable(&self, id: BlockId) -> bool {
        self.reachable[id.index()]
    }

    /// The blocks with which the body is left, in order, and how. A block may have several; unreachable ones have none.
    pub fn exits(&self) -> &[(BlockId, Exit)] {
        &self.exits
    }

    /// Whether every path from the entry to `b` goes through `a` (a block dominates itself). False for unreachable blocks.
    pub fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        self.dominators().is_above(a.index(), b.index())
    }

    /// The last block before this one that every path from the entry goes through; none for the entry and unreachable blocks.
    pub fn immediate_dominator(&self, id: BlockId) -> Option<BlockId> {
        self.dominators().parent(id.index()).map(BlockId::new)
    }

    /// Whether every path from `b` out of the body goes through `a`. A loop that never ends counts as left at its first block.
    pub fn post_dominates(&self, a: BlockId, b: BlockId) -> bool {
        self.post_dominators().is_above(a.index(), b.index())
    }

    /// The first block behind this one that every path out of the body goes through, if there is one.
    pub fn immediate_post_dominator(&self, id: BlockId) -> Option<BlockId> {
        let parent = self.post_dominators().parent(id.index())?;
        (parent < self.blocks.len()).then(|| BlockId::new(parent))
    }

    /// Whether some path from the entry leaves the body without touching any of these blocks.
    pub fn can_reach_exit_without(&self, avoided: &[BlockId]) -> bool {
        !self.exits_without(avoided).is_empty()
    }

    /// The exits that some path from the entry reaches without touching any of these blocks.
    pub fn exits_without(&self, avoided: &[BlockId]) -> Vec<(BlockId, Exit)> {
        let reached = self.reached_without(self.entry(), avoided);
        self.exits.iter().filter(|(block, _)| reached[block.index()]).copied().collect()
    }

    /// Whether some path leads from one block to another without touching any of these in between, the ends included.
    pub fn can_reach_without(&self, from: BlockId, to: BlockId, avoided: &[BlockId]) -> bool {
        self.reached_without(from, avoided)[to.index()]
    }

    fn reached_without(&self, from: BlockId, avoided: &[BlockId]) -> Vec<bool> {
        let mut closed = vec![false; self.blocks.len()];
        for block in avoided {
            closed[block.index()] = true;
        }
        self.reached(from, |block| closed[block.index()])
    }

    fn reached(&self, from: BlockId, closed: impl Fn(BlockId) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.blocks.len()];
        let mut pending = vec![from];
        while let Some(block) = pending.pop() {
            if closed(block) || std::mem::replace(&mut reached[block.index()], true) {
                continue;
            }
            pending.extend(self.blocks[block.index()].edges.iter().map(|edge| edge.to));
        }
        reached
    }

    fn successors(&self) -> Vec<Vec<usize>> {
        self.blocks.iter().map(|block| block.edges.iter().map(|edge| edge.to.index()).collect()).collect()
    }

    fn dominators(&self) -> &Tree {
        self.dominators.get_or_init(|| Tree::new(&self.successors(), self.entry().index()))
    }

    /// On the reversed graph, from a node behind all exits.
    fn post_dominators(&self) -> &Tree {
        self.post_dominators.get_or_init(|| {
            let only_reachable =
                |blocks: &Vec<BlockId>| blocks.iter().filter(|b| self.is_reachable(**b)).map(|b| b.index()).collect();
            let mut reversed: Vec<Vec<usize>> = self.predecessors.iter().map(only_reachable).collect();
            reversed.push(self.exits.iter().map(|(block, _)| block.index()).collect());
            let behind = self.blocks.len();
            Tree::new(&reversed, behind)
        })
    }
}
