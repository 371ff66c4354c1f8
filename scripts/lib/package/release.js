// What must agree before a release.

/** @typedef {{ tag: string, manifest: any, source: string, changelog: string, repository?: string | undefined }} Release */

/** `owner/name` of a `repository` in package.json, in any form that npm takes for GitHub. */
function ownerAndName(repository) {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return /^(?:github:|.*github\.com[/:])?([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(url ?? '')?.[1];
}

/**
 * What stands in the way of a release; empty if nothing does.
 *
 * @param {Release} release `source` is the text of src/version.ts; `repository` is GitHub's `owner/name` of this run
 * @returns {string[]}
 */
export function releaseProblems({ tag, manifest, source, changelog, repository }) {
  const { version } = manifest;
  const problems = [];

  const named = ownerAndName(manifest.repository);
  if (!named) {
    problems.push(
      'package.json: "repository" is missing or names no GitHub repository; npm needs it for the provenance of a release',
    );
  } else if (repository && named.toLowerCase() !== repository.toLowerCase()) {
    // npm compares the two, and rejects the package at the very end.
    problems.push(`package.json: "repository" is ${named}, but this workflow runs in ${repository}`);
  }

  if (tag !== `v${version}`)
    problems.push(`tag ${tag || '(none)'}: package.json has version ${version}, so it must be v${version}`);

  const inSource = /^export const VERSION = '([^']*)';$/m.exec(source)?.[1];
  if (inSource !== version) {
    problems.push(`src/version.ts: VERSION is ${inSource ?? 'missing'}, but package.json has version ${version}`);
  }

  const heading = /^## (.*)$/m.exec(changelog)?.[1] ?? '(none)';
  const [newest, date = ''] = heading.split(', ');
  if (newest !== version)
    problems.push(`CHANGELOG.md: the first heading is "${heading}"; expected "${version}, YYYY-MM-DD"`);
  else if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    problems.push(`CHANGELOG.md: the heading "${heading}" has no date; expected "${version}, YYYY-MM-DD"`);
  }
  return problems;
}
