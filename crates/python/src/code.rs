//! The flat facts of one body of code: what `lower` makes of a syntax tree, and what everything else reads.
//!
//! A [`Code`] is the code of one module (class bodies included) or of one function. Nodes are `u32` ids into arenas, names are
//! interned, and positions are byte ranges in the file. The body of a function is not here: it is addressed by its [`Span`] and
//! lowered when somebody asks (`Program::body`).

use crate::intern::Symbol;

/// A byte range in a file; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub(crate) u32);

            impl $name {
                /// The position in its arena.
                pub fn index(self) -> usize {
                    self.0 as usize
                }
            }
        )*
    };
}

ids! {
    /// An expression of a [`Code`].
    ExprId,
    /// A statement of a [`Code`].
    StmtId,
    /// A function defined in a [`Code`]: a `def` or a `lambda`.
    FunctionId,
    /// A class defined in a [`Code`].
    ClassId,
}

/// A run of items in one of the arenas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Run {
    /// Whether it holds nothing.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// A sequence of statements.
pub type Block = Run;

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Python's operators by their usual names")]
pub enum BinaryOp {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Python's operators by their usual names")]
pub enum UnaryOp {
    Invert,
    Not,
    Plus,
    Minus,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Python's operators by their usual names")]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// What a comprehension builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the displays they build")]
pub enum ComprehensionKind {
    List,
    Set,
    Generator,
    /// `elt` is the key.
    Dict,
}

/// An expression.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "Python's expressions by their usual names")]
pub enum Expr {
    /// Something that could not be parsed.
    Invalid,
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// A float, a complex number, or an integer past 64 bits.
    OtherNumber,
    Str(Symbol),
    Bytes(Symbol),
    /// An f-string or t-string: literal parts are [`Expr::Str`], the others are formatted.
    Format(Run),
    Name(Symbol),
    Attribute(ExprId, Symbol),
    Subscript(ExprId, ExprId),
    Call {
        function: ExprId,
        arguments: Run,
    },
    Tuple(Run),
    List(Run),
    Set(Run),
    /// Pairs: key, value, key, value ... A `**mapping` has [`Expr::Invalid`] as its key.
    Dict(Run),
    Starred(ExprId),
    Binary(BinaryOp, ExprId, ExprId),
    Unary(UnaryOp, ExprId),
    And(Run),
    Or(Run),
    /// A chain of comparisons: `left`, then `rest` in `Code::comparisons`.
    Compare(ExprId, Run),
    Conditional {
        test: ExprId,
        body: ExprId,
        orelse: ExprId,
    },
    Lambda(FunctionId),
    Comprehension {
        kind: ComprehensionKind,
        element: ExprId,
        /// The value of a dict comprehension.
        value: Option<ExprId>,
        generators: Run,
    },
    Await(ExprId),
    Yield(Option<ExprId>),
    YieldFrom(ExprId),
    Walrus(ExprId, ExprId),
    /// `lower:upper:step`; what is left out is [`Expr::None`].
    Slice(Run),
}

/// One argument of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Argument {
    /// How it is passed.
    pub kind: ArgumentKind,
    /// What is passed.
    pub value: ExprId,
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// `f(x)`
    Positional,
    /// `f(*x)`
    Star,
    /// `f(name=x)`
    Keyword(Symbol),
    /// `f(**x)`
    DoubleStar,
}

/// One `for` of a comprehension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Generator {
    /// What is bound.
    pub target: ExprId,
    /// What is iterated.
    pub iter: ExprId,
    /// The conditions.
    pub conditions: Run,
}

/// A name of an `import` statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alias {
    /// The (dotted) name, or `*`.
    pub name: Symbol,
    /// The name after `as`.
    pub asname: Option<Symbol>,
}

/// One `except` clause.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Handler {
    /// The exception class or tuple of classes; none catches everything.
    pub exception: Option<ExprId>,
    /// The name it is bound to.
    pub name: Option<Symbol>,
    /// What it does.
    pub body: Block,
    /// Where it stands.
    pub span: Span,
}

/// One item of a `with` statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithItem {
    /// The context manager.
    pub context: ExprId,
    /// What it is bound to.
    pub target: Option<ExprId>,
}

/// One `case` of a `match` statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// The pattern, an index into `Code::patterns`.
    pub pattern: u32,
    /// The `if` behind the pattern.
    pub guard: Option<ExprId>,
    /// What it does.
    pub body: Block,
}

/// A pattern of a `case`.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Equal to a value.
    Value(ExprId),
    /// A class pattern; the names it binds are [`Pattern::Class::binds`].
    Class {
        /// The class.
        class: ExprId,
        /// Names bound below it.
        binds: Vec<Symbol>,
        /// Whether it tests nothing but the class.
        bare: bool,
    },
    /// `_` or a bare name, or `pattern as name`.
    Bind(Option<u32>, Option<Symbol>),
    /// One of several.
    Or(Vec<u32>),
    /// Sequences, mappings: only the names they bind are kept.
    Other(Vec<Symbol>),
}

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "Python's statements by their usual names")]
pub enum Stmt {
    Expr(ExprId),
    Assign {
        targets: Run,
        value: ExprId,
    },
    AnnAssign {
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
    },
    AugAssign {
        target: ExprId,
        op: BinaryOp,
        value: ExprId,
    },
    Return(Option<ExprId>),
    Raise {
        exception: Option<ExprId>,
        cause: Option<ExprId>,
    },
    Assert {
        test: ExprId,
        message: Option<ExprId>,
    },
    Delete(Run),
    Pass,
    Break,
    Continue,
    /// Names in `Code::symbols`.
    Global(Run),
    /// Names in `Code::symbols`.
    Nonlocal(Run),
    /// Aliases in `Code::aliases`.
    Import(Run),
    ImportFrom {
        module: Option<Symbol>,
        level: u32,
        names: Run,
    },
    If {
        test: ExprId,
        body: Block,
        orelse: Block,
    },
    For {
        target: ExprId,
        iter: ExprId,
        body: Block,
        orelse: Block,
    },
    While {
        test: ExprId,
        body: Block,
        orelse: Block,
    },
    With {
        items: Run,
        body: Block,
    },
    Try {
        body: Block,
        handlers: Run,
        orelse: Block,
        finally: Block,
    },
    Match {
        subject: ExprId,
        cases: Run,
    },
    Function(FunctionId),
    Class(ClassId),
    TypeAlias {
        name: Symbol,
        value: ExprId,
    },
}

/// How a parameter takes its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// Before a `/`.
    PositionalOnly,
    /// An ordinary parameter.
    Ordinary,
    /// `*args`
    VarPositional,
    /// Behind a `*`.
    KeywordOnly,
    /// `**kwargs`
    VarKeyword,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Symbol,
    /// How it takes its argument.
    pub kind: ParameterKind,
    /// Its annotation, evaluated where the function is defined.
    pub annotation: Option<ExprId>,
    /// Its default, evaluated where the function is defined.
    pub default: Option<ExprId>,
    /// Where its name stands.
    pub span: Span,
}

/// Where the body of a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionBody {
    /// A `def`: from the keyword to the end of the body. Lowered on demand.
    Deferred(Span),
    /// A `lambda`: an expression of the same [`Code`].
    Expression(ExprId),
}

/// The signature of a `def` or `lambda`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Function {
    /// Its name; `<lambda>` for a lambda.
    pub name: Symbol,
    /// Where the name stands (for a lambda, where it stands): the line of `def`.
    pub name_span: Span,
    /// Its parameters.
    pub parameters: Run,
    /// Its return annotation.
    pub returns: Option<ExprId>,
    /// Its decorators, from the top.
    pub decorators: Run,
    /// `async def`
    pub is_async: bool,
    /// Its body.
    pub body: FunctionBody,
}

/// A class statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub name_span: Span,
    /// Bases and keywords (`metaclass=`, `table=`).
    pub arguments: Run,
    /// Its decorators, from the top.
    pub decorators: Run,
    /// Its body.
    pub body: Block,
}

/// The facts of one body of code.
#[derive(Debug, Default)]
pub struct Code {
    /// What runs, in order.
    pub body: Block,
    /// Whether a `yield` stands in it: the body of a generator.
    pub has_yield: bool,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) expr_spans: Vec<Span>,
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) stmt_spans: Vec<Span>,
    pub(crate) blocks: Vec<StmtId>,
    pub(crate) lists: Vec<ExprId>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) comparisons: Vec<(CompareOp, ExprId)>,
    pub(crate) generators: Vec<Generator>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) handlers: Vec<Handler>,
    pub(crate) with_items: Vec<WithItem>,
    pub(crate) cases: Vec<Case>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
}

macro_rules! runs {
    ($($(#[$doc:meta])* $name:ident: $arena:ident -> $item:ty),* $(,)?) => {
        $(
            $(#[$doc])*
            pub fn $name(&self, run: Run) -> &[$item] {
                &self.$arena[run.range()]
            }
        )*
    };
}

impl Code {
    /// An expression.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs[id.index()]
    }

    /// All expressions: those inside others, too.
    pub fn exprs(&self) -> impl Iterator<Item = (ExprId, Expr)> {
        (0..).map(ExprId).zip(self.exprs.iter().copied())
    }

    /// Where an expression stands.
    pub fn expr_span(&self, id: ExprId) -> Span {
        self.expr_spans[id.index()]
    }

    /// All statements, in no particular order: those of blocks inside blocks, too.
    pub fn stmts(&self) -> &[Stmt] {
        &self.stmts
    }

    /// The same with where each stands.
    pub fn statements_with_spans(&self) -> impl Iterator<Item = (Stmt, Span)> {
        self.stmts.iter().copied().zip(self.stmt_spans.iter().copied())
    }

    /// All functions.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// All classes.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// A statement.
    pub fn stmt(&self, id: StmtId) -> Stmt {
        self.stmts[id.index()]
    }

    /// Where a statement stands.
    pub fn stmt_span(&self, id: StmtId) -> Span {
        self.stmt_spans[id.index()]
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// A class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }

    /// A pattern.
    pub fn pattern(&self, index: u32) -> &Pattern {
        &self.patterns[index as usize]
    }

    runs! {
        /// The statements of a block.
        block: blocks -> StmtId,
        /// Expressions of a display, targets, decorators.
        list: lists -> ExprId,
        /// The arguments of a call or class.
        call_arguments: arguments -> Argument,
        /// The tail of a chain of comparisons.
        compare: comparisons -> (CompareOp, ExprId),
        /// The generators of a comprehension.
        comprehension: generators -> Generator,
        /// The names of an import.
        import: aliases -> Alias,
        /// The names of `global` and `nonlocal`.
        names: symbols -> Symbol,
        /// The `except` clauses of a `try`.
        except: handlers -> Handler,
        /// The items of a `with`.
        with: with_items -> WithItem,
        /// The cases of a `match`.
        match_cases: cases -> Case,
        /// The parameters of a function.
        params: parameters -> Parameter,
    }
}
