import * as z from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** The reason for a refusal: a stable code, and a text without secrets. */
export const rejection = { code: z.enum(codes), detail: z.string().optional() };
