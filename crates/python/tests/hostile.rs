//! Hostile input: whatever the bytes, reading and evaluating them ends soon, with a value or a gap, on the stack that the scanner
//! gives its workers.

mod driver;

use driver::{evaluate, kinds, on_big_stack, read, shown};
use model::GapKind;

/// Reading and evaluating a text ends within its time; debug builds are slow, so the bound is generous.
#[expect(clippy::disallowed_methods, reason = "a bound on the time that a hostile file may take")]
fn ends(text: &str) -> Vec<GapKind> {
    let owned = text.to_owned();
    let started = std::time::Instant::now();
    let gaps = on_big_stack(move || evaluate(&[("main.py", owned.as_bytes())]).gaps);
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?} for {text:.80}");
    gaps
}

fn nested(depth: usize, open: &str, inner: &str, close: &str) -> String {
    format!("x = {}{inner}{}\n", open.repeat(depth), close.repeat(depth))
}

#[test]
fn long_and_deep_expressions() {
    let too_deep = [
        format!("x = 1{}\n", "+1".repeat(10_000)),
        format!("x = 2{}\n", "**2".repeat(10_000)),
        "(".repeat(400_000),
        "[".repeat(400_000),
        "{".repeat(400_000),
        nested(1_000, "f(", "1", ")"),
        nested(1_000, "(lambda: ", "1", ")"),
        nested(201, "[", "1", "]"),
        format!("x = a{}\n", ".b".repeat(100_000)),
        format!("x = a{}\n", "()".repeat(100_000)),
        format!("x = a{}\n", "[0]".repeat(100_000)),
        format!("x = {}a\n", "not ".repeat(100_000)),
        format!("x = {}a\n", "-".repeat(100_000)),
        format!("x = {}a\n", "lambda: ".repeat(100_000)),
        format!("x = {}1\n", "1 if a else ".repeat(100_000)),
        format!("x = {}1\n", "a < ".repeat(100_000)),
        format!("x = {}1\n", "a and ".repeat(100_000)),
        format!("x = {}1\n", "await ".repeat(100_000)),
        format!("{}pass\n", "if a: ".to_string() + &"x = ".repeat(100_000)),
        format!("x{} = 1\n", " : a".repeat(100_000)),
    ];
    for text in too_deep {
        assert!(ends(&text).contains(&GapKind::TooDeep), "{text:.60}");
    }
}

#[test]
fn expressions_at_the_bounds_are_evaluated() {
    // 4,000 operators, 200 brackets: the deepest trees that the parser is given.
    let at_bound = [
        format!("x = 1{}\n", "+1".repeat(4_000)),
        format!("x = 2{}\n", "**2".repeat(4_000)),
        format!("x = a{}\n", ".b".repeat(4_000)),
        format!("x = a{}\n", "()".repeat(1_900)),
        format!("x = a{}\n", "[0]".repeat(1_900)),
        format!("x = {}a\n", "not ".repeat(3_999)),
        format!("x = {}a\n", "-".repeat(3_999)),
        format!("x = {}a\n", "lambda: ".repeat(1_900)),
        format!("x = {}1\n", "1 if a else ".repeat(1_900)),
        format!("x = {}1\n", "a < ".repeat(3_999)),
        format!("x = {}1\n", "a and ".repeat(3_999)),
        format!("x = {}1\n", "await ".repeat(3_999)),
        format!("x = {}a\n", "~".repeat(3_999)),
        nested(200, "(", "1", ")"),
        nested(200, "[", "1", "]"),
        nested(198, "f(", "1", ")"),
        nested(198, "{1: ", "1", "}"),
        nested(190, "(a or (b and ", "1", "))").replace("))", ")"),
        nested(99, "f'{", "1", "}'"),
        nested(99, "[x for x in ", "y", "]"),
    ];
    for text in at_bound {
        let gaps = ends(&text);
        assert!(!gaps.contains(&GapKind::Internal), "{text:.60}");
    }
}

#[test]
fn deep_blocks() {
    let blocks = |depth: usize, head: &str| {
        (0..depth).map(|i| format!("{}{head}\n", " ".repeat(i))).collect::<String>() + &" ".repeat(depth) + "pass\n"
    };
    for head in ["if a:", "while a:", "for i in a:", "with a:", "class A:", "def f():", "try:", "match a:"] {
        assert!(ends(&blocks(100_000 / 50, head)).contains(&GapKind::TooDeep), "{head}");
        let gaps = ends(&blocks(100, head));
        assert!(!gaps.contains(&GapKind::TooDeep) || head == "match a:", "{head}: {gaps:?}");
    }
    let tries = (0..90).map(|i| format!("{}try:\n", " ".repeat(i))).collect::<String>() + &" ".repeat(90) + "a()\n";
    let closing: String = (0..90).rev().map(|i| format!("{0}finally:\n{0} b()\n", " ".repeat(i))).collect();
    ends(&(tries + &closing));
}

#[test]
fn long_chains_of_branches() {
    for count in [1_000, 20_000] {
        ends(&format!("from lib import a\nif a == 0:\n    x = 0\n{}", "elif a:\n    x = 1\n".repeat(count)));
        ends(&format!("from lib import a\nmatch a:\n{}", "    case 1:\n        x = 1\n".repeat(count)));
        ends(&format!("from lib import a\ntry:\n    a()\n{}", "except a:\n    x = 1\n".repeat(count)));
    }
}

#[test]
fn many_conditions_do_not_multiply() {
    ends(&format!("from lib import a\n{}", "if a():\n    x = 1\nelse:\n    x = 2\n".repeat(2_000)));
    let function = format!("def f(a):\n{}    return 2\n", "    if a():\n        return 1\n".repeat(2_000));
    ends(&format!("from lib import a\n{function}x = f(a)\n"));
    let assigned: String = (0..2_000).map(|i| format!("    if a():\n        x{i} = 1\n")).collect();
    ends(&format!("from lib import a\ndef f():\n{assigned}\nf()\n"));
}

#[test]
fn huge_literals() {
    ends(&format!("x = '{}'\n", "a".repeat(3_000_000)));
    ends(&format!("x = b'{}'\n", "a".repeat(3_000_000)));
    ends(&format!("x = {}\n", "9".repeat(200_000)));
    ends(&format!("x = 0x{}\n", "f".repeat(200_000)));
    ends(&format!("x = [{}]\n", "1, ".repeat(200_000)));
    ends(&format!("x = {{{}}}\n", (0..20_000).map(|i| format!("{i}: 1, ")).collect::<String>()));
    ends(&format!("x = {{{}}}\n", (0..20_000).map(|i| format!("{i}, ")).collect::<String>()));
    ends(&format!("def f({}): pass\nf()\n", (0..5_000).map(|i| format!("a{i}=1, ")).collect::<String>()));
    ends(&format!("f({})\n", (0..5_000).map(|i| format!("a{i}=1, ")).collect::<String>()));
    ends(&format!(
        "from lib import {}\n",
        (0..20_000).map(|i| format!("a{i}, ")).collect::<String>().trim_end_matches(", ")
    ));
    ends(
        &format!("{} = 1\n", (0..10_000).map(|i| format!("a{i}")).collect::<Vec<_>>().join(" = "))
            .replace(" = ", ", ")
            .replace(", 1\n", " = lib\n"),
    );
    ends(
        &"@d\n"
            .repeat(3_000)
            .clone()
            .replace("@d\n", "@lib.d\n")
            .chars()
            .chain("def f(): pass\n".chars())
            .collect::<String>(),
    );
    ends(&format!("class A({}): pass\n", (0..2_000).map(|i| format!("lib.B{i}, ")).collect::<String>()));
    ends(
        &(0..2_000)
            .map(|i| if i == 0 { "class A0: pass\n".to_owned() } else { format!("class A{i}(A{}): pass\n", i - 1) })
            .collect::<String>(),
    );
}

#[test]
fn bytes_that_are_not_python() {
    assert_eq!(kinds(b"x = 1\0y = 2\n"), [GapKind::NotText]);
    assert_eq!(kinds(b"\xff\xfex\0=\0"), [GapKind::NotText]);
    assert_eq!(kinds(b"\xfe\xff\0x\0="), [GapKind::NotText]);
    assert_eq!(kinds(b"x = '\xff\xfe\xfd'\n"), [GapKind::Encoding]);
    assert!(kinds(b"\x7fELF\x02\x01\x01\x00").contains(&GapKind::NotText));
    assert!(kinds(b"PK\x03\x04 \x00").contains(&GapKind::NotText));
    assert_eq!(kinds(b""), []);
    assert_eq!(kinds(b"\xef\xbb\xbf"), []);
    assert_eq!(kinds(b"\n\r\r\n\x0c\n"), []);
    let noise: Vec<u8> =
        (0..200_000u32).map(|i| u8::try_from(i.wrapping_mul(2_654_435_761) >> 24 & 0xff).unwrap_or(0).max(1)).collect();
    on_big_stack(move || read(&noise));
}

#[test]
fn encodings() {
    let value = |bytes: &[u8]| {
        let owned = bytes.to_vec();
        on_big_stack(move || shown(&[("main.py", &owned)], "x"))
    };
    assert_eq!(value(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"), "'é'");
    assert_eq!(value(b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n"), "'€'");
    assert_eq!(value(b"# coding: shift_jis\nx = '\x83e'\n"), "'テ'");
    assert_eq!(value("# coding: utf8\nx = 'é'\n".as_bytes()), "'é'");
    assert_eq!(value("\u{feff}x = 'é'\n".as_bytes()), "'é'");
    assert_eq!(value(b"x = 1\n# coding: latin-1\ny = '\xe9'\n"), "1");
    assert_eq!(value(b"x = 1\r\ny = 2\r\n"), "1");
    assert_eq!(value(b"x = 1\ry = 2\r"), "1");
}

#[test]
fn python_2_and_half_typed_files_give_what_can_be_read() {
    let value = |text: &str| {
        let owned = text.to_owned();
        on_big_stack(move || shown(&[("main.py", owned.as_bytes())], "x"))
    };
    assert_eq!(value("print 'hello'\nx = 1\n"), "1");
    assert_eq!(value("try:\n    pass\nexcept ValueError, e:\n    pass\nx = 1\n"), "1");
    assert_eq!(value("exec 'code' in ns\nx = 1\n"), "1");
    assert_eq!(value("raise E, 'text'\nx = 1\n"), "1");
    assert_eq!(value("x = 1\ndef f(\n"), "1");
    assert_eq!(value("x = 1\nclass A(\n    def m(self):\n"), "1");
    assert_eq!(value("x = 1\ny = [1, 2\n"), "1");
    assert_eq!(value("x = 1\ny = 'unterminated\n"), "1");
    assert_eq!(value("x = 1\ny = '''unterminated\n"), "1");
    assert_eq!(value("x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> b\n"), "1");
    assert_eq!(value("x = 1\nfor in range(3):\n"), "1");
    assert_eq!(value("x = 1\n  y = 2\n z = 3\n"), "1");
    assert_eq!(value("x = 1\nfrom import y\nimport\nfrom . import\n"), "1");
    assert_eq!(value("x = 1\nlambda: (yield)\n@\ndef\n"), "1");
    assert_eq!(value("x = 1\nreturn 5\nbreak\ncontinue\nyield 1\nawait f()\n"), "1");
}

#[test]
fn recursion_in_the_evaluated_program() {
    let texts = [
        "def f(): return f()\nx = f()\n",
        "def f(): return g()\ndef g(): return f()\nx = f()\n",
        "f = lambda: f()\nx = f()\n",
        "f = lambda n: f(n + 1) + f(n + 2)\nx = f(0)\n",
        "def f(n): return f(n - 1) + f(n - 2)\nx = f(30)\n",
        "def f(n): return [f(n + 1) for _ in range(100)]\nx = f(0)\n",
        "while True: pass\n",
        "while True:\n    while True:\n        while True: pass\n",
        "x = [1]\nfor i in x: x.append(i)\n",
        "x = [1]\nwhile x: x.extend(x)\n",
        "x = []\nx.append(x)\ny = x == x\nz = [x] == [x]\nw = str(x)\nv = x in x\n",
        "x = []\ny = []\nx.append(y)\ny.append(x)\nz = x == y\n",
        "d = {}\nd['d'] = d\nx = d == d\n",
        "x = 'a'\nfor i in range(100): x = x + x\n",
        "x = 'a'\nfor i in range(100): x = f'{x}{x}'\n",
        "x = 'a'\nfor i in range(100): x = x.replace('a', 'aa')\n",
        "x = 'a'\nfor i in range(100): x = '{}{}'.format(x, x)\n",
        "x = 'a'\nfor i in range(100): x = '%s%s' % (x, x)\n",
        "x = 'ab'\nfor i in range(100): x = x.join([x, x, x])\n",
        "x = (1,)\nfor i in range(100): x = x + x\n",
        "x = (1,)\nfor i in range(100): x = (x, x)\n",
        "x = (1,)\nfor i in range(100): x = (*x, *x)\n",
        "x = [1]\nfor i in range(100): x = [*x, *x]\n",
        "x = [1]\nfor i in range(100): x = x + x\n",
        "x = [1]\nfor i in range(100): x = [x, x]\ny = x == x\n",
        "x = [1]\nfor i in range(100): x = [x, x]\nz = [1]\nfor i in range(100): z = [z, z]\ny = x == z\n",
        "x = {}\nfor i in range(100): x = {'a': x, 'b': x}\n",
        "x = [i for a in range(4000) for b in range(4000) for i in range(4000)]\n",
        "for a in range(4000):\n  for b in range(4000):\n    for c in range(4000): pass\n",
        "x = 1\nfor i in range(100): x = x * x + 1\n",
        "x = 1 << 100000\n",
        "x = 9 ** 9 ** 9\n",
        "x = 'a' * 1000000000\n",
        "x = range(10 ** 12)\n",
        "x = list(range(9223372036854775807))\n",
        "x = -9223372036854775807 - 1\ny = -x\nz = x // -1\nw = x % -1\n",
        "x = 1 // 0\ny = 1 % 0\nz = 1 << -1\nw = 1 >> 99999\n",
        "x = list(enumerate(['a'], start=9223372036854775807))\n",
        "x = [1, 2][9223372036854775807]\ny = [1, 2][-9223372036854775807]\n",
        "x = 'a,b'.split(',', 9223372036854775807)\ny = 'a,b'.rsplit(',', 9223372036854775807)\n",
        "x = 'a,b'.split(',', -1)\ny = 'a,b'.rsplit(',', -1)\nz = 'a'.split('')\nw = 'a'.rsplit('')\n",
        "x = 'a'.replace('', 'b')\ny = 'a'.count('')\nz = 'a'.partition('')\n",
        "x = '{'.format()\ny = '}'.format()\nz = '{0'.format(1)\nw = '{' * 3\nv = '%'\nu = '%' % 1\nt = '%(' % {}\n",
        "class A(A): pass\nx = A()\n",
        "class A: pass\nA.__bases__ = (A,)\nclass B(A, A): pass\nx = B()\n",
        "class A(B): pass\nclass B(A): pass\nx = A().y\n",
        "class A:\n    def __init__(self): self.a = A()\nx = A()\n",
        "class A:\n    def __getattr__(self, n): return getattr(self, n)\nx = A().y\n",
        "class A:\n    def __eq__(self, o): return self == o\n    def __bool__(self): return bool(self)\n    def __len__(self): return len(self)\nx = A() == A()\ny = 1 if A() else 2\n",
        "class A:\n    def __iter__(self): return iter(self)\n    def __contains__(self, x): return x in self\nx = list(A())\ny = 1 in A()\n",
        "class A:\n    def __call__(self, *a): return self(*a)\nx = A()()\n",
        "class A:\n    @property\n    def p(self): return self.p\nx = A().p\n",
        "class A:\n    def __init_subclass__(cls):\n        class B(A): pass\nclass C(A): pass\n",
        "class A:\n    def __get__(self, o, t): return o.a\nclass B:\n    a = A()\nx = B().a\n",
        "class A:\n    def __getitem__(self, k): return self[k]\n    def __setitem__(self, k, v): self[k] = v\nx = A()\nx[1] = 2\ny = x[1]\n",
        "class A:\n    def __class_getitem__(cls, k): return cls[k]\nx = A[1]\n",
        "class A:\n    def __enter__(self):\n        with self: pass\nwith A(): pass\n",
        "def d(f): return d\n@d\n@d\ndef f(): pass\nx = f\ny = f()()()()\n",
        "def d(f):\n    @d\n    def g(): pass\n    return g\n@d\ndef f(): pass\n",
        "f = None\n@f\ndef f(): pass\n@f\nclass f: pass\n",
        "def f(): pass\nf.__wrapped__ = f\nimport inspect\nx = inspect.signature(f)\ny = f.__name__\n",
        "def f(x=lambda: f()): return x()\ny = f()\n",
        "def g():\n    yield from g()\nx = list(g())\n",
        "def g():\n    while True: yield 1\nx = list(g())\n",
        "from functools import partial\nf = partial(print)\nfor i in range(500): f = partial(f)\nx = f()\n",
        "def f(): return 1\nfor i in range(500):\n    def f(g=f): return g()\nx = f()\n",
        "from functools import cache\n@cache\ndef f(n): return f(n + 1)\nx = f(0)\n",
        "import typing\nA = 'A'\nx: 'A' = 1\ndef f(x: 'A') -> 'f': pass\nimport inspect\ny = inspect.signature(f)\nz = typing.get_type_hints(f)\n",
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    a: int = field(default_factory=lambda: A())\nx = A()\n",
        "from enum import Enum\nclass E(Enum):\n    A = 1\n    B = A\nx = E(E(E(1)))\n",
        "import main\nfrom main import *\nfrom main import main\nx = main.main.main\n",
        "x = __import__('main')\ny = __import_module__('main')\nz = __memo__(__memo__, (), {})\n",
        "__labelled__()\n__fill__()\n__fill__(1, 2)\n__modules_in__('/')\n__type_hints__(1)\n__names_of__(1)\n__memo__(1)\n__environment__()\n",
        "x = getattr(getattr, 'getattr')\ny = type(type)(type)\nz = type('A', (type,), {})\nw = type('A', (z,), {})()\n",
        "x = super\ny = super().a\nz = super(1, 2).b\nclass A:\n    w = super().c\n",
        "global x\nnonlocal y\nx = 1\n",
        "x = *y\n*z, *w = 1\ndel x, y.z, w[0]\nx += 1\n",
        "class A: pass\nfor i in range(4000): A = type('A', (A,), {})\nx = A().y\n",
        "a = b = c = []\nfor i in range(4000): a = [a]\nx = a == a\ny = str(a)\nz = a in a\n",
        "a = b = ()\nfor i in range(4000): a = (a,)\nfor i in range(4000): b = (b,)\nx = a == b\ny = {a: 1}\n",
        "a = []\nb = []\nfor i in range(4000): a = [a]\nfor i in range(4000): b = [b]\nx = a == b\n",
        "from lib import u\na = u\nfor i in range(4000): a = [a] if u else a\nx = a\n",
        "import lib\nfor i in range(4000): lib = lib.a\nx = lib\n",
        "import lib\nx = lib\nfor i in range(4000): x = x[x]\n",
    ];
    for text in texts {
        ends(text);
    }
}

#[test]
fn modules_that_import_each_other_end() {
    let circle = |count: usize| -> Vec<(String, Vec<u8>)> {
        let module = |i: usize| {
            (format!("m{i}.py"), format!("import m{0}\nfrom m{0} import *\nx = m{0}.x\n", (i + 1) % count).into_bytes())
        };
        (0..count).map(module).chain([("main.py".to_owned(), b"import m0\nx = m0.x\n".to_vec())]).collect()
    };
    for count in [1, 2, 300] {
        let files = circle(count);
        on_big_stack(move || evaluate(&files.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect::<Vec<_>>()));
    }
    // A chain: each module is run inside the run of the one before it.
    let chain: Vec<(String, Vec<u8>)> = (0..2_000)
        .map(|i| (format!("m{i}.py"), format!("import m{}\nx = {i}\n", i + 1).into_bytes()))
        .chain([("main.py".to_owned(), b"import m0\n".to_vec())])
        .collect();
    on_big_stack(move || evaluate(&chain.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect::<Vec<_>>()));
    // Each module calls a deep function of the next while it is being imported.
    let calls: Vec<(String, Vec<u8>)> = (0..500)
        .map(|i| {
            (
                format!("m{i}.py"),
                format!("def f(n):\n    import m{}\n    return [f(n - 1)]\nx = f(9)\n", i + 1).into_bytes(),
            )
        })
        .chain([("main.py".to_owned(), b"import m0\n".to_vec())])
        .collect();
    on_big_stack(move || evaluate(&calls.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect::<Vec<_>>()));
}
