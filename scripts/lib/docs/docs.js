// Builds the docs site: the guide, the client's reference and the API reference, with the contract to download.
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generatedDir } from '../contract/contract-dir.js';
import { buildApiPage, CONTRACTS } from './api-page.js';
import { runScript, siteScript, style } from './assets.js';
import { buildGuide } from './guide.js';
import { guideFiles } from './guide-files.js';
import { llmsText } from './markdown.js';
import { searchIndex } from './search/search-index.js';

/** The scripts and the style that pages load, and the Markdown beside them. */
async function writeFiles(folder, { pages, highlighting }) {
  const write = (name, text) => writeFile(join(folder, name), text);
  await mkdir(join(folder, 'assets'), { recursive: true });
  const contract = parse(await readFile(join(generatedDir, 'openapi.yaml'), 'utf8'));
  await write('assets/site.css', await style(['base.css', 'page.css'], highlighting));
  await write('assets/site.js', await siteScript());
  await write('assets/run.js', await runScript());
  await write('assets/search.js', `siteSearch=${JSON.stringify(searchIndex(pages, contract))}`);
  const written = pages.filter(({ markdown }) => markdown !== undefined);
  for (const { url, markdown } of written) await write(url.replace(/html$/, 'md'), markdown);
  const groups = guideFiles().map(
    ([title, paths]) =>
      /** @type {[string, string[]]} */ ([
        title,
        paths.map((path) => written.find((page) => page.path === path)?.url ?? path),
      ]),
  );
  await write('llms.txt', llmsText(written, groups));
}

/**
 * @param {string} folder where the site goes; emptied first
 * @returns {Promise<{ pages: string[], bytes: number }>} the paths of its pages, relative to the folder, and its size
 */
export async function buildDocs(folder) {
  const guide = await buildGuide(folder);
  await Promise.all([writeFiles(folder, guide), buildApiPage(join(folder, 'api.html'))]);
  for (const name of CONTRACTS) await copyFile(join(generatedDir, name), join(folder, name));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    pages: files.filter((file) => file.endsWith('.html')).map((file) => file.slice(folder.length + 1)),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}
