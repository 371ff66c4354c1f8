// A program that uses the installed package's types. It is compiled without skipLibCheck, and its declarations may name no
// other package: a user's package doesn't depend on openapi-fetch.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
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

// What a program may export of a client, and what its declarations have to name.
export const { api, list, listAll, create, set } = secrets;
export const { GET, PUT, POST, DELETE, HEAD, request, use, eject } = secrets.api;
export const both = { ...secrets, tested };
export const spread = { ...secrets.api };
export class Store {
  readonly api = secrets.api;
  load() {
    return this.api.GET('/api/v1/secrets');
  }
}
const path = '/api/v1/secrets/{tagOrId}';
const params = { path: { tagOrId: 'a' } };
export const got = secrets.api.GET(path, { params }).then(({ data, error }) => ({ data, error }));
export const asText = secrets.api.GET(path, { params, parseAs: 'text' }).then(({ data }): string | undefined => data);
export const requested = secrets.api.request('get', path, { params });
// Optional fields of requests may be undefined, also under exactOptionalPropertyTypes.
type Fields = { page: number | undefined; name: string | undefined; signal: AbortSignal | undefined };
export const paged = ({ page, signal }: Fields) => secrets.api.GET('/api/v1/secrets', { params: { query: { page } }, signal });
export const changed = ({ name, signal }: Fields) => secrets.api.PUT(path, { params, body: { name }, signal });
export const queried = (query: { page?: number | undefined } | undefined) =>
  secrets.api.GET('/api/v1/secrets', { params: { query } });
// @ts-expect-error the path requires its tag
secrets.api.GET(path);
// @ts-expect-error a wrong type
secrets.api.GET('/api/v1/secrets', { params: { query: { page: '1' } } });
// @ts-expect-error the body requires the value
secrets.api.POST('/api/v1/secrets', { body: { tag: 't', name: 'n' } });
`;

const commonJs = `${program}
import contract = require('cortex-secrets/openapi.json');
export const version: string = contract.openapi;
`;

const types = { lib: ['es2022'], types: ['node'], resolveJsonModule: true };
/**
 * How users resolve modules, and whose global types they have; `versions` are the TypeScript versions that have this setting,
 * if not all have it, and `error` is what the compiler must print. CommonJS: as docs/jest.md says.
 *
 * @type {Record<string, { options: object, commonJs?: true, versions?: readonly string[], error?: RegExp }>}
 */
const settings = {
  'nodenext, Node’s types': { options: { module: 'nodenext', lib: ['es2022'], types: ['node'] } },
  'bundler, the browser’s types': {
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] },
  },
  'CommonJS, node20': { options: { ...types, module: 'node20' }, commonJs: true, versions: ['5.9', '6', '7'] },
  'CommonJS, nodenext': { options: { ...types, module: 'nodenext' }, commonJs: true, versions: ['5.9', '6', '7'] },
  'CommonJS, node10': {
    options: { ...types, module: 'commonjs', moduleResolution: 'node10' },
    commonJs: true,
    versions: ['5.4', '5.9'],
  },
  'CommonJS, node16: TS1479': {
    options: { ...types, module: 'node16' },
    commonJs: true,
    versions: ['5.9'],
    error: /^program\d\.cts.* TS1479: /,
  },
};

/** The settings that `npm test` compiles with; `node scripts/package/compilers.js` has all of them, with each compiler. */
export const MAIN_SETTINGS = ['nodenext, Node’s types', 'bundler, the browser’s types', 'CommonJS, nodenext'];

/** The settings that a version of TypeScript, such as `5.9`, has. */
export const settingsOf = (/** @type {string} */ version) =>
  Object.keys(settings).filter((name) => settings[name]?.versions?.includes(version) ?? true);

/**
 * @param {string} tsc the path of a compiler
 * @param {string} folder has the package and `@types/node` installed; files are written to it
 * @param {string} setting one of `settingsOf()`
 * @param {string[]} [args] more arguments of the compiler
 * @returns {Promise<string>} what is wrong, empty if nothing is
 */
export async function compileStrictly(tsc, folder, setting, args = []) {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    // The compiler's own lib.*.d.ts are not the package's, and take most of the time.
    skipDefaultLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: '.',
    target: 'es2022',
  };
  const { options, commonJs: isCommonJs, error: expected } = settings[setting] ?? { options: {} };
  // A file for each setting: they may be compiled at the same time.
  const number = Object.keys(settings).indexOf(setting);
  const source = `program${number}.${isCommonJs ? 'cts' : 'ts'}`;
  const outDir = `declarations${number}`;
  const config = { compilerOptions: { ...strict, outDir, ...options }, files: [source] };
  const file = join(folder, `tsconfig.${number}.json`);
  await writeFile(join(folder, source), isCommonJs ? commonJs : program);
  await writeFile(file, JSON.stringify(config));
  /** @type {string} */
  const printed = await new Promise((resolve) => {
    execFile(process.execPath, [tsc, '--project', file, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve(error ? stdout + stderr || error.message : stdout + stderr),
    );
  });
  if (expected) return expected.test(printed) ? '' : `not the expected error ${expected}: ${printed}`;
  if (printed !== '') return printed;
  const declarations = await readFile(join(folder, outDir, source.replace(/\.(c?ts)$/, '.d.$1')), 'utf8');
  const foreign = declarations.match(/import\("(?!cortex-secrets[/"])[^"]*"\)/g) ?? [];
  return foreign.length === 0 ? '' : `the declarations name ${[...new Set(foreign)].join(', ')}`;
}
