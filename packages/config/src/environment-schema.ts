import * as z from 'zod';
import { faultOfKeyPair } from './pem-files.ts';

/** Which settings belong together. */
export interface RequiredTogether {
  /** a setting, and the one without which it is of no use */
  needs: readonly (readonly [setting: string, needed: string])[];
  /** a setting that names a certificate, and the one that names its key */
  keyPairs: readonly (readonly [certificate: string, key: string])[];
}

/**
 * The schema of an environment with these variables, for `readEnvironment`: what belongs together is told of beside
 * every other fault.
 * @param belonging by the names of variables
 */
export function environmentSchema<Variables extends z.ZodRawShape>(
  variables: Variables,
  { needs, keyPairs }: RequiredTogether,
): z.ZodObject<Variables> {
  return z
    .object(variables)
    .superRefine(
      (given, context) => {
        for (const [setting, needed] of needs)
          if (setting in given && !(needed in given))
            context.addIssue({
              code: 'custom',
              path: [needed],
              message: `is not set, and ${setting} is of no use without it`,
            });
      },
      // Also where another variable is wrong.
      { when: () => true },
    )
    .superRefine(async (given, context) => {
      const paths = given as Record<string, string | undefined>;
      for (const [certificate, key] of keyPairs) {
        const [certificatePath, keyPath] = [paths[certificate], paths[key]];
        if (certificatePath === undefined || keyPath === undefined) continue;
        const message = await faultOfKeyPair(certificatePath, keyPath);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
      }
    });
}
