// npm run build   makes one HTML file of the plugin, as Cortex takes it: dist/plugin.html, and dist/plugin-provider.html,
// which does the same in plugin-core's PluginProvider
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

async function bundle(entry) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    legalComments: 'inline',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Not tsconfig.json: its paths are for types.
    tsconfigRaw: { compilerOptions: { jsx: 'react-jsx' } },
    // The styles of plugin-core's components, which the plugin does not use.
    logOverride: { 'ignored-bare-import': 'silent' },
    write: false,
  });
  return outputFiles[0].text;
}

const style = await build({
  absWorkingDir: here,
  entryPoints: ['src/style.css'],
  minify: true,
  write: false,
});

/** The policy lets the page run this one script, and connect to nothing: it can reach Cortex by the page around it only. */
function page(script) {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Secrets</title>
<style>${style.outputFiles[0].text.trim()}</style>
</head>
<body>
<div id="root"></div>
<script>${script}</script>
</body>
</html>
`;
}

await mkdir(new URL('dist/', import.meta.url), { recursive: true });
for (const [name, entry] of [
  ['plugin', 'src/main.tsx'],
  ['plugin-provider', 'src/main-provider.tsx'],
]) {
  const html = page(await bundle(entry));
  await writeFile(new URL(`dist/${name}.html`, import.meta.url), html);
  console.log(`dist/${name}.html  ${Math.round(html.length / 1000)} kB`);
}
