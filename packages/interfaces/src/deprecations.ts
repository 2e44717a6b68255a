import {
  messages,
  operations,
  type Lifetime,
  type MessageDefinition,
  type OperationDefinition,
} from '@tallystick/contracts';

/** Writes the schedule of deprecated versions as a page in Markdown, the earliest sunset first. */
export function deprecationsPage(): string {
  const rows = [
    ...Object.values<OperationDefinition>(operations).flatMap(({ id, method, versions }) =>
      Object.entries(versions).flatMap(([version, one]) =>
        rowOf(`operation \`${id}\`, \`${method} ${one.path}\``, version, one),
      ),
    ),
    ...Object.values<MessageDefinition>(messages).flatMap(({ type, kind, versions }) =>
      Object.entries(versions).flatMap(([version, one]) => rowOf(`${kind} \`${type}\``, version, one)),
    ),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  return `# Deprecated versions

Generated from the contracts: \`npx tallystick generate\`. A deprecated version works until the day before its sunset. From its sunset on, HTTP answers 410 and Kafka messages are quarantined, both with \`interface.retired\`.

| interface | version | deprecated since | sunset | use instead |
| --- | --- | --- | --- | --- |
${rows.map(({ row }) => row).join('\n')}
`;
}

function rowOf(name: string, version: string, { deprecated }: Lifetime): { key: string; row: string }[] {
  if (deprecated === undefined) return [];
  const { since, sunset, use } = deprecated;
  return [
    { key: `${sunset} ${name}`, row: `| ${name} | ${version} | ${since} | ${sunset} | version ${use} |` },
  ];
}
