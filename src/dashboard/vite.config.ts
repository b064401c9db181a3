/**
 * How the pages are built: into `dist/dashboard/ui`, a folder of static assets of the Worker. `npx vite --config
 * src/dashboard/vite.config.ts` serves them with hot reload beside a server on port 8787.
 */
import { resolve } from "node:path";
import { defineConfig } from "vite";

const ROOT = resolve(import.meta.dirname, "../..");
const SERVER = "http://127.0.0.1:8787";

export default defineConfig({
  root: import.meta.dirname,
  base: "/ui/",
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: resolve(ROOT, "dist/dashboard/ui"),
    emptyOutDir: false,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": { target: SERVER, ws: true, changeOrigin: true } } },
});
