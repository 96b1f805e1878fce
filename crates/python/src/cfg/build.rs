//! Building the graph: one walk over the statements, with a stack of what is around them.

use rustc_hash::FxHashMap;

use super::raises::{catches_all, expression, statement, suppresses};
use super::{BLOCKS_MAX, BasicBlock, BlockId, Edge, EdgeKind, Exit};
use crate::code::{Block, Case, Code, Expr, ExprId, Handler, Pattern, Run, Stmt, StmtId, UnaryOp};

/// Ways into a `finally` that have a copy of its body each.
const COPIES_MAX: usize = 8;
/// Clauses of a `try` up to which each `raise` in its body has an edge to each of them.
const CLAUSES_MAX: usize = 16;

pub(super) struct Built {
    pub(super) blocks: Vec<BasicBlock>,
    pub(super) exits: Vec<(BlockId, Exit)>,
    pub(super) complete: bool,
}

pub(super) fn build(code: &Code) -> Built {
    let mut builder = Builder {
        code,
        blocks: vec![BasicBlock::default()],
        entered: vec![true],
        exits: Vec::new(),
        around: Vec::new(),
        current: Some(BlockId(0)),
        in_finally: 0,
        watching: 0,
        complete: true,
    };
    builder.block(code.body);
    if let Some(last) = builder.current {
        builder.exits.push((last, Exit::End));
    }
    builder.compact()
}

/// A way out of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// Done: on to what follows.
    Done,
    /// A `return`; none where several share a way.
    Return(Option<StmtId>),
    /// A `raise`; none where several share a way.
    Raise(Option<StmtId>),
    /// An exception of something that is not a `raise`.
    Unwind,
    Break,
    Continue,
}

/// What is around the statement being added, from the outermost.
enum Around {
    Loop {
        head: BlockId,
        after: BlockId,
    },
    /// The body of a `try` with clauses.
    Try {
        dispatch: BlockId,
        clauses: Vec<(BlockId, Option<ExprId>)>,
        catches_all: bool,
    },
    /// Everything of a `try` with `finally` but the `finally` itself.
    Finally(Copies),
    /// The body of a `with suppress(...)`.
    Suppress {
        after: BlockId,
    },
}

/// The copies of a `finally` body: the ways that enter each, and its first block.
struct Copies {
    copies: Vec<(Vec<Way>, BlockId)>,
    by_way: FxHashMap<Way, usize>,
    max: usize,
}

struct Builder<'c> {
    code: &'c Code,
    blocks: Vec<BasicBlock>,
    /// Which blocks have an edge to them.
    entered: Vec<bool>,
    exits: Vec<(BlockId, Exit)>,
    around: Vec<Around>,
    /// The block that grows; none behind a statement that never goes on.
    current: Option<BlockId>,
    in_finally: u32,
    /// How many of `around` notice exceptions.
    watching: u32,
    complete: bool,
}

impl Builder<'_> {
    fn new_block(&mut self) -> BlockId {
        self.blocks.push(BasicBlock::default());
        self.entered.push(false);
        BlockId::new(self.blocks.len() - 1)
    }

    /// The block that grows; behind a `return` one that nothing leads to.
    fn here(&mut self) -> BlockId {
        if let Some(block) = self.current {
            return block;
        }
        let block = self.new_block();
        self.current = Some(block);
        block
    }

    fn edge(&mut self, from: BlockId, to: BlockId, kind: EdgeKind) {
        self.entered[to.index()] = true;
        let edges = &mut self.blocks[from.index()].edges;
        let edge = Edge { to, kind };
        if edges.last() != Some(&edge) {
            edges.push(edge);
        }
    }

    /// Goes on in `to`, if the end of the current block is reached at all.
    fn goto(&mut self, to: BlockId) {
        if let Some(from) = self.current.take() {
            self.edge(from, to, EdgeKind::Next);
        }
    }

    fn put(&mut self, id: StmtId) -> BlockId {
        let block = self.here();
        self.blocks[block.index()].statements.push(id);
        block
    }

    fn block(&mut self, block: Block) {
        let code = self.code;
        for id in code.block(block) {
            if self.is_full() {
                return;
            }
            self.statement(*id);
        }
    }

    fn is_full(&mut self) -> bool {
        let full = self.blocks.len() >= BLOCKS_MAX;
        if full {
            self.complete = false;
            if let Some(block) = self.current.take() {
                self.exits.push((block, Exit::Cut));
            }
        }
        full
    }

    fn statement(&mut self, id: StmtId) {
        match self.code.stmt(id) {
            Stmt::If { test, body, orelse } => self.if_chain(id, test, body, orelse),
            Stmt::For { body, orelse, .. } => self.for_(id, body, orelse),
            Stmt::While { test, body, orelse } => self.while_(id, test, body, orelse),
            Stmt::With { items, body } => self.with(id, items, body),
            Stmt::Try { body, handlers, orelse, finally } => self.try_(id, body, handlers, orelse, finally),
            Stmt::Match { cases, .. } => self.match_(id, cases),
            Stmt::Class(class) => {
                self.simple(id);
                self.block(self.code.class(class).body);
            }
            Stmt::Return(_) => {
                let block = self.put(id);
                self.watch(block, statement(self.code, id));
                self.leave(block, Way::Return(Some(id)), EdgeKind::Next);
                self.current = None;
            }
            Stmt::Raise { .. } => {
                let block = self.put(id);
                self.leave(block, Way::Raise(Some(id)), EdgeKind::Raises);
                self.current = None;
            }
            Stmt::Break | Stmt::Continue if self.around.iter().any(|a| matches!(a, Around::Loop { .. })) => {
                let way = if self.code.stmt(id) == Stmt::Break { Way::Break } else { Way::Continue };
                let block = self.put(id);
                self.leave(block, way, EdgeKind::Next);
                self.current = None;
            }
            // `break` outside a loop is a syntax error: it is passed over.
            _ => self.simple(id),
        }
    }

    /// A statement that goes on to the next, or raises.
    fn simple(&mut self, id: StmtId) {
        let block = self.put(id);
        if self.watching > 0 && statement(self.code, id) {
            let next = self.new_block();
            self.edge(block, next, EdgeKind::Next);
            self.watch(block, true);
            self.current = Some(next);
        }
    }

    /// Adds the edges of an exception of the last statement of a block, where something around notices.
    fn watch(&mut self, block: BlockId, may_raise: bool) {
        if may_raise && self.watching > 0 {
            self.leave(block, Way::Unwind, EdgeKind::Raises);
        }
    }

    /// Adds the edges of a way out of a block, through what is around it.
    fn leave(&mut self, from: BlockId, way: Way, kind: EdgeKind) {
        for at in (0..self.around.len()).rev() {
            let raised = matches!(way, Way::Raise(_) | Way::Unwind);
            match &mut self.around[at] {
                Around::Loop { head, after } => {
                    let to = match way {
                        Way::Break => *after,
                        Way::Continue => *head,
                        _ => continue,
                    };
                    return self.edge(from, to, kind);
                }
                Around::Suppress { after } if raised => {
                    let after = *after;
                    self.edge(from, after, EdgeKind::Suppressed);
                }
                Around::Try { clauses, catches_all, .. }
                    if matches!(way, Way::Raise(_)) && clauses.len() <= CLAUSES_MAX =>
                {
                    let (clauses, caught) = (clauses.clone(), *catches_all);
                    for (clause, exceptions) in clauses {
                        self.edge(from, clause, EdgeKind::Caught(exceptions));
                    }
                    if caught {
                        return;
                    }
                }
                Around::Try { dispatch, .. } if raised => {
                    let dispatch = *dispatch;
                    return self.edge(from, dispatch, EdgeKind::Raises);
                }
                Around::Finally(_) => {
                    let copy = self.copy_for(at, way);
                    return self.edge(from, copy, kind);
                }
                Around::Suppress { .. } | Around::Try { .. } => {}
            }
        }
        self.exit(from, way);
    }

    fn exit(&mut self, from: BlockId, way: Way) {
        let exit = match way {
            Way::Return(statement) => {
                let value =
                    statement.and_then(|s| if let Stmt::Return(value) = self.code.stmt(s) { value } else { None });
                Exit::Return { statement, value }
            }
            Way::Raise(statement) => {
                let raised = statement
                    .and_then(|s| if let Stmt::Raise { exception, .. } = self.code.stmt(s) { exception } else { None });
                Exit::Raise { statement, exception: raised }
            }
            Way::Unwind => Exit::Uncaught,
            Way::Done | Way::Break | Way::Continue => Exit::End,
        };
        self.exits.push((from, exit));
    }

    /// The first block of the copy of a `finally` that a way enters.
    fn copy_for(&mut self, at: usize, way: Way) -> BlockId {
        let fresh = BlockId::new(self.blocks.len());
        let Around::Finally(copies) = &mut self.around[at] else {
            return fresh;
        };
        if let Some(known) = copies.by_way.get(&way) {
            return copies.copies[*known].1;
        }
        if copies.copies.len() < copies.max {
            copies.by_way.insert(way, copies.copies.len());
            copies.copies.push((vec![way], fresh));
            return self.new_block();
        }
        let shared = match way {
            Way::Return(_) => Way::Return(None),
            Way::Raise(_) => Way::Raise(None),
            other => other,
        };
        let last = copies.copies.len() - 1;
        let (ways, first) = &mut copies.copies[last];
        if !ways.contains(&shared) {
            ways.push(shared);
        }
        *first
    }

    /// `if / elif / else`: however long, in a loop.
    fn if_chain(&mut self, id: StmtId, test: ExprId, body: Block, orelse: Block) {
        let after = self.new_block();
        let (mut id, mut test, mut body, mut orelse) = (id, test, body, orelse);
        loop {
            self.put(id);
            let (holds, fails) = (self.new_block(), self.new_block());
            self.condition(test, holds, fails);
            self.current = Some(holds);
            self.block(body);
            self.goto(after);
            self.current = Some(fails);
            if let [only] = self.code.block(orelse)
                && let Stmt::If { test: t, body: b, orelse: o } = self.code.stmt(*only)
            {
                if self.is_full() {
                    break;
                }
                (id, test, body, orelse) = (*only, t, b, o);
                continue;
            }
            self.block(orelse);
            self.goto(after);
            break;
        }
        self.current = Some(after);
    }

    /// Ends the current block with a test. Brackets bound the depth of `and` inside `or`; runs of `not` are walked in a loop.
    fn condition(&mut self, mut test: ExprId, mut holds: BlockId, mut fails: BlockId) {
        let code = self.code;
        while let Expr::Unary(UnaryOp::Not, inner) = code.expr(test) {
            test = inner;
            std::mem::swap(&mut holds, &mut fails);
        }
        let (parts, and) = match code.expr(test) {
            Expr::And(parts) => (code.list(parts), true),
            Expr::Or(parts) => (code.list(parts), false),
            _ => return self.decide(test, holds, fails),
        };
        for (index, part) in parts.iter().enumerate() {
            if index + 1 == parts.len() {
                return self.condition(*part, holds, fails);
            }
            let next = self.new_block();
            if and {
                self.condition(*part, next, fails);
            } else {
                self.condition(*part, holds, next);
            }
            self.current = Some(next);
        }
    }

    fn decide(&mut self, test: ExprId, holds: BlockId, fails: BlockId) {
        let block = self.here();
        let constant = match self.code.expr(test) {
            Expr::True | Expr::Ellipsis => Some(true),
            Expr::False | Expr::None => Some(false),
            Expr::Int(i) => Some(i != 0),
            Expr::Str(s) | Expr::Bytes(s) => Some(!s.as_str().is_empty()),
            _ => None,
        };
        for (to, how) in [(holds, true), (fails, false)] {
            if constant.is_none_or(|c| c == how) {
                self.edge(block, to, EdgeKind::Test { test, holds: how });
            }
        }
        self.watch(block, expression(self.code, test));
        self.current = None;
    }

    fn for_(&mut self, id: StmtId, body: Block, orelse: Block) {
        let head = self.new_block();
        self.goto(head);
        self.current = Some(head);
        self.put(id);
        let (turn, done) = (self.new_block(), self.new_block());
        self.edge(head, turn, EdgeKind::Item { more: true });
        self.edge(head, done, EdgeKind::Item { more: false });
        self.watch(head, true);
        self.turns(head, turn, done, body, orelse);
    }

    fn while_(&mut self, id: StmtId, test: ExprId, body: Block, orelse: Block) {
        let head = self.new_block();
        self.goto(head);
        self.current = Some(head);
        self.put(id);
        let (turn, done) = (self.new_block(), self.new_block());
        self.condition(test, turn, done);
        self.turns(head, turn, done, body, orelse);
    }

    /// The body of a loop, and its `else`, which `break` passes by.
    fn turns(&mut self, head: BlockId, turn: BlockId, done: BlockId, body: Block, orelse: Block) {
        let after = self.new_block();
        self.around.push(Around::Loop { head, after });
        self.current = Some(turn);
        self.block(body);
        self.goto(head);
        self.around.pop();
        self.current = Some(done);
        self.block(orelse);
        self.goto(after);
        self.current = Some(after);
    }

    fn with(&mut self, id: StmtId, items: Run, body: Block) {
        self.simple(id);
        if !self.code.with(items).iter().any(|item| suppresses(self.code, item.context)) {
            self.block(body);
            return;
        }
        let after = self.new_block();
        self.around.push(Around::Suppress { after });
        self.watching += 1;
        // The statement itself is outside: its block ends here.
        let inside = self.new_block();
        self.goto(inside);
        self.current = Some(inside);
        self.block(body);
        self.goto(after);
        self.around.pop();
        self.watching -= 1;
        self.current = Some(after);
    }

    fn match_(&mut self, id: StmtId, cases: Run) {
        let mut block = self.put(id);
        let after = self.new_block();
        for case in self.code.match_cases(cases) {
            if self.is_full() {
                return;
            }
            let other = self.new_block();
            self.case(block, case, other);
            self.goto(after);
            self.current = Some(other);
            block = other;
        }
        self.goto(after);
        self.current = Some(after);
    }

    fn case(&mut self, block: BlockId, case: &Case, other: BlockId) {
        let body = self.new_block();
        let matched = if case.guard.is_some() { self.new_block() } else { body };
        let pattern = case.pattern;
        self.edge(block, matched, EdgeKind::Case { pattern, matches: true });
        if !self.always_matches(pattern) {
            self.edge(block, other, EdgeKind::Case { pattern, matches: false });
        }
        self.watch(block, true);
        if let Some(guard) = case.guard {
            self.current = Some(matched);
            self.condition(guard, body, other);
        }
        self.current = Some(body);
        self.block(case.body);
    }

    fn always_matches(&self, mut pattern: u32) -> bool {
        loop {
            match self.code.pattern(pattern) {
                Pattern::Bind(None, _) => return true,
                Pattern::Bind(Some(inner), _) => pattern = *inner,
                Pattern::Or(_) | Pattern::Value(_) | Pattern::Class { .. } | Pattern::Other(_) => {
                    return false;
                }
            }
        }
    }

    fn try_(&mut self, id: StmtId, body: Block, handlers: Run, orelse: Block, finally: Block) {
        self.put(id);
        let after = self.new_block();
        let mut end = after;
        if !finally.is_empty() {
            end = self.new_block();
            let max = if self.in_finally > 0 { 1 } else { COPIES_MAX };
            let by_way = FxHashMap::from_iter([(Way::Done, 0)]);
            self.around.push(Around::Finally(Copies { copies: vec![(vec![Way::Done], end)], by_way, max }));
            self.watching += 1;
        }
        let start = self.new_block();
        self.goto(start);
        self.current = Some(start);
        if handlers.is_empty() {
            self.block(body);
            self.block(orelse);
            self.goto(end);
        } else {
            self.guarded(start, body, self.code.except(handlers), orelse, end);
        }
        if !finally.is_empty() {
            self.watching -= 1;
            if let Some(Around::Finally(copies)) = self.around.pop() {
                self.finally(copies, finally, after);
            }
        }
        self.current = Some(after);
    }

    /// The body of a `try`, its clauses and its `else`.
    fn guarded(&mut self, start: BlockId, body: Block, handlers: &[Handler], orelse: Block, end: BlockId) {
        let dispatch = self.new_block();
        let clauses: Vec<(BlockId, Option<ExprId>)> =
            handlers.iter().map(|h| (self.new_block(), h.exception)).collect();
        let catches_all = handlers.iter().any(|h| catches_all(self.code, h.exception));
        self.around.push(Around::Try { dispatch, clauses: clauses.clone(), catches_all });
        self.watching += 1;
        self.block(body);
        self.watching -= 1;
        self.around.pop();
        // The `else` is not guarded, so its exceptions pass the clauses by: it begins a block.
        let unguarded = self.new_block();
        self.goto(unguarded);
        self.current = Some(unguarded);
        self.block(orelse);
        self.goto(end);
        let noticed = self.entered[dispatch.index()] || clauses.iter().any(|(clause, _)| self.entered[clause.index()]);
        if !noticed {
            // Nothing in it seems to raise; whoever wrote the clauses thought otherwise.
            self.edge(start, dispatch, EdgeKind::Raises);
        }
        if self.entered[dispatch.index()] {
            for (clause, exceptions) in &clauses {
                self.edge(dispatch, *clause, EdgeKind::Caught(*exceptions));
            }
            if !catches_all {
                self.leave(dispatch, Way::Unwind, EdgeKind::Raises);
            }
        }
        for ((clause, _), handler) in clauses.into_iter().zip(handlers) {
            self.current = Some(clause);
            self.block(handler.body);
            self.goto(end);
        }
    }

    fn finally(&mut self, copies: Copies, finally: Block, after: BlockId) {
        self.in_finally += 1;
        let used = |builder: &Self, first: BlockId| builder.entered[first.index()];
        let any_used = copies.copies.iter().any(|(_, first)| used(self, *first));
        for (index, (ways, first)) in copies.copies.into_iter().enumerate() {
            // A body that nothing enters is kept once, as code that never runs.
            if !used(self, first) && (any_used || index > 0) {
                continue;
            }
            self.current = Some(first);
            self.block(finally);
            let Some(last) = self.current.take() else {
                continue;
            };
            for way in ways {
                match way {
                    Way::Done => self.edge(last, after, EdgeKind::Next),
                    Way::Raise(_) | Way::Unwind => self.leave(last, way, EdgeKind::Raises),
                    Way::Return(_) | Way::Break | Way::Continue => self.leave(last, way, EdgeKind::Next),
                }
            }
        }
        self.in_finally -= 1;
    }

    /// Drops empty blocks that only lead on, and empty ones that nothing leads to; numbers the others anew.
    fn compact(self) -> Built {
        let Self { blocks, exits, complete, .. } = self;
        let mut leaves = vec![false; blocks.len()];
        for (block, _) in &exits {
            leaves[block.index()] = true;
        }
        let passes = |at: usize| match blocks[at].edges.as_slice() {
            [Edge { to, kind: EdgeKind::Next }] if at > 0 && blocks[at].statements.is_empty() && !leaves[at] => {
                Some(to.index())
            }
            _ => None,
        };
        let targets = targets(blocks.len(), passes);
        let kept = kept(&blocks, &targets);
        let mut numbers = vec![BlockId(0); blocks.len()];
        for (number, at) in kept.iter().enumerate() {
            numbers[*at] = BlockId::new(number);
        }
        let is_kept = |at: usize| kept.binary_search(&at).is_ok();
        let exits = exits
            .into_iter()
            .filter(|(block, _)| is_kept(block.index()))
            .map(|(block, exit)| (numbers[block.index()], exit))
            .collect();
        let mut compacted = Vec::with_capacity(kept.len());
        for at in &kept {
            let mut block = blocks[*at].clone();
            for edge in &mut block.edges {
                edge.to = numbers[targets[edge.to.index()]];
            }
            compacted.push(block);
        }
        Built { blocks: compacted, exits, complete }
    }
}

/// Where each block leads when blocks that only pass on are left out.
fn targets(count: usize, passes: impl Fn(usize) -> Option<usize>) -> Vec<usize> {
    let mut targets = vec![usize::MAX; count];
    let mut chain = Vec::new();
    for start in 0..count {
        let mut at = start;
        while targets[at] == usize::MAX {
            let Some(next) = passes(at).filter(|_| chain.len() < count) else {
                targets[at] = at;
                break;
            };
            chain.push(at);
            at = next;
        }
        let end = targets[at];
        for passed in chain.drain(..) {
            targets[passed] = end;
        }
    }
    targets
}

/// The blocks that stay, in order: those that run from the entry, and those with statements that nothing leads to.
fn kept(blocks: &[BasicBlock], targets: &[usize]) -> Vec<usize> {
    let mut kept = vec![false; blocks.len()];
    let with_statements = (0..blocks.len()).filter(|at| !blocks[*at].statements.is_empty());
    let mut pending: Vec<usize> = std::iter::once(0).chain(with_statements).collect();
    while let Some(at) = pending.pop() {
        if !std::mem::replace(&mut kept[at], true) {
            pending.extend(blocks[at].edges.iter().map(|edge| targets[edge.to.index()]));
        }
    }
    (0..blocks.len()).filter(|at| kept[*at]).collect()
}
