type Data = Readonly<Record<string, unknown>>;

/** Both, the second over the first: objects key by key, everything else as a whole. */
export function merged(below: Data, above: Data): Data {
  return {
    ...below,
    ...Object.fromEntries(
      Object.entries(above)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [
          key,
          isData(below[key]) && isData(value) ? merged(below[key], value) : value,
        ]),
    ),
  };
}

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
