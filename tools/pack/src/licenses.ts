import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENSE_FILE = /^licen[cs]e/i;

/**
 * Returns the licences of the packages in a bundle: they require that their text goes with each copy.
 * @param modules paths of the bundled modules
 * @throws Error if a package has no licence file
 */
export async function licensesOf(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.map((module) => PACKAGE_FOLDER.exec(module)![0]));
  const texts: string[] = [];
  for (const folder of [...folders].toSorted((a, b) => a.localeCompare(b))) {
    const file = (await readdir(folder)).find((name) => LICENSE_FILE.test(name));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    const name = folder.slice(folder.lastIndexOf('/node_modules/') + '/node_modules/'.length);
    texts.push(`${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`);
  }
  return texts.join('\n---\n\n');
}
