/** Writes the rules of the layers into the lint configuration; with `--check`, says whether they are there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withLayers } from './lint-rules.ts';

const USAGE = `npm run lint:layers [-- --check]

Writes the rules of tools/layers/src/layers.ts into .oxlintrc.json.
  --check  writes nothing; ends with status 1 where they are not up to date
`;
const FILE = join(import.meta.dirname, '..', '..', '..', '.oxlintrc.json');

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(USAGE);
else {
  const now = readFileSync(FILE, 'utf8');
  const wanted = withLayers(now);
  // The formatter may break lines otherwise: what counts is what it says.
  const isCurrent = JSON.stringify(JSON.parse(now)) === JSON.stringify(JSON.parse(wanted));
  if (values.check === true && !isCurrent) {
    process.stderr.write('.oxlintrc.json does not hold the layers: run npm run lint:layers\n');
    process.exit(1);
  }
  if (values.check !== true && !isCurrent) writeFileSync(FILE, wanted);
}
