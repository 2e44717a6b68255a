/** A variable that Node, a library or a compose file reads, and no schema of this repository. */
export interface OtherSetting {
  name: string;
  of: string;
  effect: string;
}

export const readByOthers: readonly OtherSetting[] = [
  {
    name: 'NODE_EXTRA_CA_CERTS',
    of: 'every program, by Node',
    effect:
      'File of additional certificate authorities (PEM), for example of an OTLP endpoint with a private certificate',
  },
  { name: 'NODE_ENV', of: 'services, by Express', effect: 'Images and the stack set production' },
  {
    name: 'NODE_COMPILE_CACHE',
    of: 'tallystick, and the services that it starts, by Node',
    effect: 'Folder of compiled sources; in node_modules/.cache by default',
  },
  { name: 'NO_COLOR', of: 'every program', effect: 'If set, output has no colours' },
  {
    name: 'XDG_CACHE_HOME',
    of: 'the local stack',
    effect: 'Folder for downloaded and built programs; ~/.cache by default',
  },
  {
    name: 'JAVA_HOME',
    of: 'the local stack',
    effect: 'Java installation that runs Kafka; java of the PATH by default',
  },
  {
    name: 'TALLYSTICK_CLOCK_SKEW_MS',
    of: 'services that tallystick chaos starts',
    effect: 'For tests: offset of the process’s clock, in milliseconds; positive is ahead',
  },
  {
    name: 'TALLYSTICK_BROWSER',
    of: 'npm test',
    effect: 'Path of a Chromium; the tests of pages in a browser run only if it is set',
  },
  {
    name: 'TALLYSTICK_PROMTOOL',
    of: 'npm test',
    effect: 'Path of promtool; the tests of alerts run only if it is set',
  },
  {
    name: 'TALLYSTICK_PROMETHEUS',
    of: 'npm test',
    effect: 'Path of a Prometheus; the tests of figures from it run only if it is set',
  },
  { name: 'TAG', of: 'compose', effect: 'Tag of the images; dev by default' },
  {
    name: 'OTLP_ENDPOINT',
    of: 'compose',
    effect: 'OTEL_EXPORTER_OTLP_ENDPOINT of the services; Jaeger of the compose file by default',
  },
  {
    name: 'METRICS_EXPORTER',
    of: 'compose',
    effect: 'OTEL_METRICS_EXPORTER of the services; none by default',
  },
  {
    name: 'TALLYSTICK_USER',
    of: 'compose',
    effect:
      'User and group of the services, which own the files of tallystick k8s secrets; that command sets it',
  },
  {
    name: 'POSTGRES_PASSWORD',
    of: 'compose',
    effect: 'Administrator’s password of a new Postgres; tallystick k8s secrets sets it',
  },
  {
    name: '<SERVICE>_PASSWORD',
    of: 'compose',
    effect: 'Password of a service’s role in a new Postgres; tallystick k8s secrets sets it',
  },
  {
    name: '<SERVICE>_OWNER_PASSWORD',
    of: 'compose',
    effect: 'Password of the owner of a service’s database; tallystick k8s secrets sets it',
  },
];
