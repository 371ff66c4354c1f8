// Runtimes from npm: the packages that contain the executables, so that no install script has to run.
const { platform, arch } = process;
const NAMES = {
  'linux x64': { node: 'linux-x64', bun: 'linux-x64', deno: 'linux-x64-glibc', workerd: 'linux-64' },
  'linux arm64': { node: 'linux-arm64', bun: 'linux-aarch64', deno: 'linux-arm64-glibc', workerd: 'linux-arm64' },
  'darwin x64': { node: 'darwin-x64', bun: 'darwin-x64', deno: 'darwin-x64', workerd: 'darwin-64' },
  'darwin arm64': { node: 'darwin-arm64', bun: 'darwin-aarch64', deno: 'darwin-arm64', workerd: 'darwin-arm64' },
};

/**
 * The package names for this platform.
 *
 * @returns {{ node: string, bun: string, deno: string, workerd: string }}
 */
export function packageNames() {
  const names = NAMES[/** @type {keyof typeof NAMES} */ (`${platform} ${arch}`)];
  if (!names) throw new Error(`no known runtime packages for ${platform} ${arch}`);
  return names;
}

/**
 * The npm spec of a version of Node, and the path of its executable below node_modules.
 *
 * @param {string} version such as `22.23.3`
 */
export function nodeProgram(version) {
  const name = `node-${version.split('.')[0]}`;
  return { spec: `${name}@npm:node-${packageNames().node}@${version}`, file: `${name}/bin/node` };
}
