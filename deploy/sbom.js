// Prints an SBOM (CycloneDX, JSON) of what the image and the Debian package have of node_modules: `npm run --silent sbom > clusterer.cdx.json`.
// npm writes it, from a lock file that has these packages only: with `--omit dev` npm leaves out packages that are also dependencies of a tool, such as ajv.
const { execFileSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const lock = require('../package-lock.json');

/** As deploy/assemble.sh chooses: all that is needed in production, and the native library of this platform. */
function isInProduction([path, { dev, optional, devOptional, link, cpu }]) {
  if (!path.startsWith('node_modules/') || link) return false;
  if (/\/@libsql\/linux-\w+-gnu/.test(path)) return cpu.includes(process.arch);
  return !(dev || optional || devOptional);
}

const { devDependencies: _tools, workspaces: _tests, ...root } = lock.packages[''];
const packages = { '': root, ...Object.fromEntries(Object.entries(lock.packages).filter(isInProduction)) };
// npm takes the name from the folder.
const parent = mkdtempSync(join(tmpdir(), 'clusterer-sbom-'));
const folder = join(parent, root.name);
try {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
  const options = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  execFileSync('npm', ['sbom', ...options], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(parent, { recursive: true });
}
