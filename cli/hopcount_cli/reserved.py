"""Words that no link may be called; the web app knows them from here, too."""

RESERVED = frozenset(
    {
        *("about", "account", "admin", "api", "app", "apps", "assets", "auth", "billing", "blog", "bulk"),
        *("callback", "config", "contact", "dashboard", "docs", "download", "events", "export", "favicon"),
        *("figures", "graphql", "health", "healthz", "help", "home", "img", "index", "internal", "legal"),
        *("login", "logout", "manifest", "metrics", "null", "oauth", "oauth2", "openapi", "ping", "pricing"),
        *("privacy", "public", "ready", "redoc", "register", "robots", "root", "security", "settings"),
        *("signin", "signout", "signup", "sitemap", "static", "stats", "status", "support", "swagger"),
        *("system", "terms", "test", "tokens", "undefined", "urls", "user", "users", "v1", "v2", "webhooks"),
        *("well-known", "www"),
    }
)
"""The list of the links service (`links.domain.codes`), which cannot be imported; a test holds them equal."""
