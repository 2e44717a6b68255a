import { services } from '@tallystick/contracts';
import { asyncApi } from './async-api.ts';
import { deprecationsPage } from './deprecations.ts';
import { errorCatalogue, errorPage } from './error-catalogue.ts';
import { openApi } from './open-api.ts';
import { wireSchemas } from './wire-schemas.ts';

const FOLDER = 'docs/interfaces';

/** Writes every document of the interfaces. @returns their content by path */
export function interfaceDocuments(): Record<string, string> {
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  return {
    [`${FOLDER}/openapi.json`]: json(openApi()),
    ...Object.fromEntries(
      services.map((service) => [`${FOLDER}/openapi-${service}.json`, json(openApi(undefined, service))]),
    ),
    [`${FOLDER}/asyncapi.json`]: json(asyncApi()),
    ...Object.fromEntries(
      Object.entries(wireSchemas()).map(([name, schema]) => [
        `${FOLDER}/schemas/${name}.json`,
        json({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: name, ...schema }),
      ]),
    ),
    [`${FOLDER}/errors.json`]: json(errorCatalogue()),
    [`${FOLDER}/deprecations.md`]: deprecationsPage(),
    'docs/errors.md': errorPage(),
  };
}
