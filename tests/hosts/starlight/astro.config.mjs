// A page of Starlight with figures, and client-side navigation; the docs are ../pages.
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";

export default defineConfig({
  base: "/docs/built/starlight",
  trailingSlash: "always",
  integrations: [
    starlight({
      title: "Docs with figures",
      components: { Head: "./src/components/Head.astro" },
      head: [
        { tag: "link", attrs: { rel: "stylesheet", href: "https://docs.example/converge/converge-playground.css" } },
        { tag: "script", attrs: { type: "module", src: "https://docs.example/converge/converge-playground.js" } },
      ],
    }),
  ],
});
