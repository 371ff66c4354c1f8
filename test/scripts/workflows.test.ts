/** The workflows: right by GitHub's schema, pinned actions, and commands that exist. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { problemsOfGithubFile } from '../support/github-files.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, '.github', 'workflows');
const paths = (await readdir(folder)).map((name) => join(folder, name));
paths.push(join(root, 'examples', 'rotate-secret.yml'));
const files = await Promise.all(
  paths.map(async (path) => [path.slice(root.length), await readFile(path, 'utf8')] as const),
);
const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const uses = files.flatMap(([path, text]) =>
  [...text.matchAll(/^ *(?:- )?uses: *(.*)$/gm)].map(([, action]) => ({ path, action: action as string })),
);

test('each workflow, also in the guide, and the action are right by the schema of GitHub', async () => {
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
  const inGuide = await Promise.all(
    docs.map(async (name) => {
      const text = await readFile(join(root, 'docs', name), 'utf8');
      const blocks = text.matchAll(/^```yaml\n(# \.github\/workflows\/[\s\S]*?)^```$/gm);
      return [...blocks].map(([, code]) => [name, code as string] as const);
    }),
  );
  expect(inGuide.flat()).not.toEqual([]);
  for (const [name, code] of [...files, ...inGuide.flat()])
    expect(await problemsOfGithubFile('workflow', code), name).toEqual([]);
  const action = await readFile(join(root, 'action.yml'), 'utf8');
  expect(await problemsOfGithubFile('action', action)).toEqual([]);
  expect(await problemsOfGithubFile('action', action.replace('using:', 'usng:'))).not.toEqual([]);
});

test('pins every action by its commit, with the version as a comment', () => {
  expect(uses.length).toBeGreaterThan(10);
  const loose = uses.filter(({ action }) => !/^[\w-]+\/[\w/-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(action));
  expect(loose).toEqual([]);
});

test('uses one version of each action', () => {
  const names = new Set(uses.map(({ action }) => action.split('@')[0]));
  expect(new Set(uses.map(({ action }) => action)).size).toBe(names.size);
});

describe.each(files)('%s', (_, text) => {
  const workflow = parse(text);
  const jobs: [string, { permissions?: object; 'timeout-minutes'?: number }][] = Object.entries(workflow.jobs);

  test('runs npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
    expect(named.filter((name) => !(String(name) in scripts))).toEqual([]);
  });

  test('says its permissions, and a time limit for each job', () => {
    expect(workflow.permissions?.contents).toBe('read');
    expect(jobs.filter(([, job]) => job['timeout-minutes'] === undefined)).toEqual([]);
  });

  test('leaves no token in the checkout', () => {
    const checkouts = text.match(/uses: actions\/checkout@/g)?.length ?? 0;
    expect(text.match(/persist-credentials: false/g)?.length ?? 0).toBe(checkouts);
  });
});
