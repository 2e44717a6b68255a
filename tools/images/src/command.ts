import { buildCommand } from '@stricli/core';
import { services } from '@tallystick/contracts';
import { checkedBy, jsonFlag, switchFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export const engines = ['docker', 'podman', 'buildah'] as const;
export type EngineName = (typeof engines)[number];

/** The programs with an image, by the workspace of each. */
export const programs: Readonly<Record<string, string>> = {
  ...Object.fromEntries(services.map((service) => [service, `services/${service}`])),
  probe: 'tools/probe',
};

export interface ImagesFlags {
  /** all if absent */
  service?: readonly string[];
  tag: string;
  /** the first that answers if absent */
  engine?: EngineName;
  buildImage?: string;
  network?: string;
  reproduce?: boolean;
  json?: boolean;
}

/** A tag as the OCI distribution specification has it. */
const tag = z.string().regex(/^\w[\w.-]{0,127}$/, 'must be letters, digits, dots, underscores and dashes');
const image = z.string().regex(/^[a-z0-9][\w./:@-]*$/, 'must be the name of an image');
const network = z.string().regex(/^[\w.:-]+$/, 'must be the name of a network');

export const imagesCommand = buildCommand<ImagesFlags>({
  loader: async () => (await import('./main.ts')).images,
  parameters: {
    flags: {
      service: {
        kind: 'enum',
        values: Object.keys(programs),
        variadic: ',',
        brief: 'Build only these images',
        optional: true,
      },
      tag: {
        kind: 'parsed',
        parse: checkedBy(tag),
        placeholder: 'tag',
        brief: 'Tag of the images',
        default: 'dev',
      },
      engine: {
        kind: 'enum',
        values: engines,
        brief: 'Container engine; by default the first that answers',
        optional: true,
      },
      buildImage: {
        kind: 'parsed',
        parse: checkedBy(image),
        placeholder: 'image',
        brief: 'Image to compile in, if npm needs a mirror or a certificate',
        optional: true,
      },
      network: {
        kind: 'parsed',
        parse: checkedBy(network),
        placeholder: 'network',
        brief: "Network of the build, such as host; the engine's by default",
        optional: true,
      },
      reproduce: switchFlag('Build each image again without a cache, and compare the layers'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Build the container images',
    fullDescription: `Builds tallystick/<service>:<tag> for each service and for the probe, and prints their sizes. The images contain no files of --build-image.

Exit status: 0 if each image was built and is at most 120 MB larger than its base (and, with --reproduce, was
identical twice), 1 if not, 2 for a wrong flag.`,
  },
});
