//! Classes: definition, method resolution order, instances, enumerations and records (dataclasses, models).

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Eval, Interp};
use crate::code::{ArgumentKind, Block, ClassId, Code, Expr, Stmt};
use crate::intern::{Symbol, known};
use crate::value::{Arguments, ClassValue, Kind, Labels, Obj, Site, Unknown, Value};

impl Interp<'_> {
    pub(super) fn define_class(&mut self, id: ClassId) -> Eval<()> {
        let code = Arc::clone(&self.frame().code);
        let class = *code.class(id);
        let decorators = code.list(class.decorators).to_vec();
        let mut evaluated = Vec::with_capacity(decorators.len());
        for decorator in &decorators {
            evaluated.push((self.eval(*decorator)?, self.site(code.expr_span(*decorator))));
        }
        let value = self.class_value(id, &code)?;
        let mut result = value;
        for (decorator, site) in evaluated.into_iter().rev() {
            result = self.decorate(&decorator, result, site);
        }
        self.bind(class.name, result);
        Ok(())
    }

    fn class_value(&mut self, id: ClassId, code: &Arc<Code>) -> Eval<Value> {
        let class = *code.class(id);
        let (mut bases, mut keywords) = (Vec::new(), Vec::new());
        for argument in code.call_arguments(class.arguments) {
            let value = self.eval(argument.value)?;
            match argument.kind {
                ArgumentKind::Keyword(name) => keywords.push((name, value)),
                ArgumentKind::Positional => bases.push(value),
                ArgumentKind::Star => bases.extend(self.iterate(&value).unwrap_or_default()),
                ArgumentKind::DoubleStar => {}
            }
        }
        let outer = self.frame().scope;
        let module = self.frame_of_names(outer).module;
        let inner = self.new_scope(Some(outer), module);
        self.scope_mut(inner).is_class = true;
        let module_name = module
            .and_then(|m| self.name_in(m, known::NAME))
            .and_then(|v| v.as_str().map(Symbol::new))
            .unwrap_or(known::EMPTY);
        let site = self.site(class.name_span);
        let value = ClassValue {
            name: class.name,
            module: module_name,
            qualified: Symbol::new(&format!("{module_name}.{}", class.name)),
            file: self.frame().file,
            code: Arc::clone(code),
            id,
            scope: inner,
            bases,
            mro: Vec::new(),
            keywords,
            annotations: annotations_of(code, class.body),
        };
        let made = self.make(Kind::Class(Box::new(value)), site);
        let Value::Object(obj) = made else { unreachable!("`make` makes objects") };
        self.classes.push(obj);
        self.set_mro(obj);
        self.run_class_body(obj, inner, class.body, code);
        self.class_created(obj, site);
        Ok(made)
    }

    fn run_class_body(&mut self, obj: Obj, inner: crate::value::ScopeId, body: Block, code: &Arc<Code>) {
        let outer_scope = std::mem::replace(&mut self.frame_mut().scope, inner);
        let outer_class = self.frame_mut().class.replace(obj);
        self.module_statements(body);
        let frame = self.frame_mut();
        frame.scope = outer_scope;
        frame.class = outer_class;
        let mut order = Vec::new();
        names_bound(code, body, &mut order);
        let names = Rc::clone(&self.scope(inner).names);
        for name in &order {
            if let Some(value) = names.get(*name) {
                self.attributes_mut(obj, *name).set(*name, value.clone());
            }
        }
        let seen: FxHashSet<Symbol> = order.into_iter().collect();
        let mut rest: Vec<(Symbol, Value)> =
            names.iter().filter(|(name, _)| !seen.contains(name)).map(|(name, value)| (name, value.clone())).collect();
        rest.sort_by_key(|(name, _)| name.as_str());
        for (name, value) in rest {
            self.attributes_mut(obj, name).set(name, value);
        }
    }

    /// Runs a class body: like a module's, one statement that fails does not lose the rest.
    fn module_statements(&mut self, body: Block) {
        for start in body.start..body.start + body.len {
            let _ = self.block(Block { start, len: 1 });
        }
    }

    fn class_created(&mut self, obj: Obj, site: Site) {
        if self.class_flag(obj, known::ENUMERATION) {
            self.make_members(obj, site);
        }
        if let Some(hook) = self.in_mro(obj, known::INIT_SUBCLASS, Some(obj)) {
            let Kind::Class(class) = self.kind(obj) else {
                return;
            };
            let arguments = Arguments { keywords: class.keywords.clone(), ..Arguments::of([Value::Object(obj)]) };
            let hook = self.unwrapped(&hook);
            let _ = self.call(&hook, arguments, site);
        }
    }

    /// Turns the plain attributes of an enumeration into members.
    fn make_members(&mut self, class: Obj, site: Site) {
        let plain: Vec<(Symbol, Value)> = self
            .object(class)
            .attributes
            .iter()
            .filter(|(n, _)| !n.as_str().starts_with('_'))
            .map(|(n, v)| (n, v.clone()))
            .collect();
        for (name, value) in plain {
            let is_code = value.as_object().is_some_and(|o| {
                !matches!(self.kind(o), Kind::Instance { .. } | Kind::List { .. } | Kind::Dict { .. })
            });
            if is_code {
                continue;
            }
            let is_auto = self
                .class_of(&value)
                .as_object()
                .is_some_and(|c| matches!(self.kind(c), Kind::Class(k) if k.name == "auto"));
            let value = if is_auto { Value::str(&name.as_str().to_lowercase()) } else { value };
            let member = self.make(Kind::Instance { class: Value::Object(class) }, site);
            if let Value::Object(obj) = member {
                let attributes = &mut self.object_mut(obj).attributes;
                attributes.set(known::VALUE, value.clone());
                attributes.set(Symbol::new("_value_"), value);
                attributes.set(known::ATTR_NAME, Value::str(name.as_str()));
            }
            self.attributes_mut(class, name).set(name, member);
        }
    }

    /// The members of an enumeration class.
    pub(super) fn enum_members(&self, value: &Value) -> Option<Vec<Value>> {
        let class = value.as_object()?;
        if !matches!(self.kind(class), Kind::Class(_)) || !self.class_flag(class, known::ENUMERATION) {
            return None;
        }
        let member = |v: &Value| {
            v.as_object()
                .is_some_and(|o| matches!(self.kind(o), Kind::Instance { class: c } if c.as_object() == Some(class)))
        };
        Some(self.object(class).attributes.iter().map(|(_, v)| v).filter(|v| member(v)).cloned().collect())
    }

    /// The members of an enumeration class; none for another class.
    pub fn members_of(&self, class: Obj) -> Option<Vec<Value>> {
        self.enum_members(&Value::Object(class))
    }

    pub(super) fn enum_by_name(&self, class: Obj, key: &Value) -> Option<Value> {
        if !self.class_flag(class, known::ENUMERATION) {
            return None;
        }
        self.object(class).attributes.get(Symbol::new(key.as_str()?)).cloned()
    }

    /// Whether it is a member of an enumeration, and its value.
    pub fn enum_value(&self, value: &Value) -> Option<&Value> {
        let obj = value.as_object()?;
        let Kind::Instance { class } = self.kind(obj) else {
            return None;
        };
        if !self.class_flag(class.as_object()?, known::ENUMERATION) {
            return None;
        }
        self.own_attribute(obj, known::VALUE)
    }

    pub(super) fn class_flag(&self, class: Obj, flag: Symbol) -> bool {
        matches!(self.in_mro(class, flag, None), Some(Value::Bool(true)))
    }

    /// C3 linearisation (Python's method resolution order); where the bases contradict each other, depth first.
    fn set_mro(&mut self, obj: Obj) {
        let Kind::Class(class) = self.kind(obj) else {
            return;
        };
        let bases: Vec<Value> = class.bases.iter().map(|b| self.origin_of(b)).filter(|b| !b.is_none()).collect();
        let mut mro = vec![Value::Object(obj)];
        match bases.as_slice() {
            [] => {}
            [only] => mro.extend(self.linearisation(only)),
            _ => merge(bases.iter().map(|b| self.linearisation(b)).chain([bases.clone()]).collect(), &mut mro),
        }
        mro.truncate(MRO_MAX);
        if let Kind::Class(class) = &mut self.object_mut(obj).kind {
            class.mro = mro;
        }
    }

    fn linearisation(&self, base: &Value) -> Vec<Value> {
        match base.as_object().map(|o| self.kind(o)) {
            Some(Kind::Class(class)) => class.mro.clone(),
            _ => vec![base.clone()],
        }
    }

    /// The class itself and its bases in the order of look-up.
    pub fn linearised(&self, class: Obj) -> &[Value] {
        match self.kind(class) {
            Kind::Class(class) => &class.mro,
            _ => &[],
        }
    }

    fn origin_of(&self, base: &Value) -> Value {
        match base.as_object().map(|o| self.kind(o)) {
            Some(Kind::Generic { origin, .. }) => self.origin_of(&origin.clone()),
            _ => base.plain().clone(),
        }
    }

    /// An attribute of a class or its bases; with `after`, of the bases behind that class.
    pub fn in_mro(&self, class: Obj, name: Symbol, after: Option<Obj>) -> Option<Value> {
        let mro = self.linearised(class);
        let start =
            after.map_or(0, |a| mro.iter().position(|c| c.as_object() == Some(a)).map_or(mro.len(), |at| at + 1));
        mro[start..].iter().find_map(|c| c.as_object().and_then(|c| self.own_attribute(c, name).cloned()))
    }

    /// The first base of a class that is of a library which is not described; with `after`, of the bases behind that class.
    pub fn unseen_base(&self, class: Obj, after: Option<Obj>) -> Option<Symbol> {
        let mro = self.linearised(class).iter();
        let mut behind = mro.skip_while(|c| after.is_some() && c.as_object() != after);
        behind.find_map(|base| match base {
            Value::External(name) if !name.as_str().starts_with("builtins.") => Some(*name),
            _ => None,
        })
    }

    /// What the class of an instance says of a name: a function, a descriptor, a value.
    pub(super) fn class_attribute_of(&self, instance: &Value, name: Symbol) -> Option<Value> {
        match self.class_of(instance).as_object() {
            Some(class) => self.in_mro(class, name, None),
            None => None,
        }
    }

    /// The class of a value: an object, an external, or `None` where it is not known.
    pub fn class_of(&self, value: &Value) -> Value {
        let builtin = Value::External;
        match value.plain() {
            Value::Str(_) => builtin(known::BUILTIN_STR),
            Value::Bytes(_) => builtin(known::BUILTIN_BYTES),
            Value::Bool(_) => builtin(known::BUILTIN_BOOL),
            Value::Int(_) => builtin(known::BUILTIN_INT),
            Value::Tuple(_) => builtin(known::BUILTIN_TUPLE),
            Value::Unknown(u) => u.class.clone().unwrap_or(Value::None),
            Value::Object(obj) => match self.kind(*obj) {
                Kind::Instance { class } => class.clone(),
                Kind::List { set: true, .. } => builtin(known::BUILTIN_SET),
                Kind::List { .. } => builtin(known::BUILTIN_LIST),
                Kind::Dict { .. } => builtin(known::BUILTIN_DICT),
                Kind::Class(_) => builtin(known::BUILTIN_TYPE),
                _ => builtin(known::BUILTIN_FUNCTION),
            },
            Value::External(_) if self.is_type_like(value) => builtin(known::BUILTIN_TYPE),
            _ => Value::None,
        }
    }

    /// Whether it is a class.
    pub fn is_class(&self, value: &Value) -> bool {
        value.as_object().is_some_and(|o| matches!(self.kind(o), Kind::Class(_)))
    }

    /// `module.Class` of a class, dotted; the name of an external.
    pub fn qualified_name(&self, class: &Value) -> Option<&'static str> {
        match class.plain() {
            Value::External(name) => Some(name.as_str()),
            Value::Object(obj) => match self.kind(*obj) {
                Kind::Class(class) => Some(class.qualified.as_str()),
                Kind::Generic { origin, .. } => self.qualified_name(origin),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a class has a class of this qualified name among itself and its bases.
    pub fn derives_from(&self, class: &Value, qualified: &str) -> bool {
        match class.as_object() {
            Some(obj) => self.linearised(obj).iter().any(|c| self.qualified_name(c) == Some(qualified)),
            None => self.qualified_name(class) == Some(qualified),
        }
    }

    /// Calls a class.
    pub(super) fn instantiate(&mut self, class: Obj, arguments: Arguments, site: Site) -> Eval<Value> {
        if self.class_flag(class, known::ENUMERATION) {
            return Ok(self.member_of(class, &arguments));
        }
        // A typed dict, or a subclass of `dict` that keeps its constructor, is a dict.
        let is_dict = self.linearised(class).contains(&Value::External(known::BUILTIN_DICT));
        if is_dict && self.in_mro(class, known::INIT, None).is_none() {
            return Ok(self.call_dict(&arguments, site));
        }
        let instance = self.make(Kind::Instance { class: Value::Object(class) }, site);
        let Value::Object(obj) = instance else { unreachable!("`make` makes objects") };
        match self.in_mro(class, known::INIT, None) {
            Some(Value::Object(init)) => {
                let mut arguments = arguments;
                arguments.positional.insert(0, instance.clone());
                self.call(&Value::Object(init), arguments, site)?;
            }
            _ if self.is_record(class) => self.fill_record(obj, class, arguments, site),
            _ => {}
        }
        Ok(instance)
    }

    fn member_of(&mut self, class: Obj, arguments: &Arguments) -> Value {
        let members = self.enum_members(&Value::Object(class)).unwrap_or_default();
        let wanted = arguments.positional.first().cloned().unwrap_or(Value::None);
        let found = members
            .into_iter()
            .find(|m| *m == wanted || self.enum_value(m).is_some_and(|v| v.plain() == wanted.plain()));
        // Whichever member it is, the program wrote its value.
        let labels = wanted.labels();
        let labels = if labels.raw == 0 { labels } else { labels.of_decision() };
        found.unwrap_or_else(|| Value::instance_of(Value::Object(class), labels))
    }

    /// Whether instances are filled from the annotated fields of the class.
    pub fn is_record(&self, class: Obj) -> bool {
        self.class_flag(class, known::RECORD)
    }

    /// Fills the fields of a record from arguments and defaults; fields of settings carry their name as a label.
    pub(super) fn fill_record(&mut self, obj: Obj, class: Obj, arguments: Arguments, site: Site) {
        let settings = self.class_flag(class, known::SETTINGS);
        let Arguments { positional, keywords, open, rest } = arguments;
        let mut positional = positional.into_iter();
        let environment = if settings { self.environment_files(class) } else { Vec::new() };
        for &(name, ref annotation) in self.annotated_fields(class).iter() {
            let given = positional.next().or_else(|| keywords.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()));
            let labels = if settings { Labels::of_setting(name) } else { Labels::NONE };
            let labels = rest.as_ref().map_or(labels, |rest| labels.and(rest.labels()));
            let is_text = settings && !self.is_plain_type(annotation);
            let unset = if is_text { self.given_by_environment(labels, site) } else { labels };
            let variable = (!environment.is_empty()).then(|| self.variable_of(class, name));
            let set = variable
                .and_then(|v| environment.iter().find(|(n, value)| *n == v && !value.is_empty()))
                .map(|(_, text)| self.parsed(text, annotation));
            let value = match given.or(set.map(|v| v.with(labels))) {
                Some(value) => value,
                None => match self.in_mro(class, name, None).filter(|_| !open) {
                    Some(default) => match self.field_default(&default, site) {
                        default if is_text && default.is_none() => Self::unset(unset),
                        default => default.with(labels),
                    },
                    None => Value::Unknown(Rc::new(Unknown {
                        reason: format!("field `{name}` has no default").into(),
                        labels: unset,
                        name: Some(name),
                        class: self.class_in(annotation),
                        term: rest.as_ref().and_then(|rest| rest.term()?.part(name)).map(Rc::new),
                        library: None,
                    })),
                },
            };
            self.attributes_mut(obj, name).set(name, value);
        }
        self.keep_rest(&Value::Object(obj), rest);
        for (name, value) in keywords {
            if self.own_attribute(obj, name).is_none() {
                self.attributes_mut(obj, name).set(name, value);
            }
        }
        if let Some(Value::Object(hook)) = self.in_mro(class, known::POST_INIT, None) {
            let _ = self.call_function(hook, Arguments::of([Value::Object(obj)]), site);
        }
    }

    /// `Field(default=..., default_factory=...)` and plain defaults.
    fn field_default(&mut self, default: &Value, site: Site) -> Value {
        let Some(obj) = default.as_object() else {
            return default.clone();
        };
        let object = self.object(obj);
        let is_field = matches!(&object.kind, Kind::Instance { class } if self.in_mro(class.as_object().unwrap_or(obj), known::FIELD, None).is_some());
        if !is_field {
            return default.clone();
        }
        let factory = object.attributes.get(known::DEFAULT_FACTORY).cloned();
        let plain = object.attributes.get(known::DEFAULT).cloned();
        match (factory, plain) {
            (Some(factory), _) if !factory.is_none() => {
                self.call(&factory, Arguments::default(), site).unwrap_or_else(|_| Value::unknown("a default"))
            }
            (_, Some(Value::Ellipsis) | None) => Value::unknown("a required field"),
            (_, Some(value)) => value,
        }
    }

    /// The annotated names of a class and its bases, bases first, with the evaluated annotation.
    pub fn annotated_fields(&mut self, class: Obj) -> Rc<[(Symbol, Value)]> {
        if let Some(known) = self.fields.get(&class) {
            return Rc::clone(known);
        }
        let fields: Rc<[(Symbol, Value)]> = self.evaluated_fields(class).into();
        // While modules run, an annotation may name what comes later.
        if self.modules_running == 0 {
            self.fields.insert(class, Rc::clone(&fields));
            self.evaluated_in_play.extend(self.lasting.is_some().then_some(class));
        }
        fields
    }

    fn evaluated_fields(&mut self, class: Obj) -> Vec<(Symbol, Value)> {
        let mut fields: Vec<(Symbol, Value)> = Vec::new();
        let chain: Vec<Obj> = self.linearised(class).iter().rev().filter_map(Value::as_object).collect();
        for base in chain {
            let Kind::Class(info) = self.kind(base) else {
                continue;
            };
            let (code, file, scope) = (Arc::clone(&info.code), info.file, info.scope);
            for (name, annotation) in info.annotations.clone() {
                let value = self.annotation_in(&code, annotation, file, scope);
                if self.is_class_variable(&value) {
                    continue;
                }
                match fields.iter_mut().find(|(n, _)| *n == name) {
                    Some(field) => field.1 = value,
                    None => fields.push((name, value)),
                }
            }
        }
        fields
    }

    fn is_class_variable(&self, annotation: &Value) -> bool {
        let name = match annotation.as_object().map(|o| self.kind(o)) {
            Some(Kind::Generic { origin, .. }) => self.qualified_name(origin),
            _ => self.qualified_name(annotation),
        };
        name == Some("typing.ClassVar")
    }

    /// Whether a value is an instance of a class, a tuple of classes or a union; none where that is not known.
    pub fn is_instance(&mut self, value: &Value, class: &Value) -> Option<bool> {
        if let Value::Union(values) = value {
            let answers: Vec<_> = values.iter().map(|v| self.is_instance(v, class)).collect();
            return answers.iter().all(|a| *a == answers[0]).then(|| answers[0]).flatten();
        }
        if value.is_none() {
            return Some(matches!(class, Value::None) || self.qualified_name(class) == Some("types.NoneType"));
        }
        let unknown = value.is_unknown();
        let of = self.class_of(value);
        if of.is_none() {
            return None;
        }
        let answer = self.is_subclass(&of, class);
        if unknown { answer.filter(|known| *known) } else { answer }
    }

    /// Whether a class is a subclass of another, of one of a tuple, or of a part of a union.
    pub fn is_subclass(&mut self, class: &Value, of: &Value) -> Option<bool> {
        let any = |s: &mut Self, all: &[Value]| {
            let answers: Vec<_> = all.iter().map(|c| s.is_subclass(class, c)).collect();
            if answers.contains(&Some(true)) {
                Some(true)
            } else {
                answers.iter().all(|a| *a == Some(false)).then_some(false)
            }
        };
        match of.plain() {
            Value::Tuple(all) => return any(self, &all.clone()),
            Value::Object(obj) => {
                if let Kind::Generic { origin, arguments } = self.kind(*obj) {
                    let (origin, arguments) = (origin.clone(), arguments.clone());
                    if matches!(&origin, Value::External(n) if n.as_str() == "typing.Union") {
                        return any(self, &arguments);
                    }
                    return self.is_subclass(class, &origin);
                }
            }
            _ => {}
        }
        if self.qualified_name(of) == Some("builtins.object") || class.plain() == of.plain() {
            return Some(true);
        }
        let mro = class.as_object().map_or_else(|| vec![class.plain().clone()], |c| self.linearised(c).to_vec());
        if mro.contains(of.plain()) {
            return Some(true);
        }
        let open = mro.iter().any(|c| match c {
            Value::External(name) => !name.as_str().starts_with("builtins."),
            Value::Object(_) => false,
            _ => true,
        });
        match of.plain() {
            Value::Object(_) if !mro.iter().any(Value::is_unknown) => Some(false),
            Value::External(_) if !open => Some(false),
            _ => None,
        }
    }
}

/// Classes in one order of look-up.
const MRO_MAX: usize = 256;

/// The merge of C3: the first head that is in no tail; where there is none, the first head.
fn merge(mut sequences: Vec<Vec<Value>>, mro: &mut Vec<Value>) {
    while mro.len() < MRO_MAX {
        sequences.retain(|s| !s.is_empty());
        let Some(first) = sequences.first() else { break };
        let good = sequences.iter().map(|s| &s[0]).find(|head| !sequences.iter().any(|s| s[1..].contains(head)));
        let next = good.unwrap_or(&first[0]).clone();
        for sequence in &mut sequences {
            sequence.retain(|v| *v != next);
        }
        mro.push(next);
    }
}

/// The annotated names directly in a class body.
fn annotations_of(code: &Code, body: Block) -> Vec<(Symbol, crate::code::ExprId)> {
    let annotated = code.block(body).iter().filter_map(|s| match code.stmt(*s) {
        Stmt::AnnAssign { target, annotation, .. } => match code.expr(target) {
            Expr::Name(name) => Some((name, annotation)),
            _ => None,
        },
        _ => None,
    });
    annotated.collect()
}

/// The names that a class body binds, in order.
fn names_bound(code: &Code, body: Block, names: &mut Vec<Symbol>) {
    for stmt in code.block(body) {
        match code.stmt(*stmt) {
            Stmt::Assign { targets, .. } => {
                for target in code.list(targets) {
                    if let Expr::Name(name) = code.expr(*target) {
                        names.push(name);
                    }
                }
            }
            Stmt::AnnAssign { target, .. } => {
                if let Expr::Name(name) = code.expr(target) {
                    names.push(name);
                }
            }
            Stmt::Function(id) => names.push(code.function(id).name),
            Stmt::Class(id) => names.push(code.class(id).name),
            Stmt::If { body, orelse, .. } => {
                names_bound(code, body, names);
                names_bound(code, orelse, names);
            }
            _ => {}
        }
    }
}
