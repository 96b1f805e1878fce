//! Lowering of statements, functions, classes and patterns.

use ruff_python_ast as ast;
use ruff_python_ast::{Pattern as AstPattern, Stmt as Ast};
use ruff_text_size::Ranged;

use super::expressions::binary;
use super::{Lowering, append, deferred, id, span};
use crate::code::{
    Alias, Block, Case, Class, ClassId, Code, Expr, ExprId, Function, FunctionId, Handler, Pattern, Run, Span, Stmt,
    StmtId, WithItem,
};
use crate::intern::Symbol;

impl Lowering<'_> {
    pub(super) fn block(&mut self, body: &[Ast]) -> Block {
        let mut ids = Vec::with_capacity(body.len());
        for node in body {
            if is_docstring(node) {
                continue;
            }
            let stmt = self.stmt(node);
            ids.push(StmtId(id(self.code.stmts.len())));
            self.code.stmts.push(stmt);
            self.code.stmt_spans.push(span(node));
        }
        append(&mut self.code.blocks, ids)
    }

    fn stmt(&mut self, node: &Ast) -> Stmt {
        match node {
            Ast::Expr(e) => Stmt::Expr(self.expr(&e.value)),
            Ast::Assign(a) => Stmt::Assign { targets: self.list(&a.targets), value: self.expr(&a.value) },
            Ast::AnnAssign(a) => Stmt::AnnAssign {
                target: self.expr(&a.target),
                annotation: self.expr(&a.annotation),
                value: self.optional(a.value.as_deref()),
            },
            Ast::AugAssign(a) => {
                Stmt::AugAssign { target: self.expr(&a.target), op: binary(a.op), value: self.expr(&a.value) }
            }
            Ast::Return(r) => match r.value.as_deref() {
                Some(ast::Expr::If(choice)) if compares(&choice.test) => self.return_either(choice, span(node)),
                value => Stmt::Return(self.optional(value)),
            },
            Ast::Raise(r) => {
                Stmt::Raise { exception: self.optional(r.exc.as_deref()), cause: self.optional(r.cause.as_deref()) }
            }
            Ast::Assert(a) => Stmt::Assert { test: self.expr(&a.test), message: self.optional(a.msg.as_deref()) },
            Ast::Delete(d) => Stmt::Delete(self.list(&d.targets)),
            Ast::Break(_) => Stmt::Break,
            Ast::Continue(_) => Stmt::Continue,
            Ast::Global(g) => Stmt::Global(self.symbols(&g.names)),
            Ast::Nonlocal(n) => Stmt::Nonlocal(self.symbols(&n.names)),
            Ast::Import(i) => Stmt::Import(self.aliases(&i.names)),
            Ast::ImportFrom(i) => Stmt::ImportFrom {
                module: i.module.as_ref().map(|m| Symbol::new(m.as_str())),
                level: i.level,
                names: self.aliases(&i.names),
            },
            Ast::If(i) => self.if_chain(i),
            Ast::For(f) => Stmt::For {
                target: self.expr(&f.target),
                iter: self.expr(&f.iter),
                body: self.block(&f.body),
                orelse: self.block(&f.orelse),
            },
            Ast::While(w) => {
                Stmt::While { test: self.expr(&w.test), body: self.block(&w.body), orelse: self.block(&w.orelse) }
            }
            Ast::With(w) => self.with(w),
            Ast::Try(t) => self.try_(t),
            Ast::Match(m) => self.match_(m),
            Ast::FunctionDef(f) => Stmt::Function(self.function(f)),
            Ast::ClassDef(c) => Stmt::Class(self.class(c)),
            Ast::TypeAlias(t) => match t.name.as_ref() {
                ast::Expr::Name(n) => Stmt::TypeAlias { name: Symbol::new(n.id.as_str()), value: self.expr(&t.value) },
                _ => Stmt::Pass,
            },
            Ast::Pass(_) | Ast::IpyEscapeCommand(_) => Stmt::Pass,
        }
    }

    fn optional(&mut self, node: Option<&ast::Expr>) -> Option<ExprId> {
        node.map(|n| self.expr(n))
    }

    fn symbols(&mut self, names: &[ast::Identifier]) -> Run {
        append(&mut self.code.symbols, names.iter().map(|n| Symbol::new(n.as_str())))
    }

    fn aliases(&mut self, names: &[ast::Alias]) -> Run {
        let alias = |a: &ast::Alias| Alias {
            name: Symbol::new(a.name.as_str()),
            asname: a.asname.as_ref().map(|n| Symbol::new(n.as_str())),
        };
        append(&mut self.code.aliases, names.iter().map(alias))
    }

    /// `return a if x == y else b` is `if x == y: return a` and `return b` otherwise: each is reached by its own way. What a plain
    /// flag chooses stays one value, which may be one of two.
    fn return_either(&mut self, choice: &ast::ExprIf, whole: Span) -> Stmt {
        let test = self.expr(&choice.test);
        let [body, orelse] = [&choice.body, &choice.orelse].map(|value| {
            let statement = match &**value {
                ast::Expr::If(inner) if compares(&inner.test) => self.return_either(inner, whole),
                other => Stmt::Return(Some(self.expr(other))),
            };
            let returned = StmtId(id(self.code.stmts.len()));
            self.code.stmts.push(statement);
            self.code.stmt_spans.push(whole);
            append(&mut self.code.blocks, [returned])
        });
        Stmt::If { test, body, orelse }
    }

    /// `if / elif / else` becomes nested [`Stmt::If`], built from the last clause up.
    fn if_chain(&mut self, node: &ast::StmtIf) -> Stmt {
        let mut orelse = Block::default();
        for clause in node.elif_else_clauses.iter().rev() {
            let body = self.block(&clause.body);
            let Some(test) = &clause.test else {
                orelse = body;
                continue;
            };
            let test = self.expr(test);
            let stmt_id = StmtId(id(self.code.stmts.len()));
            self.code.stmts.push(Stmt::If { test, body, orelse });
            self.code.stmt_spans.push(span(clause));
            orelse = append(&mut self.code.blocks, [stmt_id]);
        }
        Stmt::If { test: self.expr(&node.test), body: self.block(&node.body), orelse }
    }

    fn with(&mut self, node: &ast::StmtWith) -> Stmt {
        let mut items = Vec::with_capacity(node.items.len());
        for item in &node.items {
            let context = self.expr(&item.context_expr);
            let target = self.optional(item.optional_vars.as_deref());
            items.push(WithItem { context, target });
        }
        Stmt::With { items: append(&mut self.code.with_items, items), body: self.block(&node.body) }
    }

    fn try_(&mut self, node: &ast::StmtTry) -> Stmt {
        let body = self.block(&node.body);
        let mut handlers = Vec::with_capacity(node.handlers.len());
        for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
            let exception = self.optional(handler.type_.as_deref());
            let name = handler.name.as_ref().map(|n| Symbol::new(n.as_str()));
            let body = self.block(&handler.body);
            handlers.push(Handler { exception, name, body, span: span(handler) });
        }
        let handlers = append(&mut self.code.handlers, handlers);
        Stmt::Try { body, handlers, orelse: self.block(&node.orelse), finally: self.block(&node.finalbody) }
    }

    fn match_(&mut self, node: &ast::StmtMatch) -> Stmt {
        let subject = self.expr(&node.subject);
        let mut cases = Vec::with_capacity(node.cases.len());
        for case in &node.cases {
            let pattern = self.pattern(&case.pattern);
            let guard = self.optional(case.guard.as_deref());
            let body = self.block(&case.body);
            cases.push(Case { pattern, guard, body });
        }
        Stmt::Match { subject, cases: append(&mut self.code.cases, cases) }
    }

    fn pattern(&mut self, node: &AstPattern) -> u32 {
        let pattern = match node {
            AstPattern::MatchValue(v) => Pattern::Value(self.expr(&v.value)),
            AstPattern::MatchSingleton(s) => {
                let expr = match s.value {
                    ast::Singleton::None => Expr::None,
                    ast::Singleton::True => Expr::True,
                    ast::Singleton::False => Expr::False,
                };
                Pattern::Value(self.push(expr, span(s)))
            }
            AstPattern::MatchClass(c) => Pattern::Class {
                class: self.expr(&c.cls),
                binds: names_bound(node),
                bare: c.arguments.patterns.is_empty() && c.arguments.keywords.is_empty(),
            },
            AstPattern::MatchAs(a) => {
                let inner = a.pattern.as_deref().map(|p| self.pattern(p));
                Pattern::Bind(inner, a.name.as_ref().map(|n| Symbol::new(n.as_str())))
            }
            AstPattern::MatchOr(o) => Pattern::Or(o.patterns.iter().map(|p| self.pattern(p)).collect()),
            AstPattern::MatchSequence(_) | AstPattern::MatchMapping(_) | AstPattern::MatchStar(_) => {
                Pattern::Other(names_bound(node))
            }
        };
        let index = id(self.code.patterns.len());
        self.code.patterns.push(pattern);
        index
    }

    fn function(&mut self, node: &ast::StmtFunctionDef) -> FunctionId {
        let decorators: Vec<_> = node.decorator_list.iter().map(|d| self.expr(&d.expression)).collect();
        let decorators = append(&mut self.code.lists, decorators);
        let parameters = self.parameters(&node.parameters);
        let returns = self.optional(node.returns.as_deref());
        let name_span = span(&node.name);
        let body = deferred(self.text, name_span, node.range().end().to_u32(), node.is_async);
        self.body_if_wanted(body, &node.body);
        let function_id = FunctionId(id(self.code.functions.len()));
        self.code.functions.push(Function {
            name: Symbol::new(node.name.as_str()),
            name_span,
            parameters,
            returns,
            decorators,
            is_async: node.is_async,
            body,
        });
        function_id
    }

    fn class(&mut self, node: &ast::StmtClassDef) -> ClassId {
        let decorators: Vec<_> = node.decorator_list.iter().map(|d| self.expr(&d.expression)).collect();
        let decorators = append(&mut self.code.lists, decorators);
        let arguments = node.arguments.as_deref().map_or_else(Run::default, |a| self.call_arguments(a));
        let body = self.block(&node.body);
        let class_id = ClassId(id(self.code.classes.len()));
        self.code.classes.push(Class {
            name: Symbol::new(node.name.as_str()),
            name_span: span(&node.name),
            arguments,
            decorators,
            body,
        });
        class_id
    }
}

/// Whether a test compares something.
fn compares(test: &ast::Expr) -> bool {
    match test {
        ast::Expr::Compare(_) => true,
        ast::Expr::BoolOp(operands) => operands.values.iter().any(compares),
        ast::Expr::UnaryOp(negated) => compares(&negated.operand),
        _ => false,
    }
}

/// A string that stands alone has no effect.
fn is_docstring(node: &Ast) -> bool {
    matches!(node, Ast::Expr(e) if e.value.is_string_literal_expr())
}

/// The names that a pattern binds, however deep.
fn names_bound(pattern: &AstPattern) -> Vec<Symbol> {
    let mut names = Vec::new();
    let mut pending = vec![pattern];
    while let Some(p) = pending.pop() {
        match p {
            AstPattern::MatchSequence(s) => pending.extend(&s.patterns),
            AstPattern::MatchOr(o) => pending.extend(&o.patterns),
            AstPattern::MatchMapping(m) => {
                pending.extend(&m.patterns);
                names.extend(m.rest.as_ref().map(|n| Symbol::new(n.as_str())));
            }
            AstPattern::MatchClass(c) => {
                pending.extend(&c.arguments.patterns);
                pending.extend(c.arguments.keywords.iter().map(|k| &k.pattern));
            }
            AstPattern::MatchStar(s) => names.extend(s.name.as_ref().map(|n| Symbol::new(n.as_str()))),
            AstPattern::MatchAs(a) => {
                pending.extend(a.pattern.as_deref());
                names.extend(a.name.as_ref().map(|n| Symbol::new(n.as_str())));
            }
            AstPattern::MatchValue(_) | AstPattern::MatchSingleton(_) => {}
        }
    }
    names
}

impl Code {
    pub(super) fn shrink(&mut self) {
        self.exprs.shrink_to_fit();
        self.expr_spans.shrink_to_fit();
        self.stmts.shrink_to_fit();
        self.stmt_spans.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.arguments.shrink_to_fit();
        self.parameters.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.classes.shrink_to_fit();
    }
}
