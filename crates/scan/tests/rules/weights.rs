//! Of rules whose findings not everybody wants to read: who is told what.

use model::{Persona, Severity};

use crate::project::scanned_files;

/// Who is told of what the rule finds in a program of one file, and how bad it is.
fn told(rule: &str, program: &str) -> Vec<(Persona, Severity)> {
    let report = scanned_files([("main.py", program)]);
    let found = report.findings.iter().filter(|one| &*one.rule == rule);
    found.map(|one| (one.persona, one.severity)).collect()
}

#[test]
fn an_endless_wait_for_a_server_that_the_client_names_is_told_to_everybody() {
    let told = |url: &str| {
        let program = format!(
            "import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/a')\ndef a(url: str):\n    return requests.get({url}).text\n"
        );
        told("request-without-timeout", &program)
    };
    assert_eq!(told("url"), [(Persona::Regular, Severity::Medium)]);
    assert_eq!(told("f'https://{url}/x'"), [(Persona::Regular, Severity::Medium)]);
    assert_eq!(told("'https://a.example/'"), [(Persona::Pedantic, Severity::Low)]);
    assert_eq!(told("f'https://a.example/{url}'"), [(Persona::Pedantic, Severity::Low)], "the host stands in the code");
    let script = "import sys\n\nimport requests\n\nrequests.get(sys.argv[1])\n";
    let by_command = self::told("request-without-timeout", script);
    assert_eq!(by_command, [(Persona::Pedantic, Severity::Low)], "whoever runs it says so");
}

#[test]
fn a_cookie_of_objects_is_told_to_everybody() {
    let told = |rule: &str, value: &str| {
        let program = format!(
            "import json\nimport pickle\nfrom base64 import b64encode\n\nfrom flask import Flask, make_response\n\napp = Flask(__name__)\n\n\n\
             @app.get('/a')\ndef a():\n    answer = make_response('')\n    answer.set_cookie('prefs', {value})\n    return answer\n"
        );
        told(rule, &program)
    };
    for rule in ["cookie-without-httponly", "cookie-without-secure"] {
        let pickled = told(rule, "b64encode(pickle.dumps({'mode': 'dark'})).decode()");
        assert_eq!(pickled, [(Persona::Regular, Severity::Low)], "{rule}");
        let written = told(rule, "json.dumps({'mode': 'dark'})");
        assert_eq!(written, [(Persona::Auditor, Severity::Low)], "{rule}: a page may have to read it");
    }
}

#[test]
fn a_cookie_that_is_kept_before_it_is_written_has_its_name_there() {
    let told = |name: &str| {
        let program = format!(
            "import http.cookies\nfrom http.server import BaseHTTPRequestHandler\n\n\nclass Handler(BaseHTTPRequestHandler):\n    \
             cookie = http.cookies.SimpleCookie()\n\n    def do_GET(self):\n        self.cookie.load('{name}=a')\n        for morsel in self.cookie.values():\n            \
             self.send_header('Set-Cookie', morsel.OutputString())\n"
        );
        told("cookie-without-httponly", &program)
    };
    assert_eq!(told("SESSIONID"), [(Persona::Regular, Severity::Medium)]);
    assert_eq!(told("theme"), [(Persona::Auditor, Severity::Low)]);
    assert_eq!(
        told("theme=a')  # no session cookie\n        self.cookie.load('b"),
        [(Persona::Auditor, Severity::Low)]
    );
}

#[test]
fn a_policy_that_admits_every_script_is_told_to_everybody() {
    let told = |policy: &str| {
        let program = format!(
            "from fastapi import FastAPI, Response\n\napp = FastAPI()\n\n\n@app.get('/a')\ndef a(response: Response):\n    \
             response.headers['Content-Security-Policy'] = \"{policy}\"\n    return {{}}\n"
        );
        told("weak-security-header", &program)
    };
    assert_eq!(told("default-src * 'unsafe-inline'"), [(Persona::Regular, Severity::Low)]);
    assert_eq!(told("default-src 'self'; script-src https: 'unsafe-inline'"), [(Persona::Regular, Severity::Low)]);
    assert_eq!(told("default-src 'self' 'unsafe-inline'"), [(Persona::Pedantic, Severity::Low)]);
    assert_eq!(told("default-src * 'unsafe-inline'; script-src 'self'"), []);
}

#[test]
fn what_many_may_do_is_told_to_everybody() {
    let told = |guard: &str| {
        let program = format!(
            "import requests\nfrom fastapi import Depends, FastAPI, HTTPException\nfrom fastapi.security import OAuth2PasswordBearer\n\n\
             app = FastAPI()\nscheme = OAuth2PasswordBearer(tokenUrl='token')\n\n\ndef user(token: str = Depends(scheme)):\n    return load(token)\n\n\n\
             def asks(role):\n    def guard(user=Depends(user)):\n        if user.role != role:\n            raise HTTPException(403)\n    return guard\n\n\n\
             @app.post('/a', dependencies=[{guard}])\ndef a(url: str):\n    return requests.get(url, timeout=5).text\n"
        );
        told("user-input-in-url", &program)
    };
    assert_eq!(told("Depends(user)"), [(Persona::Regular, Severity::High)]);
    for role in ["customer", "Customers", "Role.CUSTOMER"] {
        assert_eq!(told(&format!("Depends(asks('{role}'))")), [(Persona::Regular, Severity::High)], "{role}");
    }
    assert_eq!(told("Depends(asks('admin'))"), [(Persona::Pedantic, Severity::Medium)]);
}
