import { services, type ServiceName } from '@tallystick/contracts';
import { readFlags } from '@tallystick/stack';
import * as z from 'zod';

export const engines = ['docker', 'podman', 'buildah'] as const;
export type EngineName = (typeof engines)[number];

export const usage = `Usage: npm run images [-- options]

Builds the container images of the services, tallystick/<service>:<tag>, and says how large each is.

Options:
  --service NAME      only this one: ${services.join(', ')}; may be given several times
  --tag TAG           their tag (default: dev)
  --engine NAME       ${engines.join(', ')} (default: the first that answers)
  --build-image NAME  what to install and compile in, where npm needs a mirror or a proxy's certificate that this image
                      has; nothing of it gets into the result (default: the image that services run in)
  --network NAME      the network of the build, such as host (default: the engine's)
  --reproduce         build each a second time with nothing kept from the first, and compare what is in them
  --json              print one JSON object on stdout at the end
  --help              show this

The exit status is 0 if each image was built and is at most 120 MB larger than its base (and came out
alike twice), 1 if not, 2 for a wrong option.
`;

/** A tag as the OCI distribution specification has it. */
const tag = z.string().regex(/^\w[\w.-]{0,127}$/, 'must be letters, digits, dots, underscores and dashes');
const image = z.string().regex(/^[a-z0-9][\w./:@-]*$/, 'must be the name of an image');

const flagsSchema = z
  .strictObject({
    service: z
      .array(z.enum(services, { error: `must be one of ${services.join(', ')}` }))
      .default([])
      .transform((names): readonly ServiceName[] => (names.length === 0 ? services : [...new Set(names)])),
    tag: tag.default('dev'),
    engine: z.enum(engines, { error: `must be one of ${engines.join(', ')}` }).optional(),
    'build-image': image.optional(),
    network: z
      .string()
      .regex(/^[\w.:-]+$/, 'must be the name of a network')
      .optional(),
    reproduce: z.boolean().default(false),
    json: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .transform(({ service, 'build-image': buildImage, ...rest }) => ({
    ...rest,
    services: service,
    buildImage,
  }));

export type Flags = z.output<typeof flagsSchema>;

/**
 * Reads the flags of `npm run images`.
 * @throws SettingError that names the flag
 */
export function parseFlags(args: readonly string[]): Flags {
  return readFlags(
    {
      command: 'npm run images',
      schema: flagsSchema,
      texts: ['tag', 'engine', 'build-image', 'network'],
      lists: ['service'],
      switches: ['reproduce', 'json', 'help'],
    },
    args,
  );
}
