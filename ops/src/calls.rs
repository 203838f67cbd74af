//! Which calls of AWS the code of each binary can make, read off its source.
//!
//! A graph of functions is made from the syntax of the crates: who names whom,
//! which port of `seisiun_workflows` is called, which adapter implements it,
//! which operations of an SDK client that one asks for. From a binary's `main`
//! it is followed to the end.
//!
//! What it goes by, and where it is coarse:
//! - Names are resolved through `use`, as Rust does. A function that is named
//!   without being called (a route's handler, a closure's body) counts as called.
//! - Whose method a call is, is told by its receiver's type where that is
//!   written: `self`, fields, parameters, `let`s from constructors. A method of a
//!   port is unique by its name, so that a generic store needs no type. A method
//!   of unknown type and no port's name leads nowhere. So that nothing is lost
//!   this way, [`Calls::unreached`] names every function that makes calls and is
//!   reached from no binary.
//! - No path is decided: what stands behind an `if` can be reached. What a
//!   function can never get to is said in a table, with its reason
//!   (`checks/privilege.rs`).
//! - Code of tests is left out, and so are the modules that only tests use.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Expr, ExprClosure, ExprForLoop, ExprIf, ExprLet, ExprMacro, ExprMethodCall, ExprPath,
    ExprWhile, Fields, FnArg, GenericArgument, Generics, ImplItem, Item, ItemImpl, Local, Macro,
    Member, Pat, PathArguments, ReturnType, Signature, Stmt, Token, UseTree,
    punctuated::Punctuated,
    visit::{self, Visit},
};

/// A file of a crate.
#[derive(Debug, Clone)]
pub struct Source {
    /// The crate as code names it, e.g. `seisiun_aws`; a binary's own name.
    pub krate: String,
    /// Module in the crate, e.g. `table::cases`; empty for its root.
    pub module: String,
    /// What is written there.
    pub text: String,
}

/// A call of AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The SDK's name for the service, e.g. `dynamodb`.
    pub service: String,
    /// The client's method, e.g. `get_item`; or what is made to be sent or
    /// signed, e.g. `types::Put`.
    pub operation: String,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.service, self.operation)
    }
}

/// What was found in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// By the name of the binary.
    pub binaries: BTreeMap<String, BTreeSet<Call>>,
    /// Functions that make calls, themselves or through others, and are reached
    /// from no binary.
    pub unreached: BTreeSet<String>,
    /// Adapters' methods of ports in which no call was found.
    pub silent: BTreeSet<String>,
}

impl Calls {
    /// Reads libraries and binaries. `ports` names the crate whose macro `port!`
    /// declares ports; its traits are called by the names of their methods.
    ///
    /// # Errors
    /// Names the file that does not parse, or a binary without a `main`.
    pub fn of(sources: &[Source], binaries: &[&str]) -> Result<Self, String> {
        let mut index = Index::default();
        let mut files = Vec::new();
        for source in sources {
            let place = || format!("{} {}", source.krate, source.module);
            let file =
                syn::parse_file(&source.text).map_err(|why| format!("{}: {why}", place()))?;
            files.push((join(&source.krate, &source.module), file));
        }
        for (module, file) in &files {
            index.declare(module, &file.items);
        }
        for (module, file) in &files {
            index.describe(module, &file.items);
        }
        let graph = Graph::of(&index);
        let mut found = Self::default();
        let mut reached = BTreeSet::new();
        for binary in binaries {
            let main = join(binary, "main");
            if !graph.nodes.contains_key(&main) {
                return Err(format!("{binary} has no function main"));
            }
            let all = graph.closure(&main);
            found.binaries.insert((*binary).to_owned(), graph.calls(&all));
            reached.extend(all);
        }
        let makes_calls = |name: &str| !graph.calls(&graph.closure(name)).is_empty();
        let unreached = graph.nodes.keys().filter(|name| !reached.contains(*name));
        found.unreached = unreached.filter(|name| makes_calls(name)).cloned().collect();
        let of_ports = index.adapters.values().flatten();
        found.silent = of_ports.filter(|name| !makes_calls(name)).cloned().collect();
        Ok(found)
    }
}

fn join(module: &str, name: &str) -> String {
    match (module, name) {
        ("", name) => name.to_owned(),
        (module, "") => module.to_owned(),
        _ => format!("{module}::{name}"),
    }
}

/// What is known of a value's type.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    /// One of these crates', by its path.
    Own(String),
    /// An SDK's client, by its service.
    Client(String),
    /// Several.
    Tuple(Vec<Type>),
    /// Somebody else's: none of its methods is ours.
    Other,
    /// Generic, or not written.
    Unknown,
}

/// A function and where it stands.
struct Body<'a> {
    module: String,
    /// The type whose method it is.
    of: Option<String>,
    signature: &'a Signature,
    generics: BTreeSet<String>,
    block: &'a syn::Block,
}

/// All that has a name.
#[derive(Default)]
struct Index<'a> {
    modules: BTreeSet<String>,
    /// Per module: names that `use` brings in, with what they stand for: a module
    /// and a function may share one.
    uses: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    types: BTreeSet<String>,
    /// Types of the fields of each struct.
    fields: BTreeMap<String, BTreeMap<String, Type>>,
    bodies: BTreeMap<String, Vec<Body<'a>>>,
    /// Ports: methods, and their traits' paths.
    ports: BTreeMap<String, String>,
    /// Methods of ports, and who implements them.
    adapters: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Index<'a> {
    /// First: names of modules, types and ports, and what `use` brings in.
    fn declare(&mut self, module: &str, items: &'a [Item]) {
        self.modules.insert(module.to_owned());
        for item in items {
            match item {
                Item::Use(item) if !is_test(&item.attrs) => {
                    self.declare_use(module, String::new(), &item.tree);
                }
                Item::Struct(item) => {
                    self.types.insert(join(module, &item.ident.to_string()));
                }
                Item::Enum(item) => {
                    self.types.insert(join(module, &item.ident.to_string()));
                }
                Item::Macro(item) if item.mac.path.is_ident("port") => {
                    if let Some((port, method)) = declared_port(item.mac.tokens.clone()) {
                        self.ports.insert(method, join(module, &port));
                    }
                }
                // What is written out instead, since it has an error of its own.
                Item::Trait(item) if module.ends_with("::ports") => {
                    for one in &item.items {
                        if let syn::TraitItem::Fn(method) = one {
                            let port = join(module, &item.ident.to_string());
                            self.ports.insert(method.sig.ident.to_string(), port);
                        }
                    }
                }
                Item::Mod(item) if !is_test(&item.attrs) => {
                    if let Some((_, items)) = &item.content {
                        self.declare(&join(module, &item.ident.to_string()), items);
                    }
                }
                _ => {}
            }
        }
    }

    fn declare_use(&mut self, module: &str, prefix: String, tree: &UseTree) {
        let mut bring = |name: String, what: String| {
            let uses = self.uses.entry(module.to_owned()).or_default();
            uses.entry(name).or_default().push(what);
        };
        match tree {
            UseTree::Path(path) => {
                let prefix = join(&prefix, &path.ident.to_string());
                self.declare_use(module, prefix, &path.tree);
            }
            UseTree::Name(name) if name.ident == "self" => {
                let last = prefix.rsplit("::").next().unwrap_or_default().to_owned();
                bring(last, prefix);
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let what = join(&prefix, &name);
                bring(name, what);
            }
            UseTree::Rename(rename) => {
                bring(rename.rename.to_string(), join(&prefix, &rename.ident.to_string()));
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.declare_use(module, prefix.clone(), tree);
                }
            }
            // Preludes of others; ours are for tests.
            UseTree::Glob(_) => {}
        }
    }

    /// Then: fields, functions and who implements what.
    fn describe(&mut self, module: &str, items: &'a [Item]) {
        for item in items {
            match item {
                Item::Fn(item) if !is_test(&item.attrs) => {
                    let name = join(module, &item.sig.ident.to_string());
                    let body = Body {
                        module: module.to_owned(),
                        of: None,
                        signature: &item.sig,
                        generics: generic_names(&[&item.sig.generics]),
                        block: &item.block,
                    };
                    self.bodies.entry(name).or_default().push(body);
                }
                Item::Struct(item) => {
                    let path = join(module, &item.ident.to_string());
                    let generics = generic_names(&[&item.generics]);
                    let fields: BTreeMap<String, Type> = match &item.fields {
                        Fields::Named(named) => named
                            .named
                            .iter()
                            .filter_map(|field| Some((field.ident.as_ref()?, &field.ty)))
                            .map(|(name, ty)| {
                                (name.to_string(), self.written(module, None, &generics, ty))
                            })
                            .collect(),
                        Fields::Unnamed(unnamed) => unnamed
                            .unnamed
                            .iter()
                            .enumerate()
                            .map(|(n, field)| {
                                (n.to_string(), self.written(module, None, &generics, &field.ty))
                            })
                            .collect(),
                        Fields::Unit => BTreeMap::new(),
                    };
                    self.fields.insert(path, fields);
                }
                Item::Impl(item) if !is_test(&item.attrs) => self.describe_impl(module, item),
                Item::Mod(item) if !is_test(&item.attrs) => {
                    if let Some((_, items)) = &item.content {
                        self.describe(&join(module, &item.ident.to_string()), items);
                    }
                }
                _ => {}
            }
        }
    }

    fn describe_impl(&mut self, module: &str, item: &'a ItemImpl) {
        let of_impl = generic_names(&[&item.generics]);
        let Type::Own(of) = self.written(module, None, &of_impl, &item.self_ty) else { return };
        for method in &item.items {
            let ImplItem::Fn(method) = method else { continue };
            if is_test(&method.attrs) {
                continue;
            }
            let name = method.sig.ident.to_string();
            let path = join(&of, &name);
            if let Some((_, of_trait, _)) = &item.trait_
                && self.ports.get(&name) == Some(&self.resolve(module, None, &segments(of_trait)))
            {
                self.adapters.entry(name).or_default().insert(path.clone());
            }
            self.bodies.entry(path).or_default().push(Body {
                module: module.to_owned(),
                of: Some(of.clone()),
                signature: &method.sig,
                generics: generic_names(&[&item.generics, &method.sig.generics]),
                block: &method.block,
            });
        }
    }

    /// The full path of what a path names in a module.
    fn resolve(&self, module: &str, of: Option<&str>, path: &[String]) -> String {
        let Some((first, rest)) = path.split_first() else { return String::new() };
        let krate = module.split("::").next().unwrap_or_default();
        let plain = |first: String| {
            rest.iter().fold(first, |whole, one| match one.as_str() {
                "super" => parent(&whole).to_owned(),
                name => join(&whole, name),
            })
        };
        let whole = |first: String| self.through_reexports(plain(first));
        match first.as_str() {
            "crate" => whole(krate.to_owned()),
            "self" => whole(module.to_owned()),
            "super" => whole(parent(module).to_owned()),
            "Self" => whole(of.unwrap_or_default().to_owned()),
            name => {
                let own = plain(join(module, name));
                if self.is_known(&own) {
                    return own;
                }
                let mut found: Vec<String> =
                    self.used(module, name).into_iter().map(whole).collect();
                // What stands alone is rather a function or a type than a module.
                found.sort_by_key(|path| (!self.is_known(path), self.modules.contains(path)));
                found.into_iter().next().unwrap_or_else(|| path.join("::"))
            }
        }
    }

    /// What a name stands for that `use` brings into a module.
    fn used(&self, module: &str, name: &str) -> Vec<String> {
        let all = self.uses.get(module).and_then(|uses| uses.get(name)).into_iter().flatten();
        all.map(|what| {
            let what: Vec<String> = what.split("::").map(str::to_owned).collect();
            // A name that brings itself in is a crate.
            if what.first().map(String::as_str) == Some(name) {
                what.join("::")
            } else {
                self.resolve(module, None, &what)
            }
        })
        .collect()
    }

    /// A path through `pub use` of these crates, as far as it goes.
    fn through_reexports(&self, mut path: String) -> String {
        for _ in 0..4 {
            if self.is_known(&path) {
                break;
            }
            let all: Vec<&str> = path.split("::").collect();
            let next = (1..all.len()).rev().find_map(|n| {
                let (module, rest) = all.split_at(n);
                let (name, rest) = rest.split_first()?;
                let what = self.used(&module.join("::"), name).into_iter().next()?;
                Some(rest.iter().fold(what, |whole, one| join(&whole, one)))
            });
            match next {
                Some(next) if next != path => path = next,
                _ => break,
            }
        }
        path
    }

    fn is_known(&self, path: &str) -> bool {
        self.modules.contains(path) || self.types.contains(path) || self.bodies.contains_key(path)
    }

    /// The type that is written.
    fn written(
        &self,
        module: &str,
        of: Option<&str>,
        generics: &BTreeSet<String>,
        ty: &syn::Type,
    ) -> Type {
        let inner = |ty: &syn::Type| self.written(module, of, generics, ty);
        match ty {
            syn::Type::Reference(reference) => inner(&reference.elem),
            syn::Type::Paren(paren) => inner(&paren.elem),
            syn::Type::Group(group) => inner(&group.elem),
            syn::Type::Tuple(tuple) => Type::Tuple(tuple.elems.iter().map(inner).collect()),
            syn::Type::ImplTrait(_) | syn::Type::Infer(_) => Type::Unknown,
            syn::Type::Path(path) => {
                let names = segments(&path.path);
                if let [name] = names.as_slice()
                    && generics.contains(name)
                {
                    return Type::Unknown;
                }
                let resolved = self.resolve(module, of, &names);
                if self.types.contains(&resolved) {
                    return Type::Own(resolved);
                }
                if let Some(service) = service(&resolved)
                    && resolved.ends_with("::Client")
                {
                    return Type::Client(service.to_owned());
                }
                // An Arc, an Option, a Result of one of ours.
                let arguments = path.path.segments.last().map(|last| &last.arguments);
                let Some(PathArguments::AngleBracketed(arguments)) = arguments else {
                    return Type::Other;
                };
                let mut within = arguments.args.iter().filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(inner(ty)),
                    _ => None,
                });
                within.find(|ty| *ty != Type::Other).unwrap_or(Type::Other)
            }
            _ => Type::Other,
        }
    }

    /// What a function answers.
    fn output(&self, function: &str) -> Type {
        let Some(body) = self.bodies.get(function).and_then(|all| all.first()) else {
            return Type::Unknown;
        };
        match &body.signature.output {
            ReturnType::Type(_, ty) => {
                self.written(&body.module, body.of.as_deref(), &body.generics, ty)
            }
            ReturnType::Default => Type::Other,
        }
    }
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// The service of a path into an SDK crate.
fn service(path: &str) -> Option<&str> {
    path.split("::").next()?.strip_prefix("aws_sdk_")
}

fn generic_names(all: &[&Generics]) -> BTreeSet<String> {
    all.iter().flat_map(|one| one.type_params()).map(|one| one.ident.to_string()).collect()
}

/// Whether something is there for tests only.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|one| {
        one.path().is_ident("test")
            || one.path().is_ident("cfg")
                && one.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// Trait and method of `port!(… Trait::method(…) -> …)`.
fn declared_port(tokens: TokenStream) -> Option<(String, String)> {
    let mut names = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) => names.push(name.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                let method = names.pop()?;
                return Some((names.pop()?, method));
            }
            _ => {}
        }
    }
    None
}

/// Who calls whom, and what of AWS.
struct Graph {
    nodes: BTreeMap<String, Node>,
}

#[derive(Default)]
struct Node {
    calls: BTreeSet<Call>,
    callees: BTreeSet<String>,
}

impl Graph {
    fn of(index: &Index<'_>) -> Self {
        let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
        for (name, bodies) in &index.bodies {
            for body in bodies {
                let mut walk = Walk {
                    index,
                    body,
                    scopes: vec![BTreeMap::new()],
                    node: nodes.entry(name.clone()).or_default(),
                };
                walk.parameters();
                walk.visit_block(body.block);
            }
        }
        Self { nodes }
    }

    /// A function and all that it leads to.
    fn closure(&self, from: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(next) = open.pop() {
            let Some(node) = self.nodes.get(&next) else { continue };
            if seen.insert(next) {
                open.extend(node.callees.iter().cloned());
            }
        }
        seen
    }

    fn calls(&self, functions: &BTreeSet<String>) -> BTreeSet<Call> {
        let nodes = functions.iter().filter_map(|name| self.nodes.get(name));
        nodes.flat_map(|node| node.calls.iter().cloned()).collect()
    }
}

/// A walk through one function.
struct Walk<'a, 'b> {
    index: &'b Index<'a>,
    body: &'b Body<'a>,
    /// Variables, innermost scope last.
    scopes: Vec<BTreeMap<String, Type>>,
    node: &'b mut Node,
}

/// Methods that hand on what they are called on, or what is in it.
const HAND_ON: [&str; 9] = [
    "as_mut",
    "as_ref",
    "clone",
    "expect",
    "map_err",
    "ok",
    "ok_or_else",
    "to_owned",
    "unwrap_or_default",
];

impl Walk<'_, '_> {
    fn parameters(&mut self) {
        for argument in &self.body.signature.inputs {
            match argument {
                FnArg::Receiver(_) => {
                    let of = self.body.of.clone();
                    self.set("self".into(), of.map_or(Type::Unknown, Type::Own));
                }
                FnArg::Typed(typed) => {
                    let ty = self.written(&typed.ty);
                    self.bind(&typed.pat, ty);
                }
            }
        }
    }

    fn written(&self, ty: &syn::Type) -> Type {
        let Body { module, of, generics, .. } = self.body;
        self.index.written(module, of.as_deref(), generics, ty)
    }

    fn set(&mut self, name: String, ty: Type) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, ty);
        }
    }

    fn variable(&self, name: &str) -> Option<&Type> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Gives the names of a pattern their types.
    fn bind(&mut self, pat: &Pat, ty: Type) {
        match pat {
            Pat::Ident(one) => {
                if let Some((_, pat)) = &one.subpat {
                    self.bind(pat, ty.clone());
                }
                self.set(one.ident.to_string(), ty);
            }
            Pat::Type(typed) => {
                let ty = self.written(&typed.ty);
                self.bind(&typed.pat, ty);
            }
            Pat::Reference(reference) => self.bind(&reference.pat, ty),
            Pat::Paren(paren) => self.bind(&paren.pat, ty),
            Pat::Tuple(tuple) => {
                let types = match ty {
                    Type::Tuple(types) => types,
                    _ => Vec::new(),
                };
                for (n, pat) in tuple.elems.iter().enumerate() {
                    self.bind(pat, types.get(n).cloned().unwrap_or(Type::Unknown));
                }
            }
            // `Some(x)`, `State(app)`: what is in it is what was found within.
            Pat::TupleStruct(tuple) => {
                let single = tuple.elems.len() == 1;
                for pat in &tuple.elems {
                    self.bind(pat, if single { ty.clone() } else { Type::Unknown });
                }
            }
            Pat::Struct(one) => {
                for field in &one.fields {
                    let ty = match (&ty, &field.member) {
                        (Type::Own(of), Member::Named(name)) => self.field(of, &name.to_string()),
                        _ => Type::Unknown,
                    };
                    self.bind(&field.pat, ty);
                }
            }
            Pat::Slice(slice) => {
                for pat in &slice.elems {
                    self.bind(pat, Type::Unknown);
                }
            }
            Pat::Or(either) => {
                for pat in &either.cases {
                    self.bind(pat, ty.clone());
                }
            }
            _ => {}
        }
    }

    fn field(&self, of: &str, name: &str) -> Type {
        let fields = self.index.fields.get(of);
        fields.and_then(|fields| fields.get(name)).cloned().unwrap_or(Type::Unknown)
    }

    fn resolve(&self, path: &[String]) -> String {
        self.index.resolve(&self.body.module, self.body.of.as_deref(), path)
    }

    /// The type of an expression, as far as it shows.
    fn type_of(&self, expr: &Expr) -> Type {
        match expr {
            Expr::Path(path) => match segments(&path.path).as_slice() {
                [name] => self.variable(name).cloned().unwrap_or(Type::Unknown),
                _ => Type::Unknown,
            },
            Expr::Field(field) => match (self.type_of(&field.base), &field.member) {
                (Type::Own(of), Member::Named(name)) => self.field(&of, &name.to_string()),
                (Type::Own(of), Member::Unnamed(n)) => self.field(&of, &n.index.to_string()),
                (Type::Tuple(types), Member::Unnamed(n)) => {
                    types.get(n.index as usize).cloned().unwrap_or(Type::Unknown)
                }
                (Type::Other, _) => Type::Other,
                _ => Type::Unknown,
            },
            Expr::Reference(inner) => self.type_of(&inner.expr),
            Expr::Paren(inner) => self.type_of(&inner.expr),
            Expr::Group(inner) => self.type_of(&inner.expr),
            Expr::Try(inner) => self.type_of(&inner.expr),
            Expr::Await(inner) => self.type_of(&inner.base),
            Expr::Unary(inner) => self.type_of(&inner.expr),
            Expr::Tuple(tuple) => {
                Type::Tuple(tuple.elems.iter().map(|one| self.type_of(one)).collect())
            }
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => self.index.output(&self.resolve(&segments(&path.path))),
                _ => Type::Unknown,
            },
            Expr::MethodCall(call) => {
                let receiver = self.type_of(&call.receiver);
                let name = call.method.to_string();
                match receiver {
                    // A request that is being built, or its answer.
                    Type::Client(_) => Type::Other,
                    receiver if HAND_ON.contains(&name.as_str()) => receiver,
                    Type::Own(of) => self.index.output(&join(&of, &name)),
                    Type::Other => Type::Other,
                    _ => Type::Unknown,
                }
            }
            Expr::Struct(one) => {
                let path = self.resolve(&segments(&one.path));
                if self.index.types.contains(&path) { Type::Own(path) } else { Type::Other }
            }
            Expr::Lit(_) | Expr::Array(_) | Expr::Binary(_) => Type::Other,
            _ => Type::Unknown,
        }
    }

    /// Notes what a path names.
    fn note(&mut self, path: &[String]) {
        if let [name] = path
            && self.variable(name).is_some()
        {
            return;
        }
        let resolved = self.resolve(path);
        if self.index.bodies.contains_key(&resolved) {
            self.node.callees.insert(resolved);
            return;
        }
        if let Some(method) = resolved.rsplit("::").next()
            && self.index.ports.get(method).is_some_and(|port| parent(&resolved) == port)
        {
            self.note_port(method);
            return;
        }
        if let Some(service) = service(&resolved)
            && let Some(made) = resolved.strip_suffix("::builder")
            && let Some((_, name)) = made.split_once("::types::")
        {
            let (service, operation) = (service.to_owned(), format!("types::{name}"));
            self.node.calls.insert(Call { service, operation });
        }
        if resolved.starts_with("aws_sigv4::") {
            let operation = resolved.rsplit("::").next().unwrap_or_default().to_owned();
            self.node.calls.insert(Call { service: "sigv4".into(), operation });
        }
    }

    fn note_port(&mut self, method: &str) {
        let all = self.index.adapters.get(method).into_iter().flatten();
        self.node.callees.extend(all.cloned());
    }

    fn note_method(&mut self, receiver: &Type, method: &str) {
        match receiver {
            Type::Client(service) => {
                let (service, operation) = (service.clone(), method.to_owned());
                self.node.calls.insert(Call { service, operation });
            }
            Type::Own(of) => {
                let own = join(of, method);
                if self.index.bodies.contains_key(&own) {
                    self.node.callees.insert(own);
                }
            }
            Type::Unknown => self.note_port(method),
            Type::Other | Type::Tuple(_) => {}
        }
    }

    /// Calls in what is no list of expressions: by names alone.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        for (n, token) in all.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.note_tokens(group.stream()),
                TokenTree::Ident(name) => {
                    let is_call = matches!(all.get(n + 1), Some(TokenTree::Group(group))
                        if group.delimiter() == Delimiter::Parenthesis);
                    if !is_call {
                        continue;
                    }
                    let before = n.checked_sub(1).and_then(|n| all.get(n));
                    match before {
                        Some(TokenTree::Punct(dot)) if dot.as_char() == '.' => {
                            self.note_method(&Type::Unknown, &name.to_string());
                        }
                        _ => self.note(&[name.to_string()]),
                    }
                }
                _ => {}
            }
        }
    }

    fn scoped(&mut self, walk: impl FnOnce(&mut Self)) {
        self.scopes.push(BTreeMap::new());
        walk(self);
        self.scopes.pop();
    }
}

impl<'ast> Visit<'ast> for Walk<'_, '_> {
    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.scoped(|walk| visit::visit_block(walk, block));
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match stmt {
            // A function within a function counts as a part of it.
            Stmt::Item(Item::Fn(inner)) => self.visit_block(&inner.block),
            Stmt::Item(_) => {}
            other => visit::visit_stmt(self, other),
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let mut ty = Type::Unknown;
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            ty = self.type_of(&init.expr);
            if let Some((_, otherwise)) = &init.diverge {
                self.visit_expr(otherwise);
            }
        }
        self.bind(&local.pat, ty);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.scoped(|walk| {
            for input in &closure.inputs {
                walk.bind(input, Type::Unknown);
            }
            walk.visit_expr(&closure.body);
        });
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.scoped(|walk| {
            walk.bind(&arm.pat, Type::Unknown);
            if let Some((_, guard)) = &arm.guard {
                walk.visit_expr(guard);
            }
            walk.visit_expr(&arm.body);
        });
    }

    fn visit_expr_if(&mut self, one: &'ast ExprIf) {
        self.scoped(|walk| visit::visit_expr_if(walk, one));
    }

    fn visit_expr_while(&mut self, one: &'ast ExprWhile) {
        self.scoped(|walk| visit::visit_expr_while(walk, one));
    }

    fn visit_expr_let(&mut self, one: &'ast ExprLet) {
        self.visit_expr(&one.expr);
        let ty = self.type_of(&one.expr);
        self.bind(&one.pat, ty);
    }

    fn visit_expr_for_loop(&mut self, one: &'ast ExprForLoop) {
        self.visit_expr(&one.expr);
        self.scoped(|walk| {
            walk.bind(&one.pat, Type::Unknown);
            walk.visit_block(&one.body);
        });
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.note(&segments(&path.path));
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let receiver = self.type_of(&call.receiver);
        self.note_method(&receiver, &call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_macro(&mut self, one: &'ast ExprMacro) {
        self.visit_macro(&one.mac);
    }

    fn visit_macro(&mut self, one: &'ast Macro) {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        match one.parse_body_with(list) {
            Ok(all) => {
                for expr in &all {
                    self.visit_expr(expr);
                }
            }
            Err(_) => self.note_tokens(one.tokens.clone()),
        }
    }

    // Names in patterns and types call nothing.
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: &str = "
        port!(/// Reads. \n Read::read(key: &str) -> ());
        port!(Write::write(key: &str) -> ());
        port!(Never::never() -> ());
    ";
    const STORE: &str = "
        use aws_sdk_dynamodb::{Client, types::{Put, TransactWriteItem}};
        use seisiun_workflows::ports::{Never, Read, Write};
        pub struct Store { client: Client }
        impl Store {
            pub fn new() -> Self { todo!() }
            async fn get(&self, key: &str) { self.client.get_item().key(key).send().await }
        }
        impl Read for Store {
            async fn read(&self, key: &str) { self.get(key).await }
        }
        impl Write for Store {
            async fn write(&self, key: &str) {
                let known: std::collections::HashMap<String, String> = Default::default();
                known.get(key);
                let put = Put::builder().build();
                self.client.transact_write_items().send().await
            }
        }
        impl Never for Store { async fn never(&self) {} }
        #[cfg(test)]
        mod tests { fn lists() { aws_sigv4::sign() } }
    ";
    const TASKS: &str = "
        use crate::ports::{Read, Write};
        pub mod copy { pub async fn copy<S: super::Read>(store: &S) { store.read(\"a\").await } }
        pub async fn keep(store: &impl Write) { store.write(\"a\").await }
        pub async fn forgotten(store: &impl Write) { store.write(\"b\").await }
    ";

    fn check(main: &str, expected: &[&str]) {
        let source = |krate: &str, module: &str, text: &str| Source {
            krate: krate.into(),
            module: module.into(),
            text: text.into(),
        };
        let sources = [
            source("seisiun_workflows", "ports", PORTS),
            source("seisiun_workflows", "", TASKS),
            source("seisiun_aws", "store", STORE),
            source("one-task", "", main),
        ];
        let found = Calls::of(&sources, &["one-task"]).unwrap();
        let calls: Vec<String> =
            found.binaries["one-task"].iter().map(ToString::to_string).collect();
        assert_eq!(calls, expected, "{main}");
        assert!(found.unreached.contains("seisiun_workflows::forgotten"), "{found:?}");
        assert_eq!(found.silent, BTreeSet::from(["seisiun_aws::store::Store::never".to_owned()]));
    }

    #[test]
    fn calls_are_found_through_names_types_and_ports() {
        const READS: &[&str] = &["dynamodb.get_item"];
        const WRITES: &[&str] = &["dynamodb.transact_write_items", "dynamodb.types::Put"];
        for (main, expected) in [
            ("fn main() {}", &[][..]),
            (
                "use seisiun_aws::store::Store; use seisiun_workflows::copy::{self, copy};
                 fn main() { let store = &Store::new(); serve(move || async { copy(store) }) }",
                READS,
            ),
            ("use seisiun_workflows::copy::{self, copy}; fn main() { copy::copy(store()) }", READS),
            ("use seisiun_workflows as tasks; fn main() { tasks::keep(store()) }", WRITES),
            // Named, handed on, called in a macro, by a method, within a function.
            ("use seisiun_workflows::keep; fn main() { route(post(keep)) }", WRITES),
            ("fn main() { join!(one.write(1), two) }", WRITES),
            ("fn main() { log!(a.b = %store.write(1), \"it\") }", WRITES),
            ("fn main() { fn inner() { any().read(1) } inner() }", READS),
            ("use seisiun_workflows::ports::Read; fn main() { Read::read(store, 1) }", READS),
            (
                "use seisiun_aws::store::Store; struct App { store: Arc<Store> }
                 fn main() { route(get(page)) }
                 async fn page(State(app): State<Arc<App>>) { app.store.clone().read(1) }",
                READS,
            ),
            // Somebody else's method of the same name, and a variable's name.
            ("fn main() { let map: HashMap<u8, u8> = new(); map.read(1) }", &[]),
            ("use seisiun_workflows::keep; fn main() { let keep = 1; use_it(keep) }", &[]),
        ] {
            check(main, expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let source = |text: &str| {
            [Source { krate: "one-task".into(), module: String::new(), text: text.into() }]
        };
        assert!(Calls::of(&source("fn main("), &["one-task"]).unwrap_err().contains("one-task"));
        assert!(Calls::of(&source(""), &["one-task"]).unwrap_err().contains("no function main"));
    }
}
