// The styles and scripts of the site: sources in theme/, run/ and search/, bundled by esbuild as classic scripts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { generatedDir } from '../contract/contract-dir.js';

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { bundle: true, minify: true, write: false, format: 'iife', platform: 'browser', target: 'es2022' };

async function bundle(name, more = {}) {
  const { outputFiles } = await build(/** @type {any} */ ({ ...options, entryPoints: [pathOf(name)], ...more }));
  return outputFiles?.[0]?.text ?? '';
}

/** The script of every page. */
export const siteScript = () => bundle('theme/site.js');

/** What the first click on Run loads; in a function, the worker's script: client and in-memory Cortex, with an environment of their own. */
export async function runScript() {
  const contract = JSON.parse(await readFile(join(generatedDir, 'openapi.json'), 'utf8'));
  const secrets = Object.values(contract.components.examples).map(({ value }) => value);
  const define = { globalThis: 'runScope', 'self.RUN_SEED': JSON.stringify(secrets.filter(({ tag }) => tag)) };
  const program = await bundle('run/worker.js', { define, inject: [pathOf('run/scope.js')] });
  return `window.cortexProgram=function(){${program}};${await bundle('run/main.js')}`;
}

/** Colours of the highlighting whose contrast is below 4.5 to 1 on the background of code (WCAG 2.2, 1.4.3). */
const DARKER = { '#098658': '#07724a', '#EE0000': '#c40000', '#267F99': '#1f6f87', '#008000': '#0a6b0a' };

/** @param {string[]} names of files in theme/ */
export async function style(names, highlighting = '') {
  const texts = await Promise.all(names.map((name) => readFile(pathOf(`theme/${name}`), 'utf8')));
  const colours = highlighting.replaceAll(/#[0-9A-Fa-f]{6}\b/g, (colour) => DARKER[colour] ?? colour);
  const { code } = await transform([colours, ...texts].join('\n'), { loader: 'css', minify: true });
  return code;
}
