import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@tallystick/contracts';
import type { ServiceSettings } from './rules/settings.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/**
 * Reads which variables each service takes out of its `config.ts`, so that manifests are held to what the code does.
 * The files are read as text: a service is imported by nobody.
 * @throws Error where a file has another form than it had
 */
export function readServiceSettings(): Map<string, ServiceSettings> {
  const base = readFileSync(join(ROOT, 'packages/service/src/settings.ts'), 'utf8');
  const kafka = readFileSync(join(ROOT, 'packages/messaging/src/kafka-settings.ts'), 'utf8');
  const ofService = [
    ...variablesIn(blockOf(base, 'serviceEnvironment')),
    ...variablesIn(blockOf(kafka, 'kafkaEnvironment')),
  ];
  const ofResourceServer = variablesIn(blockOf(base, 'resourceServerEnvironment'));
  const telemetry = readFileSync(join(ROOT, 'packages/telemetry/src/register.ts'), 'utf8');
  const ofTelemetry = variablesIn(blockOf(telemetry, 'environment')).map(({ name }) => name);
  return new Map(
    services.map((service) => {
      const text = readFileSync(join(ROOT, 'services', service, 'src/config.ts'), 'utf8');
      const own = [
        ...ofService,
        ...(/resourceServerEnvironment\b/.test(text) ? ofResourceServer : []),
        ...variablesIn(text),
      ];
      const required = own.filter(({ isRequired }) => isRequired).map(({ name }) => name);
      if (!required.includes('POSTGRES_URL'))
        throw new Error(`services/${service}/src/config.ts is not read any more`);
      const optional = own.filter(({ isRequired }) => !isRequired).map(({ name }) => name);
      // An issuer is what all have in common, and auth calls its own address so.
      return [service, { required, optional: [...optional, ...ofTelemetry, 'ISSUER'] }];
    }),
  );
}

function blockOf(text: string, name: string): string {
  const from = text.indexOf(`const ${name} =`);
  const to = text.indexOf('\n}', from);
  if (from === -1 || to === -1) throw new Error(`there is no ${name} any more`);
  return text.slice(from, to);
}

function variablesIn(text: string): { name: string; isRequired: boolean }[] {
  const starts = [...text.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)];
  return starts.map((match, at) => {
    const definition = text.slice(match.index, starts[at + 1]?.index).replaceAll(/\/\*\*[^]*?\*\//g, '');
    return { name: match[1]!, isRequired: !/\.(optional|default)\(/.test(definition) };
  });
}
