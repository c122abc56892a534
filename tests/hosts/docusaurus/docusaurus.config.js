// A page of Docusaurus with figures; the docs are ../pages.
export default {
  title: "Docs with figures",
  url: "https://docs.example",
  baseUrl: "/docs/built/docusaurus/",
  trailingSlash: true,
  scripts: [{ src: "https://docs.example/converge/converge-playground.js", type: "module" }],
  stylesheets: ["https://docs.example/converge/converge-playground.css"],
  plugins: [["@docusaurus/plugin-content-docs", { path: "../pages", exclude: ["SUMMARY.md"], routeBasePath: "/" }]],
  themeConfig: { colorMode: { respectPrefersColorScheme: true } },
  themes: ["@docusaurus/theme-classic"],
};
