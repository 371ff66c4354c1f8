// node scripts/package/release-check.js TAG   fails if this commit can't be released as TAG, and says why
//
// Runs before npm ci, so it imports no dependency.
import { readFile } from 'node:fs/promises';
import { releaseProblems } from '../lib/package/release.js';

const read = (name) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
const tag = process.argv[2] ?? '';
const problems = releaseProblems({
  tag,
  manifest: JSON.parse(await read('package.json')),
  source: await read('src/version.ts'),
  changelog: await read('CHANGELOG.md'),
  repository: process.env.GITHUB_REPOSITORY,
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error(`${tag || 'No tag:'} can't be released. See RELEASING.md.`);
else console.log(`${tag} can be released.`);
process.exitCode = problems.length > 0 ? 1 : 0;
