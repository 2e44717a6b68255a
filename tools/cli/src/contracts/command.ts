import { buildCommand, buildRouteMap } from '@stricli/core';
import { services, type ServiceName } from '@tallystick/contracts';
import { checkedBy, directoryFlag, jsonFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

const path = checkedBy(z.string().min(1, 'must name a file'));
const date = checkedBy(z.iso.date('must be a day: YYYY-MM-DD'));
const address = checkedBy(
  z
    .string()
    .regex(
      /^(operation|message):[a-z0-9._]+@[1-9]\d*$/,
      'must be operation:<id>@<version> or message:<type>@<version>',
    ),
);

export interface CompareFlags {
  base?: string;
  current?: string;
  waivers?: string;
  on?: string;
  json?: boolean;
}

const filesOfRelease = {
  base: {
    kind: 'parsed',
    parse: path,
    placeholder: 'file',
    brief: 'Contracts of the last release, by default packages/interfaces/released/contracts.json',
    optional: true,
  },
  waivers: {
    kind: 'parsed',
    parse: path,
    placeholder: 'file',
    brief: 'Waivers with their reasons, by default packages/interfaces/released/waivers.txt',
    optional: true,
  },
} as const;

const compare = buildCommand<CompareFlags, string[]>({
  loader: async () => (await import('./compare.ts')).compare,
  parameters: {
    flags: {
      ...filesOfRelease,
      current: {
        kind: 'parsed',
        parse: path,
        placeholder: 'file',
        brief: 'Contracts to compare, by default those in code',
        optional: true,
      },
      on: {
        kind: 'parsed',
        parse: date,
        placeholder: 'day',
        brief: 'Day of the comparison, for sunsets; by default today (UTC)',
        optional: true,
      },
      json: jsonFlag,
    },
    positional: {
      kind: 'array',
      parameter: {
        parse: address,
        placeholder: 'interface',
        brief: 'Tell only of these, for example operation:payment.create@2',
      },
    },
  },
  docs: {
    brief: 'Refuse a breaking change of an interface without a new version',
    fullDescription: `Compares the contracts in code with those of the last release. Requests and commands: the new release must read what is
written by the last one. Responses: what the new release writes must be read by clients of the last one. Events: both.
Names each breaking change with its interface, version, field (JSON Pointer), kind, who is hurt, and what to do instead.

A change that must be made all the same gets a line with its reason in the file of waivers.

Exit status: 0 without breaking changes, 1 with some, 2 for a wrong flag or file, a version that does not exist, a waiver
that matches nothing, or without a last release.`,
  },
});

export interface ReleaseFlags {
  date: string;
  directory?: string;
  json?: boolean;
}

const release = buildCommand<ReleaseFlags>({
  loader: async () => (await import('./release.ts')).release,
  parameters: {
    flags: {
      date: { kind: 'parsed', parse: date, placeholder: 'day', brief: 'Day of the release: YYYY-MM-DD' },
      directory: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a folder')),
        placeholder: 'path',
        brief: 'Checkout in which the files are, by default this one',
        optional: true,
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Keep the contracts in code as those of the last release',
    fullDescription: `Writes packages/interfaces/released/contracts.json, with which the gate compares from then on, tells what changed in
docs/interfaces/changelog.md, and removes the waivers that the release uses up. Refuses breaking changes that nothing
waives.

Exit status: 0 if the files are written, 1 for a breaking change, 2 for a wrong flag or file.`,
  },
});

export interface CanDeployFlags {
  directory: string;
  json?: boolean;
}

/** A release of a service, named on the command line. */
export interface Candidate {
  service: ServiceName;
  /** A folder, a file, or an image. */
  place: string;
}

const candidate = checkedBy(
  z
    .string()
    .regex(
      new RegExp(`^(${services.join('|')})@.+$`),
      `must be <service>@<image or folder>, as in payment@. (${services.join(', ')})`,
    )
    .transform((text): Candidate => {
      const [service, ...rest] = text.split('@');
      return { service: service as ServiceName, place: rest.join('@') };
    }),
);

const canDeploy = buildCommand<CanDeployFlags, [Candidate]>({
  loader: async () => (await import('./can-deploy.ts')).canDeployCommand,
  parameters: {
    flags: { directory: directoryFlag('.tallystick'), json: jsonFlag },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: candidate, placeholder: 'service@release', brief: 'payment@<image or folder>' }],
    },
  },
  docs: {
    brief: 'Decide whether a release of a service may go live beside what runs',
    fullDescription: `Compares the contracts of a release with those of all releases that run. Each service declares its contracts at its
start, signed, on its topic <service>.contracts.v1. A command must be handled by its receiver; an event must be sent in a
version that its readers handle; what one writes, the other must read; clients must find what they use.

The release is a checkout or a folder with a built service (payment@.), an image (payment@tallystick/payment:1.4) or a
file with the output of a service's --contracts. What runs is asked in the environment of a service or operator (KAFKA_…,
TOPIC_PREFIX, TRUST_ANCHORS_FILE); without KAFKA_BROKERS, in the running stack of this checkout.

Exit status: 0 if it may go live, 1 if not or if something is not known, 2 for a wrong flag, setting or release.`,
  },
});

export const contractsCommands = buildRouteMap({
  routes: { compare, release, 'can-deploy': canDeploy },
  docs: { brief: 'Compare the contracts with those of the last release, or with what runs; release them' },
});
