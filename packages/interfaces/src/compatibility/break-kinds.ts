const NEW_VERSION = 'Leave this version as it is and add a new version beside it.';
const ANNOTATE =
  'Leave it as it is, or add a new version; if the change cannot hurt, waive it with a reason.';
const DEPRECATE =
  'Deprecate the version with a sunset and a version to use instead; remove it after the sunset.';
const KEEP = 'Keep it; add another one beside it and deprecate this one.';

/** Every kind of break, with what to do instead. Waivers name them. */
export const breakKinds = {
  'interface.removed_without_deprecation': DEPRECATE,
  'interface.removed_before_sunset': 'Keep it until its sunset.',
  'interface.still_held': 'Keep its schema as long as a topic or a quarantine may hold its records.',
  'interface.sunset_earlier': 'Keep the announced sunset, or move it later.',
  'kind.changed': 'Define a new type for the new kind.',
  'owner.changed': KEEP,
  'method.changed': NEW_VERSION,
  'path.changed': NEW_VERSION,
  'parameter.moved': NEW_VERSION,
  'status.removed': NEW_VERSION,
  'media_type.removed': NEW_VERSION,
  'error.removed': 'Keep the code; callers decide by it.',
  'error.changed': 'Define a new code for the other meaning.',
  'location.changed': NEW_VERSION,
  'authority.narrowed': 'Leave the role in the table of authority, or take it away in a new version.',
  'minor_units.changed': 'Keep the number of decimal places: stored amounts would mean something else.',
  'wire_format.removed': KEEP,
  'scope.changed': 'Keep the scope: tokens in use do not have another one; ask for it in a new version.',
  'proof.required': 'Ask for the proof in a new version.',
  'idempotency.required': 'Ask for the Idempotency-Key in a new version.',
  'header.required': 'Ask for the header in a new version.',
  'field.required': 'Make the field optional, with a default; or require it in a new version.',
  'field.removed': 'Keep the field, or leave it out in a new version.',
  'field.renamed': 'Keep the old name; add the new one beside it as optional, or rename it in a new version.',
  'field.retyped': 'Keep the type; add a field with the other type, or change it in a new version.',
  'field.narrowed': NEW_VERSION,
  'field.widened': NEW_VERSION,
  'field.made_optional': 'Go on writing the field, or leave it out in a new version.',
  'field.added': 'Its readers are closed: add the field in a new version.',
  'object.closed': NEW_VERSION,
  'object.opened': NEW_VERSION,
  'enum.shrunk': 'Go on taking the value, or refuse it in a new version.',
  'enum.grown': 'Write the value in a new version only, or open the enum in a new version.',
  'bounds.narrowed': NEW_VERSION,
  'bounds.widened': NEW_VERSION,
  'pattern.changed': ANNOTATE,
  'format.changed': ANNOTATE,
  'union.branch_removed': 'Go on taking the branch, or refuse it in a new version.',
  'union.branch_added': 'Write the branch in a new version only.',
  'discriminator.changed': NEW_VERSION,
  'default.changed': ANNOTATE,
  'classification.changed': ANNOTATE,
  'schema.undecided': ANNOTATE,
  'topic.changed': 'Keep the topic: readers and records stay there; define a new type for the other topic.',
  'topic.removed': KEEP,
  'key.changed':
    'Keep the record key: the order of records depends on it; define a new type for the other key.',
  'lifetime.changed': 'Keep the lifetime; senders that want another one set the expiry themselves.',
  'partitions.changed': 'Keep the number: a key would move to another partition and lose its order.',
  'cleanup.changed': 'Keep the cleanup; use another topic.',
  'sender.removed': KEEP,
  'outcome.removed': 'Go on answering with it, or stop in a new version.',
  'name.reused': 'Choose a name that was never used.',
} as const satisfies Record<string, string>;

export type BreakKind = keyof typeof breakKinds;

/** A breaking change. */
export interface Break {
  /**
   * `operation payment.create`, `message payment.captured`, `topic card.events.v1`, `error payment.not_found`,
   * `currency EUR`, `wire envelope`
   */
  interface: string;
  /** `null` for what has no version: topics, errors, currencies and wire formats. */
  version: number | null;
  /** JSON Pointer (RFC 6901) of the field, from `/params`, `/query`, `/body`, `/response` or `/data`; empty for none. */
  field: string;
  kind: BreakKind;
  /** What was, and what is. */
  detail: string;
  /** Who is hurt. */
  hurts: string;
  /** What to do instead. */
  instead: string;
}

/** Returns the name of an interface and its version, as waivers write it. */
export function addressOf({ interface: name, version }: Pick<Break, 'interface' | 'version'>): string {
  return version === null ? name : `${name}@${version}`;
}

/** Writes a break for people, as a paragraph: where, what, who is hurt, and what to do instead. */
export function breakText(one: Omit<Break, 'kind'> & { kind: string }): string {
  const { interface: name, version, field, kind, detail, hurts, instead } = one;
  const place = `${name}${version === null ? '' : `, version ${version}`}${field === '' ? '' : `, ${field}`}`;
  return `${place}: ${kind}\n  ${detail}\n  Hurts: ${hurts}.\n  Instead: ${instead}\n`;
}
