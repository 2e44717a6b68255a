import { stripTypeScriptTypes } from 'node:module';

/**
 * Jest's transform for TypeScript: Node's own type stripping, which puts blanks where the types were, so that
 * lines and columns stay as they are and no source map is needed.
 */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  canInstrument: false,
};
