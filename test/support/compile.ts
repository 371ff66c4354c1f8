/** Compiles the examples of a guide as a user's program, with the project's own compiler. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');

/**
 * The compiler's messages, empty if there are none.
 *
 * @param folder inside the project, so that imports of the package resolve; gets a tsconfig.json
 */
export async function compilerMessages(folder: string, files: readonly string[]): Promise<string> {
  const compilerOptions = { paths: {}, noUnusedLocals: false };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return new Promise((resolve) => {
    const args = ['--project', folder, '--pretty', 'false', '--singleThreaded'];
    execFile(process.execPath, [TSC, ...args], (error, stdout, stderr) =>
      resolve(error ? stdout + stderr || error.message : ''),
    );
  });
}
