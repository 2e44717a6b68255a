import { reportFault } from '@tallystick/stack';
import { buildImages, megabytes, type Report } from './build-images.ts';
import { parseFlags, usage } from './flags.ts';

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else {
    const report = await buildImages(flags, (line) => process.stderr.write(`${line}\n`));
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : tableOf(report));
    for (const fault of report.faults) process.stderr.write(`${fault}\n`);
    process.exitCode = report.faults.length === 0 ? 0 : 1;
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}

function tableOf({ images }: Report): string {
  const rows = [
    ['image', 'size', 'above base', 'took', 'twice alike'],
    ...images.map(({ image, bytes, bytesAboveBase, seconds, isReproducible }) => [
      image,
      megabytes(bytes),
      megabytes(bytesAboveBase),
      `${seconds} s`,
      isReproducible === null ? 'not tried' : isReproducible ? 'yes' : 'no',
    ]),
  ];
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows
    .map(
      (row) =>
        row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ') +
        '\n',
    )
    .join('');
}
