type DefinedOnly<Options> = { [Key in keyof Options]?: Exclude<Options[Key], undefined> };

/** The same without the members that are `undefined`. */
export function definedOnly<Options extends object>(options: Options): DefinedOnly<Options> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as DefinedOnly<Options>;
}
