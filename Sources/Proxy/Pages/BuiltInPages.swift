import HTTPTransport

/// What viewers see at `/` until an operator brings pages of their own; compiled in, so that the program is one file.
enum BuiltInPages {
    static var all: [StaticResource] {
        [
            StaticResource("index.html", PackageResources.index_html),
            StaticResource("sluice.css", PackageResources.sluice_css),
            StaticResource("sluice.js", PackageResources.sluice_js),
            StaticResource("favicon.svg", PackageResources.favicon_svg),
        ]
    }
}
