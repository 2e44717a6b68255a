import { services } from '@tallystick/contracts';
import { kubectl } from './kubectl.ts';

const NAMESPACE = 'tallystick';
const NAME = 'http-probe';
/** Extra time after which the pod ends by itself, even if no process is left to remove it. */
const SPARE_S = 120;

/** The results of a client in the cluster. */
export interface ProbeResult {
  requests: number;
  /** Requests without a response, or with a status of 500 or more. */
  failures: string[];
}

/**
 * Program of the pod: like a client, it sends requests to each service's cluster address over kept HTTPS connections. The
 * status 401 for a request without a token counts as a response.
 */
const program = `
import { setDefaultCACertificates } from 'node:tls';
setDefaultCACertificates([process.env.AUTHORITY]);
const [seconds, ...names] = process.argv.slice(1);
const until = Date.now() + Number(seconds) * 1000;
const report = { requests: 0, failures: [] };
await Promise.all(names.map(async (name) => {
  while (Date.now() < until) {
    report.requests += 1;
    try {
      const response = await fetch('https://' + name + '/v1/accounts', { signal: AbortSignal.timeout(5000) });
      await response.body.cancel();
      if (response.status >= 500) report.failures.push(name + ' ' + response.status);
    } catch (error) {
      report.failures.push(name + ' ' + (error.cause?.code ?? error.name));
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
}));
console.log(JSON.stringify(report));
`;

/**
 * Starts a client in the cluster, which verifies each service's certificate for the name of its Service.
 * @param authority the certificate (PEM) of the services' authority
 * @returns a function that waits for its results
 */
export async function startHttpProbe(
  seconds: number,
  authority: string,
): Promise<() => Promise<ProbeResult>> {
  await remove();
  await kubectl(['apply', '--filename', '-'], JSON.stringify(pod(seconds, authority)));
  return async () => {
    const ended = ['--for', 'jsonpath={.status.phase}=Succeeded', `--timeout=${seconds + SPARE_S}s`];
    await kubectl(['--namespace', NAMESPACE, 'wait', `pod/${NAME}`, ...ended]);
    const said = await kubectl(['--namespace', NAMESPACE, 'logs', NAME]);
    await remove();
    return JSON.parse(said) as ProbeResult;
  };
}

async function remove(): Promise<void> {
  await kubectl(['--namespace', NAMESPACE, 'delete', 'pod', NAME, '--ignore-not-found', '--wait']);
}

function pod(seconds: number, authority: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: seconds + SPARE_S,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // otherwise the pod would be evicted for the pods that it watches
      priorityClassName: 'tallystick-service',
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: NAME,
          // any image with Node works, and this one is present
          image: 'tallystick/payment:dev',
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '--input-type=module', '--eval', program, '--', String(seconds), ...services],
          env: [{ name: 'AUTHORITY', value: authority }],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: { cpu: '50m', memory: '64Mi' },
            limits: { cpu: '500m', memory: '128Mi' },
          },
        },
      ],
    },
  };
}
