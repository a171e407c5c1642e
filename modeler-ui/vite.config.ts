import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const output = resolve(import.meta.dirname, "../api/static");
const server = process.env["SIGNALBOX_SERVER"] ?? "http://127.0.0.1:8080";

/** bpmn-font ships five formats of one icon font; every browser we support reads woff2. */
function woff2Only(): Plugin {
  return {
    name: "woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!/\/bpmn-font\/.*\.css(\?|$)/.test(id)) return null;
      const withoutOthers = code.replace(/@font-face\s*\{[^}]*\}/g, (face) => {
        const source = /url\([^)]*\.woff2[^)]*\)\s*format\([^)]*\)/.exec(face);
        return source
          ? `@font-face{font-family:'bpmn';src:${source[0]};font-weight:normal;font-style:normal;font-display:block}`
          : face;
      });
      return { code: withoutOthers, map: null };
    },
  };
}

/** The server hands out `<file>.gz` as it lies there, so that serving costs it no compression. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    enforce: "post",
    writeBundle() {
      for (const entry of readdirSync(output, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        if (statSync(file).size < 1024) continue;
        const packed = gzipSync(readFileSync(file), { level: 9 });
        writeFileSync(`${file}.gz`, packed);
      }
    },
  };
}

export default defineConfig({
  plugins: [woff2Only(), precompressed()],
  build: {
    outDir: output,
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "firefox121", "safari17.5"], // these know light-dark(); nothing is rewritten
    assetsInlineLimit: 0, // the page's content security policy allows no data: fonts or scripts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900, // bpmn-js is one library, loaded only where a diagram is edited
  },
  server: {
    proxy: {
      "/api": { target: server, changeOrigin: true },
      "/ws": { target: server, ws: true, changeOrigin: true },
    },
  },
});
