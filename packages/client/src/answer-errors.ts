/** No answer came within the limit of attempts. Whether the request had its effect is unknown. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly operationId: string;
  readonly attempts: number;
  /** Repeat the call with this key, and the same body, to learn the outcome without a second effect. */
  readonly idempotencyKey: string | undefined;

  constructor(
    operationId: string,
    options: { attempts: number; idempotencyKey?: string | undefined; cause: unknown },
  ) {
    super(`${operationId}: no answer after ${options.attempts} attempts`, { cause: options.cause });
    this.operationId = operationId;
    this.attempts = options.attempts;
    this.idempotencyKey = options.idempotencyKey;
  }
}

/** A successful answer does not match the schema of its operation. The request had its effect. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  readonly operationId: string;
  readonly status: number;

  constructor(operationId: string, status: number, cause: unknown) {
    super(`${operationId}: the answer with status ${status} does not match its schema`, { cause });
    this.operationId = operationId;
    this.status = status;
  }
}
