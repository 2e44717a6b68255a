import { buildCommand, buildRouteMap } from '@stricli/core';
import { producerId } from '@tallystick/contracts';
import { checkedBy, jsonFlag, numberWithin, switchFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

const path = checkedBy(z.string().min(1, 'must name a file or folder'));

export interface CheckFlags {
  /** names of overlays; all if absent */
  overlay?: readonly string[];
  rules?: boolean;
  /** also refuses images that are not pinned */
  pinned?: boolean;
  json?: boolean;
}

const check = buildCommand<CheckFlags>({
  loader: async () => (await import('./commands/check.ts')).check,
  parameters: {
    flags: {
      overlay: {
        kind: 'parsed',
        parse: String,
        variadic: ',',
        placeholder: 'name',
        brief: 'Check only these overlays',
        optional: true,
      },
      rules: switchFlag('List the rules'),
      pinned: switchFlag('Also refuse images that are not pinned yet; before kubectl apply'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Validate the manifests',
    fullDescription: `Renders each overlay of infra/kubernetes and checks it against the schemas of Kubernetes and of the operators (an
unknown field is a violation) and against the rules of the project. Needs kubectl or kustomize, and no cluster.

Exit status: 0 without violations, 1 with some, 2 for a wrong flag.`,
  },
});

const forward = buildCommand({
  loader: async () => (await import('./commands/forward.ts')).forward,
  parameters: {},
  docs: {
    brief: 'Forward the overlay "local" to this machine',
    fullDescription: `Forwards the services, the console, Kafka, Postgres and Jaeger to the addresses in the stack.json of the overlay, until Ctrl-C.
Reopens a forward if its pod ends.`,
  },
});

export interface ProducerFlags {
  id: string;
}

export interface PinFlags {
  json?: boolean;
}

const pin = buildCommand<PinFlags, string[]>({
  loader: async () => (await import('./commands/pin.ts')).pin,
  parameters: {
    flags: { json: jsonFlag },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, placeholder: 'image', brief: 'registry/name:tag@sha256:digest' },
    },
  },
  docs: {
    brief: 'Name images of the overlay "production" by their digests',
    fullDescription: `Writes images into overlays/production/images. docker push prints the digest of an image that it has sent, and
docker buildx imagetools inspect NAME:TAG that of an image of somebody else.`,
  },
});

const producer = buildCommand<ProducerFlags>({
  loader: async () => (await import('./commands/producer.ts')).producer,
  parameters: {
    flags: {
      id: {
        kind: 'parsed',
        parse: checkedBy(producerId),
        placeholder: 'name',
        brief: 'Name of the producer, as registered with auth',
      },
    },
  },
  docs: {
    brief: 'Print the KafkaUser of a third party',
    fullDescription: `Prints a manifest for kubectl apply: the user may write the commands of third parties and read their outcomes. Put its
password into the Secret kafka-NAME, and register its key with auth (POST /v1/producers/NAME/keys).`,
  },
});

export interface RegistrarFlags {
  /** path of the root's private key */
  root: string;
  directory: string;
  /** path of the registrar's key to revoke */
  revoke?: string;
}

const registrar = buildCommand<RegistrarFlags>({
  loader: async () => (await import('./commands/registrar.ts')).registrar,
  parameters: {
    flags: {
      root: {
        kind: 'parsed',
        parse: path,
        placeholder: 'file',
        brief: "The root's private key: offline/root-key.jwk.json of the installation",
      },
      directory: {
        kind: 'parsed',
        parse: path,
        placeholder: 'path',
        brief: 'New folder for registrar-key.jwk.json and registrar.certificate',
      },
      revoke: {
        kind: 'parsed',
        parse: path,
        placeholder: 'file',
        brief: 'Key of a registrar to revoke, private or public: also write revoked.certificate',
        optional: true,
      },
    },
  },
  docs: {
    brief: 'Create a new key for the registrar',
    fullDescription: `Creates a key and its certificate by the root key, valid for a year. Run it on the machine with the root key.
Publish revoked.certificate with: node runtime/admin.js publish-certificate, in the container of auth.`,
  },
});

export interface RehearseFlags {
  /** how long payments come in */
  seconds: number;
  /** payments a second */
  rate: number;
  json?: boolean;
}

const rehearse = buildCommand<RehearseFlags>({
  loader: async () => (await import('./commands/rehearse.ts')).rehearseOnCluster,
  parameters: {
    flags: {
      seconds: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(30).max(3_600)),
        placeholder: 'N',
        brief: 'Seconds of payments; all restarts must fit',
        default: '120',
      },
      rate: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(1).max(10_000)),
        placeholder: 'N',
        brief: 'Payments per second',
        default: '50',
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'On a cluster: deploy, run the demo, restart every service under load',
    fullDescription: `Requires a cluster in KUBECONFIG that has the images. Applies the overlay "local", runs the demo, then restarts every
service in turn while payments arrive over Kafka and a client in the cluster calls each service over HTTP. No payment
may be lost or doubled, and no request may fail.

Exit status: 0 if every check passed, 1 if one failed, 2 for a wrong flag.`,
  },
});

export interface SchemasFlags {
  /** path of a _definitions.json */
  kubernetes?: string;
  /** path of a folder of CustomResourceDefinitions */
  crds?: string;
}

const schemas = buildCommand<SchemasFlags>({
  loader: async () => (await import('./commands/schemas.ts')).schemas,
  parameters: {
    flags: {
      kubernetes: {
        kind: 'parsed',
        parse: path,
        placeholder: 'file',
        brief: 'A strict _definitions.json of one release of Kubernetes',
        optional: true,
      },
      crds: {
        kind: 'parsed',
        parse: path,
        placeholder: 'path',
        brief: 'A folder of CustomResourceDefinitions, as operators publish them',
        optional: true,
      },
    },
  },
  docs: {
    brief: 'Import the schemas for the check of manifests',
    fullDescription:
      'Keeps only the parts of each schema that decide whether a manifest is valid. tools/k8s/schemas/README.md names the origins.',
  },
});

export interface SecretsFlags {
  for: 'kubernetes' | 'compose' | 'production';
  directory?: string;
  console?: string;
}

/** Reads the origin of the console. */
const httpsOrigin = checkedBy(
  z
    .url({ protocol: /^https$/, error: 'must be a URL like https://console.example' })
    .transform((url) => new URL(url).origin),
);

const secrets = buildCommand<SecretsFlags>({
  loader: async () => (await import('./commands/secrets.ts')).secrets,
  parameters: {
    flags: {
      for: {
        kind: 'enum',
        values: ['kubernetes', 'compose', 'production'],
        brief: 'Where the system will run',
      },
      console: {
        kind: 'parsed',
        parse: httpsOrigin,
        placeholder: 'origin',
        brief: 'For production: address of the console; without it nobody signs in there',
        optional: true,
      },
      directory: {
        kind: 'parsed',
        parse: path,
        placeholder: 'path',
        brief: 'New folder for the files (required for production)',
        optional: true,
      },
    },
  },
  docs: {
    brief: 'Generate the keys and passwords of a new installation',
    fullDescription: `Generates the root key and its certificates, a signing key per service, the keys for data at rest, database passwords and
auth's seed, for:

  kubernetes  the overlay "local", in infra/kubernetes/overlays/local/.tallystick
  compose     infra/docker/compose.yaml, in infra/docker/.tallystick, with an .env file beside it
  production  a vault, without the people of the demo

Git ignores these files. An existing folder is never overwritten, because an installation may trust its keys.`,
  },
});

export const k8sCommands = buildRouteMap({
  routes: { check, forward, pin, producer, registrar, rehearse, schemas, secrets },
  docs: { brief: 'Check manifests, make secrets, pin images, rehearse on a cluster' },
});
