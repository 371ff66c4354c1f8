// ES modules as they are: nothing is compiled, and node needs --experimental-vm-modules.
module.exports = { testMatch: ['<rootDir>/*.spec.mjs'], transform: {} };
