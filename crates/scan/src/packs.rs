//! Framework packs: what well-known libraries do when an application is put together, as Python that the evaluator runs in their
//! place. They replace an installed library; nothing of the project's dependencies is needed.

macro_rules! packs {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../packs/", $path)))),*]
    };
}

const PACKS: &[(&str, &str)] = packs![
    "anyio/__init__.py",
    "anyio/to_thread.py",
    "fastapi/__init__.py",
    "fastapi/applications.py",
    "fastapi/background.py",
    "fastapi/concurrency.py",
    "fastapi/datastructures.py",
    "fastapi/encoders.py",
    "fastapi/exception_handlers.py",
    "fastapi/exceptions.py",
    "fastapi/middleware/__init__.py",
    "fastapi/middleware/cors.py",
    "fastapi/middleware/gzip.py",
    "fastapi/middleware/httpsredirect.py",
    "fastapi/middleware/trustedhost.py",
    "fastapi/middleware/wsgi.py",
    "fastapi/param_functions.py",
    "fastapi/params.py",
    "fastapi/requests.py",
    "fastapi/responses.py",
    "fastapi/routing.py",
    "fastapi/security/__init__.py",
    "fastapi/security/api_key.py",
    "fastapi/security/base.py",
    "fastapi/security/http.py",
    "fastapi/security/oauth2.py",
    "fastapi/security/open_id_connect_url.py",
    "fastapi/security/schemes.py",
    "fastapi/security/utils.py",
    "fastapi/staticfiles.py",
    "fastapi/websockets.py",
    "fastapi_restful/__init__.py",
    "fastapi_restful/cbv.py",
    "fastapi_users/__init__.py",
    "fastapi_users/authentication/__init__.py",
    "fastapi_users/router/__init__.py",
    "fastapi_utils/__init__.py",
    "fastapi_utils/cbv.py",
    "fastapi_utils/inferring_router.py",
    "flask/__init__.py",
    "flask/app.py",
    "flask/blueprints.py",
    "flask/cli.py",
    "flask/config.py",
    "flask/ctx.py",
    "flask/globals.py",
    "flask/helpers.py",
    "flask/json/__init__.py",
    "flask/json/provider.py",
    "flask/scaffold.py",
    "flask/sessions.py",
    "flask/views.py",
    "flask/wrappers.py",
    "flask_login/__init__.py",
    "flask_login/config.py",
    "flask_login/login_manager.py",
    "flask_login/mixins.py",
    "flask_login/utils.py",
    "jose/__init__.py",
    "jose/exceptions.py",
    "jose/jwt.py",
    "jwt/__init__.py",
    "jwt/exceptions.py",
    "makefun/__init__.py",
    "pydantic/__init__.py",
    "pydantic/fields.py",
    "pydantic/main.py",
    "pydantic_settings/__init__.py",
    "sqlalchemy/__init__.py",
    "sqlalchemy/ext/__init__.py",
    "sqlalchemy/ext/asyncio/__init__.py",
    "sqlalchemy/ext/asyncio/session.py",
    "sqlalchemy/ext/declarative/__init__.py",
    "sqlalchemy/future.py",
    "sqlalchemy/orm/__init__.py",
    "sqlalchemy/orm/decl_api.py",
    "sqlalchemy/orm/mapping.py",
    "sqlalchemy/orm/session.py",
    "sqlalchemy/schema.py",
    "sqlalchemy/sql/__init__.py",
    "sqlalchemy/sql/expression.py",
    "sqlmodel/__init__.py",
    "sqlmodel/ext/__init__.py",
    "sqlmodel/ext/asyncio/__init__.py",
    "sqlmodel/ext/asyncio/session.py",
    "sqlmodel/main.py",
    "starlette/__init__.py",
    "starlette/_utils.py",
    "starlette/applications.py",
    "starlette/authentication.py",
    "starlette/concurrency.py",
    "starlette/config.py",
    "starlette/datastructures.py",
    "starlette/endpoints.py",
    "starlette/exceptions.py",
    "starlette/middleware/__init__.py",
    "starlette/middleware/authentication.py",
    "starlette/middleware/base.py",
    "starlette/middleware/cors.py",
    "starlette/middleware/errors.py",
    "starlette/middleware/exceptions.py",
    "starlette/middleware/gzip.py",
    "starlette/middleware/httpsredirect.py",
    "starlette/middleware/sessions.py",
    "starlette/middleware/trustedhost.py",
    "starlette/middleware/wsgi.py",
    "starlette/requests.py",
    "starlette/responses.py",
    "starlette/routing.py",
    "starlette/staticfiles.py",
    "starlette/status.py",
    "starlette/websockets.py",
    "strawberry/fastapi/__init__.py",
    "werkzeug/__init__.py",
    "werkzeug/exceptions.py",
    "werkzeug/middleware/__init__.py",
    "werkzeug/middleware/dispatcher.py",
    "werkzeug/middleware/proxy_fix.py",
    "werkzeug/routing.py",
    "werkzeug/utils.py",
    "werkzeug/wrappers.py",
];

/// The text of a module of a described library.
pub(crate) fn source(path: &str) -> Option<&'static str> {
    PACKS.binary_search_by_key(&path, |(name, _)| name).ok().map(|at| PACKS[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_pack_parses() {
        assert!(PACKS.is_sorted_by_key(|(name, _)| *name));
        for (name, text) in PACKS {
            let (_, gaps) = python::source::SourceFile::new((*name).into(), text.as_bytes().to_vec());
            assert_eq!(gaps, [], "{name}");
        }
    }
}
