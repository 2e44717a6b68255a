/** A variable that no schema of ours reads, but Node, a library or a compose file. */
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
      'A file of further authorities (PEM), such as that of an OTLP endpoint whose certificate no public one signed',
  },
  { name: 'NODE_ENV', of: 'services, by Express', effect: 'Images and the stack set production' },
  { name: 'NO_COLOR', of: 'every program', effect: 'Where it is set, nothing is coloured' },
  {
    name: 'XDG_CACHE_HOME',
    of: 'the local stack',
    effect: 'Where programs that were downloaded or built are kept; ~/.cache by default',
  },
  {
    name: 'JAVA_HOME',
    of: 'the local stack',
    effect: 'The Java that Kafka is run by; java of the path by default',
  },
  {
    name: 'TALLYSTICK_CLOCK_SKEW_MS',
    of: 'services that tallystick chaos starts',
    effect: 'For tests: how far the clock of the process is ahead, in milliseconds',
  },
  { name: 'TAG', of: 'compose', effect: 'The tag of the images; dev by default' },
  {
    name: 'OTLP_ENDPOINT',
    of: 'compose',
    effect: 'OTEL_EXPORTER_OTLP_ENDPOINT of the services; Jaeger of the same file by default',
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
      'User and group that services run as, to whom the files of tallystick k8s secrets belong; it writes it',
  },
  {
    name: 'POSTGRES_PASSWORD',
    of: 'compose',
    effect: 'The administrator’s password of a new Postgres; tallystick k8s secrets writes it',
  },
  {
    name: '<SERVICE>_PASSWORD',
    of: 'compose',
    effect: 'The password of a service’s role in a new Postgres; tallystick k8s secrets writes it',
  },
  {
    name: '<SERVICE>_OWNER_PASSWORD',
    of: 'compose',
    effect: 'The password of the owner of a service’s database; tallystick k8s secrets writes it',
  },
];
