import type { ClaudeDriver } from 'claude-pool';

/** Spreads the sessions of a pool over several accounts: each opens where the fewest are open. */
export function spreadDriver(accounts: readonly [ClaudeDriver, ...ClaudeDriver[]]): ClaudeDriver {
  const sessions = new Map<ClaudeDriver, number>();
  const openOn = (account: ClaudeDriver): number => sessions.get(account) ?? 0;

  return {
    open(launch, options) {
      const account = accounts.reduce((least, one) => (openOn(one) < openOn(least) ? one : least));
      const leave = () => sessions.set(account, openOn(account) - 1);
      sessions.set(account, openOn(account) + 1);
      const session = account.open(launch, options);
      void session.then(({ exited }) => exited).then(leave, leave);
      return session;
    },
    examine: async (attempt, options) => accounts[0].examine?.(attempt, options) ?? {},
  };
}
