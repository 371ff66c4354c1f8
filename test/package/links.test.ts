/** The relative links of the Markdown files that are shipped: they must work in node_modules too. */
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { files }: { files: string[] } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** What npm ships whatever `files` says. */
const ALWAYS = ['package.json', 'README.md', 'LICENSE'];
const isWithin = (path: string) => (entry: string) => path === entry || path.startsWith(`${entry.replace(/\/$/, '')}/`);
/** `!` entries, in which `*` stands for a part of the path. */
const leftOut = files
  .filter((entry) => entry.startsWith('!'))
  .map((entry) => new RegExp(`^${entry.slice(1).replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`));
const isLeftOut = (path: string) => leftOut.some((pattern) => pattern.test(path));
const isShipped = (path: string) => [...ALWAYS, ...files].some(isWithin(path)) && !isLeftOut(path);

/** Targets of inline links, images and reference definitions; not those in code blocks. */
function linksOf(markdown: string): string[] {
  const text = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');
  const inline = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)];
  const definitions = [...text.matchAll(/^ {0,3}\[[^\]]+\]: *<?([^\s>]+)/gm)];
  const html = [...text.matchAll(/<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"\s]+)/g)];
  return [...inline, ...definitions, ...html].map(([, target]) => target as string);
}

/** The anchors that GitHub gives to headings. */
const anchorsOf = (markdown: string) =>
  [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ +(.*)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

/** The Markdown files that npm ships. */
const folders = files.filter((entry) => statSync(join(root, entry), { throwIfNoEntry: false })?.isDirectory());
const inFolders = folders.map(async (folder) =>
  (await readdir(join(root, folder), { recursive: true })).map((name) => posix.join(folder, name)),
);
const documents = [...ALWAYS, ...files, ...(await Promise.all(inFolders)).flat()].filter(
  (path) => path.endsWith('.md') && !isLeftOut(path),
);

test('finds links of every form', () => {
  const markdown = [
    '[a](a.md) ![b](b.png "title") [![c](c.png)](d.md) [`e`](e.md) <img alt="" src="f.png">',
    '[g]: g.md',
    '```sh\n[no](no.md)\n```',
    '`[no](no.md)`',
  ].join('\n');
  expect(linksOf(markdown).sort()).toEqual(['a.md', 'b.png', 'c.png', 'd.md', 'e.md', 'f.png', 'g.md']);
});

test('finds the README among the shipped documents', () => {
  expect(documents).toContain('README.md');
  expect(documents).toContain('examples/README.md');
});

describe.each(documents)('%s', async (path) => {
  const markdown = await readFile(join(root, path), 'utf8');
  const targets = linksOf(markdown)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#');
      return { target: file ? posix.join(posix.dirname(path), file) : path, anchor };
    });

  test('links only to files that exist and are shipped', () => {
    const wrong = targets.filter(({ target }) => !existsSync(join(root, target)) || !isShipped(target));
    expect(wrong).toEqual([]);
  });

  test('links only to headings that exist', async () => {
    for (const { target, anchor } of targets) {
      if (anchor) expect(anchorsOf(await readFile(join(root, target), 'utf8')), target).toContain(anchor);
    }
  });
});
