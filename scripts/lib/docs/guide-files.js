// The pages of the guide, in the order of the navigation.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The order of the navigation. A page of docs/ that no group lists stands at the end of the first one. */
export const GROUPS = {
  Guide: [
    ...['getting-started', 'rotate-from-ci', 'bulk', 'rate-limits', 'errors', 'retries', 'logging', 'networks'],
    ...['plugins', 'runtimes', 'cli'],
  ].map((name) => `docs/${name}.md`),
  'Testing your code': ['testing', 'jest', 'mock', 'contract-testing'].map((name) => `docs/${name}.md`),
  Project: ['examples/README.md', 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md'],
};

/** The groups with the files that exist, every page of docs/ among them. */
export function guideFiles() {
  const listed = Object.values(GROUPS).flat();
  const pages = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const present = new Set([...pages, ...listed.filter((path) => !path.startsWith('docs/'))]);
  const groups = Object.entries(GROUPS).map(
    ([group, paths]) => /** @type {[string, string[]]} */ ([group, paths.filter((path) => present.has(path))]),
  );
  groups[0]?.[1].push(...pages.filter((path) => !listed.includes(path)));
  return groups;
}
