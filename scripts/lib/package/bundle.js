// The bundle size of the client for browsers: with its dependency and its validators, minified and gzipped.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * @param {string} entry the client's entry point, relative to the project's folder
 * @returns {Promise<{ minified: number, gzipped: number, modules: number, parts: [string, number][] }>} sizes in
 *   bytes, the number of files that an import loads, and the minified size of each, largest first
 */
export async function bundledSize(entry) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { createSecretsClient, isCortexError } from ${JSON.stringify(entry)};`,
      resolveDir: fileURLToPath(new URL('../../../', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    write: false,
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new Error('esbuild made no bundle');
  const [output] = Object.values(metafile.outputs);
  const parts = Object.entries(output?.inputs ?? {})
    .map(([name, { bytesInOutput }]) => /** @type {[string, number]} */ ([name, bytesInOutput]))
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
  return {
    minified: bundle.contents.length,
    gzipped: gzipSync(bundle.contents, { level: 9 }).length,
    modules: Object.keys(metafile.inputs).filter((name) => !name.startsWith('<')).length,
    parts,
  };
}
