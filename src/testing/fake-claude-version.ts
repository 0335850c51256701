/** The versions of the CLI that the fake Claude can be. */
export type FakeVersion = '2.1.197' | '2.1.330';
