// A program that uses the installed package's types, and compiles it without skipLibCheck.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const program = `
import { createSecretsClient, isCortexError, type ClientOptions, type Secret } from 'cortex-secrets';
import type { components, operations, paths } from 'cortex-secrets/schema';
import { createFakeCortex, type FakeCortex, type Fault } from 'cortex-secrets/testing';

const options: ClientOptions = { apiKey: 'k', fetch: globalThis.fetch };
const secrets = createSecretsClient(options);
export const tags: Promise<string>[] = [secrets.get('a').then((secret: Secret) => secret.tag)];
export const raw = secrets.api.GET('/api/v1/secrets').then(({ data }) => data?.total);
const cortex: FakeCortex = createFakeCortex({ seed: [{ tag: 't', secret: 'v' }], rateLimit: { requests: 1, perMs: 1000 } });
const fault: Fault = { status: 503, retryAfter: 1 };
export const recover: () => void = cortex.fail('create', fault, { times: 2, when: ({ tag }) => tag === 't' });
export const tested = createSecretsClient({ ...cortex.clientOptions });
export const response: Promise<Response> = cortex.fetch(new URL(cortex.baseUrl), { method: 'GET' });
// @ts-expect-error an unknown fault
cortex.fail('create', 'explode');
export type Names = [keyof paths, keyof operations, components['schemas']['Secret']];
export const statusOf = (error: unknown) => (isCortexError(error) && error.name === 'ApiError' ? error.status : undefined);
// @ts-expect-error the value is required
secrets.create({ tag: 't', name: 'n' });
`;

/** @type {Record<string, object>} */
const settings = {
  'nodenext, Node’s types': { module: 'nodenext', lib: ['es2022'], types: ['node'] },
  'bundler, the browser’s types': {
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    types: [],
  },
};

/** How users resolve modules, and whose global types they have. */
export const settingNames = Object.keys(settings);

/**
 * @param {string} tsc the path of a compiler
 * @param {string} folder has the package and `@types/node` installed; files are written to it
 * @param {string} setting one of `settingNames`
 * @returns {Promise<string>} the compiler's errors, empty if there are none
 */
export async function compileStrictly(tsc, folder, setting) {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
  };
  const config = { compilerOptions: { ...strict, ...settings[setting] }, files: ['program.ts'] };
  const file = join(folder, `tsconfig.${settingNames.indexOf(setting)}.json`);
  await writeFile(join(folder, 'program.ts'), program);
  await writeFile(file, JSON.stringify(config));
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '--project', file], { cwd: folder }, (error, stdout, stderr) =>
      resolve(error ? stdout + stderr || error.message : stdout + stderr),
    );
  });
}
