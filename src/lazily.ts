import { createRequire } from 'node:module';

/** A CommonJS package that is loaded when it is first needed: whoever does not need it starts sooner. */
export function lazily<Package>(load: (require: NodeJS.Require) => Package): () => Package {
  let loaded: Package | undefined;
  return () => {
    loaded ??= load(createRequire(import.meta.url));
    return loaded;
  };
}
