/** Microseconds for each of what was done. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

export async function costOf(size: number, work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: toTenths((wall * 1_000) / size), cpu: toTenths((user + system) / size) };
}

export function toTenths(value: number): number {
  return Number(value.toFixed(1));
}
