import * as z from 'zod';
import { faultOfKeyPair } from './pem-files.ts';

/** Settings that are valid only in combination. */
export interface RequiredTogether {
  /** a setting and the setting that it requires */
  needs: readonly (readonly [setting: string, needed: string])[];
  /** a setting that names a certificate, and the setting that names its private key */
  keyPairs: readonly (readonly [certificate: string, key: string])[];
}

/**
 * Builds the schema of an environment for `readEnvironment`. It reports violated combinations together with all other
 * faults.
 * @param variables the schema of each variable, by name
 * @param requiredTogether the combinations to check
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
              message: `is not set, but ${setting} requires it`,
            });
      },
      // Run even if another variable is invalid.
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
