import { beforeEach, expect } from '@jest/globals';

/** A test that asserts nothing fails: what it means to check may never have been reached. */
beforeEach(() => expect.hasAssertions());
