/** The release workflow's first step: what it accepts, and what it says about everything else. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { releaseProblems } from '../../scripts/lib/package/release.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const ready = {
  tag: 'v1.2.3',
  manifest: { version: '1.2.3', repository: { type: 'git', url: 'git+https://github.com/an-owner/a-name.git' } },
  source: "/** The version. */\nexport const VERSION = '1.2.3';\n",
  changelog: '# Changelog\n\n## 1.2.3, 2026-01-31\n\n- A change.\n\n## 1.2.2, unreleased\n',
  repository: 'an-owner/a-name',
};

test('finds no problem if everything agrees', () => {
  expect(releaseProblems(ready)).toEqual([]);
});

test.each([
  'github:an-owner/a-name',
  'an-owner/a-name',
  'https://github.com/an-owner/a-name',
  { type: 'git', url: 'git@github.com:An-Owner/a-name.git' },
])('takes the repository as %j', (repository) => {
  expect(releaseProblems({ ...ready, manifest: { version: '1.2.3', repository } })).toEqual([]);
});

test('takes any GitHub repository outside of a workflow', () => {
  expect(releaseProblems({ ...ready, repository: undefined })).toEqual([]);
});

describe('names each problem', () => {
  const cases: [string, Partial<typeof ready> | { manifest: object }, RegExp][] = [
    ['no repository', { manifest: { version: '1.2.3' } }, /^package\.json: "repository" is missing.*provenance/],
    ['an empty one', { manifest: { version: '1.2.3', repository: {} } }, /^package\.json: "repository" is missing/],
    [
      'another host',
      { manifest: { version: '1.2.3', repository: 'https://example.com/a/b' } },
      /"repository" is missing/,
    ],
    ['another repository', { repository: 'a-fork/a-name' }, /"repository" is an-owner\/a-name.*runs in a-fork\/a-name/],
    ['another tag', { tag: 'v1.2.4' }, /^tag v1\.2\.4:.*must be v1\.2\.3$/],
    ['a tag without v', { tag: '1.2.3' }, /^tag 1\.2\.3:.*must be v1\.2\.3$/],
    ['no tag', { tag: '' }, /^tag \(none\):/],
    ['another VERSION', { source: "export const VERSION = '1.2.2';\n" }, /^src\/version\.ts: VERSION is 1\.2\.2,/],
    ['no VERSION', { source: '' }, /^src\/version\.ts: VERSION is missing,/],
    [
      'an undated changelog',
      { changelog: '## 1.2.3, unreleased\n' },
      /^CHANGELOG\.md:.*"1\.2\.3, unreleased" has no date/,
    ],
    ['an older changelog', { changelog: '## 1.2.2, 2026-01-01\n' }, /^CHANGELOG\.md: the first heading is "1\.2\.2/],
    ['an empty changelog', { changelog: '' }, /^CHANGELOG\.md: the first heading is "\(none\)"/],
  ];
  test.each(cases)('%s', (_, change, message) => {
    const problems = releaseProblems({ ...ready, ...change });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });
});

describe('the script', () => {
  let folder: string | undefined;
  afterEach(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  /** A folder with the script, and nothing installed: it must run before `npm ci`. */
  async function check(files: typeof ready, tag: string) {
    folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-release-'));
    for (const name of ['scripts/package/release-check.js', 'scripts/lib/package/release.js'])
      await cp(join(root, name), join(folder, name), { recursive: true });
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', ...files.manifest }));
    await writeFile(join(folder, 'src', 'version.ts'), files.source);
    await writeFile(join(folder, 'CHANGELOG.md'), files.changelog);
    const env = { ...process.env, GITHUB_REPOSITORY: files.repository };
    return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [join(folder as string, 'scripts/package/release-check.js'), tag],
        { env },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  }

  test('ends with 0 if everything agrees', async () => {
    expect(await check(ready, 'v1.2.3')).toEqual({ code: 0, stdout: 'v1.2.3 can be released.\n', stderr: '' });
  });

  test('ends with 1 and one line for each problem', async () => {
    const { code, stdout, stderr } = await check({ ...ready, changelog: '', source: '' }, 'v9.9.9');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^tag v9\.9\.9:/),
      expect.stringMatching(/^src\/version\.ts:/),
      expect.stringMatching(/^CHANGELOG\.md:/),
      expect.stringMatching(/^v9\.9\.9 can't be released/),
    ]);
  });
});

test('package.json, src/version.ts and the changelog of this commit name the same version', async () => {
  const read = (name: string) => readFile(join(root, name), 'utf8');
  const manifest = JSON.parse(await read('package.json'));
  const problems = releaseProblems({
    tag: `v${manifest.version}`,
    manifest: { ...manifest, repository: 'an-owner/a-name' },
    source: await read('src/version.ts'),
    changelog: (await read('CHANGELOG.md')).replace(', unreleased', ', 2026-01-31'),
  });
  expect(problems).toEqual([]);
});
