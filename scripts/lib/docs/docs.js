// Builds the docs site: the guide, the client's reference and the API reference, with the contract to download.
import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedDir } from '../contract/contract-dir.js';
import { buildApiPage } from './api-page.js';
import { CONTRACTS } from './api-page-style.js';
import { buildGuide } from './guide.js';

/**
 * @param {string} folder where the site goes; emptied first
 * @returns {Promise<{ pages: string[], bytes: number }>} the paths of its pages, relative to the folder, and its size
 */
export async function buildDocs(folder) {
  await buildGuide(folder);
  await buildApiPage(join(folder, 'api.html'));
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
