/** What the CLI takes itself for. */
export type FakeAccount = 'apiKey' | 'subscription' | 'none';

/** The versions of the CLI that the fake Claude can be. */
export type FakeVersion = '2.1.197' | '2.1.330';
