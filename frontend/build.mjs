// Bundles what browsers load into src/ashiato/web/static/built/, under names that change with the content,
// with a manifest of plain names. Run by scripts/frontend; needs `npm ci` before.
import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";

const out = process.argv[2];
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  entryPoints: {
    console: "src/console.js",
    charts: "src/charts.js",
    theme: "src/theme.js",
    private: "src/private.js",
    upload: "src/upload.js",
    styles: "src/styles/console.css",
  },
  outdir: out,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  target: ["chrome111", "firefox113", "safari16.4"],
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [path, made] of Object.entries(result.metafile.outputs)) {
  const plain = basename(path).replace(/-[0-9A-Z]{8}\./, ".");
  if (!made.entryPoint) continue;
  manifest[plain] = basename(path);
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
}
writeFileSync(`${out}/manifest.json`, JSON.stringify(manifest, null, 1) + "\n");
