// Runtimes that npm has: the packages with the programs themselves, so that no install script has to run.
const { platform, arch } = process;
const NAMES = {
  'linux x64': { node: 'linux-x64', bun: 'linux-x64', deno: 'linux-x64-glibc', workerd: 'linux-64' },
  'linux arm64': { node: 'linux-arm64', bun: 'linux-aarch64', deno: 'linux-arm64-glibc', workerd: 'linux-arm64' },
  'darwin x64': { node: 'darwin-x64', bun: 'darwin-x64', deno: 'darwin-x64', workerd: 'darwin-64' },
  'darwin arm64': { node: 'darwin-arm64', bun: 'darwin-aarch64', deno: 'darwin-arm64', workerd: 'darwin-arm64' },
};

/**
 * How the packages for this platform are named.
 *
 * @returns {{ node: string, bun: string, deno: string, workerd: string }}
 */
export function packageNames() {
  const names = NAMES[/** @type {keyof typeof NAMES} */ (`${platform} ${arch}`)];
  if (!names) throw new Error(`It is not known which packages have the runtimes for ${platform} ${arch}`);
  return names;
}

/**
 * What npm installs for a version of Node, and where its program is below node_modules.
 *
 * @param {string} version such as `22.23.3`
 */
export function nodeProgram(version) {
  const name = `node-${version.split('.')[0]}`;
  return { spec: `${name}@npm:node-${packageNames().node}@${version}`, file: `${name}/bin/node` };
}
