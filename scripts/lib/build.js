// Builds dist/, for scripts that look at what is shipped.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function build() {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
}

/**
 * Installs the packages of a folder that has a lock file of its own.
 *
 * @param {string} folder
 */
export function installIn(folder) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  execFileSync('npm', ['--prefix', folder, 'ci'], { cwd: root, stdio: 'inherit' });
}
