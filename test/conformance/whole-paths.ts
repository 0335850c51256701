/** The paths that no other path goes on from: who walks these walks all. */
export function wholePaths<Event>(paths: readonly (readonly Event[])[]): readonly (readonly Event[])[] {
  const whole = new Map(paths.map((path) => [keyOf(path), path]));
  for (const path of paths) {
    for (let length = 0; length < path.length; length += 1) whole.delete(keyOf(path.slice(0, length)));
  }
  return [...whole.values()];
}

/** Deals paths out, so that several pools can walk them at once. */
export function dealt<Path>(paths: readonly Path[], hands: number): readonly (readonly Path[])[] {
  return Array.from({ length: hands }, (_, hand) => paths.filter((__, index) => index % hands === hand));
}

export function nameOf(path: readonly { readonly type: string }[]): string {
  return path.map(({ type }) => type).join(', ');
}

function keyOf(path: readonly unknown[]): string {
  return JSON.stringify(path);
}
