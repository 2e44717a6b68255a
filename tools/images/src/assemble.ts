/**
 * Copies the runtime files of one program, a service or the probe, out of the checkout; run by infra/docker/Dockerfile. Files for developers
 * are left out, and every file gets the same time, so that the same sources produce the same layer.
 *
 * usage: assemble.ts WORKSPACE TARGET SOURCE_DATE_EPOCH
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

/** Types, sources, maps and documentation of installed packages. Their licences stay. */
const UNUSED_IN_PACKAGES =
  /\.[cm]?tsx?$|\.map$|\.tsbuildinfo$|(^|\/)(README|CHANGELOG|HISTORY|SECURITY|CONTRIBUTING)[^/]*\.md$/i;

const [workspace = '', target = '', epoch = '0'] = process.argv.slice(2);

mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
cpSync('runtime', join(target, 'runtime'), { recursive: true });
copyPackages('node_modules');
for (const path of [workspace, ...linkedPackages()]) copyWorkspace(path);
writeFileSync(join(target, 'sbom.cdx.json'), billOfMaterials());
symlinkSync(workspace, join(target, 'service'));
if (workspace.startsWith('services/')) writeFileSync(join(target, 'contracts.json'), contracts());
stamp(target, Number(epoch));

/** Returns npm's bill of materials without its random and time values: the same sources have the same bill. */
function billOfMaterials(): string {
  const bill = JSON.parse(readFileSync('sbom.cdx.json', 'utf8')) as {
    serialNumber?: string;
    metadata: { timestamp: string };
  };
  delete bill.serialNumber;
  bill.metadata.timestamp = new Date(Number(epoch) * 1000).toISOString();
  return JSON.stringify(bill);
}

/** Returns the contracts of the service as it prints them, so that they can be read without starting it. */
function contracts(): Buffer {
  return execFileSync(process.execPath, [join(target, 'service/dist/main.js'), '--contracts']);
}

/** Returns the packages that npm linked for this program. */
function linkedPackages(): string[] {
  const scope = 'node_modules/@tallystick';
  return readdirSync(scope)
    .map((name) => relative(process.cwd(), realpathSync(join(scope, name))))
    .filter((path) => path.startsWith('packages/'));
}

function copyPackages(from: string): void {
  if (!existsSync(from)) return;
  cpSync(from, join(target, from), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) =>
      !path.endsWith('/.bin') && !UNUSED_IN_PACKAGES.test(path) && isBuiltForHere(path) && isNeededLink(path),
  });
}

/** Whether a native part is built for this system: packages contain builds for many systems and runtimes. */
function isBuiltForHere(path: string): boolean {
  const system = /\/prebuilds\/([^/]+)/.exec(path)?.[1];
  return (
    !path.endsWith('.bare') && (system === undefined || system === `${process.platform}-${process.arch}`)
  );
}

/** Whether a link's target is in the image; links to other workspaces would dangle. */
function isNeededLink(path: string): boolean {
  if (!lstatSync(path).isSymbolicLink()) return true;
  const to = relative(process.cwd(), realpathSync(path));
  return to.startsWith('packages/') || to === workspace;
}

function copyWorkspace(from: string): void {
  cpSync(join(from, 'package.json'), join(target, from, 'package.json'));
  cpSync(join(from, 'dist'), join(target, from, 'dist'), {
    recursive: true,
    filter: (path) => !/\.d\.ts(\.map)?$/.test(path),
  });
  for (const kept of ['assets', 'src/migrations', 'src/store/migrations']) {
    const path = join(from, kept);
    if (existsSync(path)) cpSync(path, join(target, path), { recursive: true });
  }
  copyPackages(join(from, 'node_modules'));
}

function stamp(path: string, timeS: number): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) stamp(join(path, name), timeS);
  lutimesSync(path, timeS, timeS);
}
