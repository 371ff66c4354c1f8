// Foreign tools that read the contract, for `node scripts/package/generators.js`. They are installed in a temporary folder only.

/**
 * A program of test/generators/tools/ that runs there, on a newer Node, with two arguments: the folder of the generated
 * files, and the mock's settings as JSON. It fails, or prints `SKIPPED: reason`, or passes.
 *
 * @type {Record<string, { version: string, packages: string[], program: string }>}
 */
export const TOOLS = {
  '@apidevtools/swagger-parser': tool('@apidevtools/swagger-parser', '13.1.0'),
  '@readme/openapi-parser': tool('@readme/openapi-parser', '9.0.0'),
  'jest-openapi': tool('jest-openapi', '0.14.2', 'axios@1.21.0', 'expect@29.7.0'),
  '@stoplight/spectral': {
    version: '6.16.3',
    packages: ['@stoplight/spectral-cli@6.16.3', '@stoplight/spectral-owasp-ruleset@2.0.1'],
    program: 'spectral.mjs',
  },
  specmatic: tool('specmatic', '2.55.1'),
};

/** @param {string[]} more */
function tool(name, version, ...more) {
  return { version, packages: [`${name}@${version}`, ...more], program: `${name.split('/').at(-1)}.mjs` };
}
