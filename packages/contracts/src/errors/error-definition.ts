export interface ErrorDefinition {
  /** The HTTP status, if the error reaches an HTTP client. */
  status: number;
  title: string;
  /** Whether the same request may succeed later. */
  retry: boolean;
  /** What to do about it, in a sentence. */
  action: string;
  /** Response code (field 39) of ISO 8583, if the error declines a card payment. */
  iso8583?: string;
}
