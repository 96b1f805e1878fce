//! Lowering of expressions.

use ruff_python_ast as ast;
use ruff_python_ast::{Expr as Ast, FStringPart, InterpolatedStringElement, Number};
use ruff_text_size::Ranged;

use super::{Lowering, append, id, span, span_of};
use crate::code::{
    Argument, ArgumentKind, BinaryOp, CompareOp, ComprehensionKind, Expr, ExprId, Function, FunctionBody, FunctionId,
    Generator, Parameter, ParameterKind, Run, UnaryOp,
};
use crate::intern::{Symbol, known};

/// String constants longer than this are kept by their beginning: nobody asks for the text of a prompt or a licence.
pub(crate) const STRING_BYTES_MAX: usize = 4096;

impl Lowering<'_> {
    pub(super) fn expr(&mut self, node: &Ast) -> ExprId {
        let at = span(node);
        let expr = match node {
            Ast::BinOp(_) => return self.binary_spine(node),
            Ast::Call(_) | Ast::Attribute(_) | Ast::Subscript(_) => {
                return self.postfix_spine(node);
            }
            Ast::NoneLiteral(_) => Expr::None,
            Ast::EllipsisLiteral(_) => Expr::Ellipsis,
            Ast::BooleanLiteral(b) => {
                if b.value {
                    Expr::True
                } else {
                    Expr::False
                }
            }
            Ast::NumberLiteral(n) => number(&n.value),
            Ast::StringLiteral(s) => Expr::Str(text_symbol(s.value.to_str())),
            Ast::BytesLiteral(b) => Expr::Bytes(bytes_symbol(b.value.bytes())),
            Ast::FString(f) => Expr::Format(self.f_string(f)),
            Ast::TString(t) => Expr::Format(self.t_string(t)),
            Ast::Name(n) => Expr::Name(Symbol::new(n.id.as_str())),
            Ast::Starred(s) => Expr::Starred(self.expr(&s.value)),
            Ast::Tuple(t) => Expr::Tuple(self.list(&t.elts)),
            Ast::List(l) => Expr::List(self.list(&l.elts)),
            Ast::Set(s) => Expr::Set(self.list(&s.elts)),
            Ast::Dict(d) => Expr::Dict(self.dict(d)),
            Ast::UnaryOp(u) => Expr::Unary(unary(u.op), self.expr(&u.operand)),
            Ast::BoolOp(b) => {
                let values = self.list(&b.values);
                if b.op == ast::BoolOp::And { Expr::And(values) } else { Expr::Or(values) }
            }
            Ast::Compare(c) => self.comparison(c),
            Ast::If(i) => {
                Expr::Conditional { test: self.expr(&i.test), body: self.expr(&i.body), orelse: self.expr(&i.orelse) }
            }
            Ast::Lambda(l) => Expr::Lambda(self.lambda(l)),
            Ast::ListComp(c) => self.comprehension(ComprehensionKind::List, &c.elt, None, &c.generators),
            Ast::SetComp(c) => self.comprehension(ComprehensionKind::Set, &c.elt, None, &c.generators),
            Ast::Generator(c) => self.comprehension(ComprehensionKind::Generator, &c.elt, None, &c.generators),
            Ast::DictComp(c) => {
                let key = c.key.as_deref().unwrap_or(&c.value);
                self.comprehension(ComprehensionKind::Dict, key, Some(&c.value), &c.generators)
            }
            Ast::Await(a) => Expr::Await(self.expr(&a.value)),
            Ast::Yield(y) => {
                self.code.has_yield = true;
                Expr::Yield(y.value.as_deref().map(|v| self.expr(v)))
            }
            Ast::YieldFrom(y) => {
                self.code.has_yield = true;
                Expr::YieldFrom(self.expr(&y.value))
            }
            Ast::Named(n) => Expr::Walrus(self.expr(&n.target), self.expr(&n.value)),
            Ast::Slice(s) => self.slice(s),
            Ast::IpyEscapeCommand(_) => Expr::Invalid,
        };
        self.push(expr, at)
    }

    /// `a + b + c ...`: the tree is deep on the left; it is walked down in a loop.
    fn binary_spine(&mut self, node: &Ast) -> ExprId {
        let mut spine = Vec::new();
        let mut leftmost = node;
        while let Ast::BinOp(b) = leftmost {
            spine.push(b);
            leftmost = &b.left;
        }
        let mut left = self.expr(leftmost);
        for b in spine.into_iter().rev() {
            let right = self.expr(&b.right);
            left = self.push(Expr::Binary(binary(b.op), left, right), span(b));
        }
        left
    }

    /// `a.b(c)[d].e ...`: deep on the left as well.
    fn postfix_spine(&mut self, node: &Ast) -> ExprId {
        let mut spine = Vec::new();
        let mut leftmost = node;
        loop {
            let next = match leftmost {
                Ast::Call(c) => &c.func,
                Ast::Attribute(a) => &a.value,
                Ast::Subscript(s) => &s.value,
                _ => break,
            };
            spine.push(leftmost);
            leftmost = next;
        }
        let mut left = self.expr(leftmost);
        for outer in spine.into_iter().rev() {
            let expr = match outer {
                Ast::Call(c) => Expr::Call { function: left, arguments: self.call_arguments(&c.arguments) },
                Ast::Attribute(a) => Expr::Attribute(left, Symbol::new(a.attr.as_str())),
                Ast::Subscript(s) => Expr::Subscript(left, self.expr(&s.slice)),
                _ => Expr::Invalid,
            };
            left = self.push(expr, span(outer));
        }
        left
    }

    /// `lower:upper:step`; what is left out is `None`.
    fn slice(&mut self, node: &ast::ExprSlice) -> Expr {
        let bounds = [&node.lower, &node.upper, &node.step];
        let ids = bounds.map(|bound| match bound.as_deref() {
            Some(bound) => self.expr(bound),
            None => self.push(Expr::None, span(node)),
        });
        Expr::Slice(append(&mut self.code.lists, ids.to_vec()))
    }

    pub(super) fn list(&mut self, nodes: &[Ast]) -> Run {
        let ids: Vec<ExprId> = nodes.iter().map(|n| self.expr(n)).collect();
        append(&mut self.code.lists, ids)
    }

    fn dict(&mut self, dict: &ast::ExprDict) -> Run {
        let mut ids = Vec::with_capacity(dict.items.len() * 2);
        for item in &dict.items {
            ids.push(match &item.key {
                Some(key) => self.expr(key),
                None => self.push(Expr::Invalid, span(&item.value)),
            });
            ids.push(self.expr(&item.value));
        }
        append(&mut self.code.lists, ids)
    }

    pub(super) fn call_arguments(&mut self, arguments: &ast::Arguments) -> Run {
        let mut lowered = Vec::with_capacity(arguments.args.len() + arguments.keywords.len());
        for value in &arguments.args {
            lowered.push(match value {
                Ast::Starred(s) => Argument { kind: ArgumentKind::Star, value: self.expr(&s.value) },
                other => Argument { kind: ArgumentKind::Positional, value: self.expr(other) },
            });
        }
        for keyword in &arguments.keywords {
            let kind = match &keyword.arg {
                Some(name) => ArgumentKind::Keyword(Symbol::new(name.as_str())),
                None => ArgumentKind::DoubleStar,
            };
            lowered.push(Argument { kind, value: self.expr(&keyword.value) });
        }
        append(&mut self.code.arguments, lowered)
    }

    fn comparison(&mut self, c: &ast::ExprCompare) -> Expr {
        let left = self.expr(&c.left);
        let rest: Vec<_> =
            c.ops.iter().zip(&c.comparators).map(|(op, right)| (compare(*op), self.expr(right))).collect();
        Expr::Compare(left, append(&mut self.code.comparisons, rest))
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: &Ast,
        value: Option<&Ast>,
        generators: &[ast::Comprehension],
    ) -> Expr {
        let mut lowered = Vec::with_capacity(generators.len());
        for g in generators {
            let target = self.expr(&g.target);
            let iter = self.expr(&g.iter);
            let conditions = self.list(&g.ifs);
            lowered.push(Generator { target, iter, conditions });
        }
        let element = self.expr(element);
        let value = value.map(|v| self.expr(v));
        Expr::Comprehension { kind, element, value, generators: append(&mut self.code.generators, lowered) }
    }

    fn lambda(&mut self, lambda: &ast::ExprLambda) -> FunctionId {
        let parameters = lambda.parameters.as_deref().map_or_else(Run::default, |p| self.parameters(p));
        let body = self.expr(&lambda.body);
        let function = Function {
            name: Symbol::new("<lambda>"),
            name_span: span(lambda),
            parameters,
            returns: None,
            decorators: Run::default(),
            is_async: false,
            body: FunctionBody::Expression(body),
        };
        let function_id = FunctionId(id(self.code.functions.len()));
        self.code.functions.push(function);
        function_id
    }

    pub(super) fn parameters(&mut self, parameters: &ast::Parameters) -> Run {
        let mut lowered = Vec::with_capacity(parameters.len());
        let groups =
            [(&parameters.posonlyargs, ParameterKind::PositionalOnly), (&parameters.args, ParameterKind::Ordinary)];
        for (group, kind) in groups {
            lowered.extend(group.iter().map(|p| self.parameter(&p.parameter, p.default.as_deref(), kind)));
        }
        if let Some(p) = &parameters.vararg {
            lowered.push(self.parameter(p, None, ParameterKind::VarPositional));
        }
        for p in &parameters.kwonlyargs {
            lowered.push(self.parameter(&p.parameter, p.default.as_deref(), ParameterKind::KeywordOnly));
        }
        if let Some(p) = &parameters.kwarg {
            lowered.push(self.parameter(p, None, ParameterKind::VarKeyword));
        }
        append(&mut self.code.parameters, lowered)
    }

    fn parameter(&mut self, p: &ast::Parameter, default: Option<&Ast>, kind: ParameterKind) -> Parameter {
        Parameter {
            name: Symbol::new(p.name.as_str()),
            kind,
            annotation: p.annotation.as_deref().map(|a| self.expr(a)),
            default: default.map(|d| self.expr(d)),
            span: span(&p.name),
        }
    }

    fn f_string(&mut self, f: &ast::ExprFString) -> Run {
        let mut parts = Vec::new();
        for part in f.value.as_slice() {
            match part {
                FStringPart::Literal(s) => parts.push(self.push(Expr::Str(text_symbol(s.as_str())), span(s))),
                FStringPart::FString(f) => self.interpolated(&f.elements, &mut parts),
            }
        }
        append(&mut self.code.lists, parts)
    }

    fn t_string(&mut self, t: &ast::ExprTString) -> Run {
        let mut parts = Vec::new();
        for part in t.value.as_slice() {
            self.interpolated(&part.elements, &mut parts);
        }
        append(&mut self.code.lists, parts)
    }

    fn interpolated(&mut self, elements: &ast::InterpolatedStringElements, parts: &mut Vec<ExprId>) {
        for element in elements {
            parts.push(match element {
                InterpolatedStringElement::Literal(l) => {
                    self.push(Expr::Str(text_symbol(&l.value)), span_of(l.range()))
                }
                InterpolatedStringElement::Interpolation(i) => self.expr(&i.expression),
            });
        }
    }
}

pub(super) fn text_symbol(text: &str) -> Symbol {
    if text.is_empty() {
        return known::EMPTY;
    }
    Symbol::new(&text[..text.floor_char_boundary(STRING_BYTES_MAX)])
}

fn bytes_symbol(bytes: impl Iterator<Item = u8>) -> Symbol {
    let bytes: Vec<u8> = bytes.take(STRING_BYTES_MAX).collect();
    Symbol::new(&String::from_utf8_lossy(&bytes))
}

fn number(number: &Number) -> Expr {
    match number {
        Number::Int(int) => int.as_i64().map_or(Expr::OtherNumber, Expr::Int),
        _ => Expr::OtherNumber,
    }
}

pub(super) fn binary(op: ast::Operator) -> BinaryOp {
    use ast::Operator as O;
    match op {
        O::Add => BinaryOp::Add,
        O::Sub => BinaryOp::Sub,
        O::Mult => BinaryOp::Mult,
        O::MatMult => BinaryOp::MatMult,
        O::Div => BinaryOp::Div,
        O::Mod => BinaryOp::Mod,
        O::Pow => BinaryOp::Pow,
        O::LShift => BinaryOp::LShift,
        O::RShift => BinaryOp::RShift,
        O::BitOr => BinaryOp::BitOr,
        O::BitXor => BinaryOp::BitXor,
        O::BitAnd => BinaryOp::BitAnd,
        O::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn unary(op: ast::UnaryOp) -> UnaryOp {
    match op {
        ast::UnaryOp::Invert => UnaryOp::Invert,
        ast::UnaryOp::Not => UnaryOp::Not,
        ast::UnaryOp::UAdd => UnaryOp::Plus,
        ast::UnaryOp::USub => UnaryOp::Minus,
    }
}

fn compare(op: ast::CmpOp) -> CompareOp {
    use ast::CmpOp as O;
    match op {
        O::Eq => CompareOp::Eq,
        O::NotEq => CompareOp::NotEq,
        O::Lt => CompareOp::Lt,
        O::LtE => CompareOp::LtE,
        O::Gt => CompareOp::Gt,
        O::GtE => CompareOp::GtE,
        O::Is => CompareOp::Is,
        O::IsNot => CompareOp::IsNot,
        O::In => CompareOp::In,
        O::NotIn => CompareOp::NotIn,
    }
}
