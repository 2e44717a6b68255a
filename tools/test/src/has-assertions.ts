import { beforeEach, expect } from '@jest/globals';

/** A test without assertions fails: its intended check may never have been reached. */
beforeEach(() => expect.hasAssertions());
