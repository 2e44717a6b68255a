import * as z from 'zod';

/** A time: ISO 8601 in UTC. */
export const time = z.iso.datetime().meta({ description: 'ISO 8601 UTC time' });
