export { asyncApi } from './async-api.ts';
export { interfaceDocuments } from './documents.ts';
export { errorCatalogue, type CataloguedError } from './error-catalogue.ts';
export { exampleOf } from './example.ts';
export { jsonSchemaOf, type JsonSchema } from './json-schema.ts';
export { exampleOrigins, openApi, type Origins } from './open-api.ts';
export { errorsOf } from './operation-errors.ts';
export { wireSchemas } from './wire-schemas.ts';
export { reads, type Refusal, type RefusalKind } from './compatibility/reads.ts';
