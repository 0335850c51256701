export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

/** A promise that is settled from outside. */
export function deferred<Value>(): Deferred<Value> {
  const settlers: ((value: Value) => void)[] = [];
  const promise = new Promise<Value>((settle) => void settlers.push(settle));
  return { promise, resolve: (value) => settlers.forEach((settle) => settle(value)) };
}
