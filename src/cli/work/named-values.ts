import { InvalidArgumentError } from 'commander';

/** Collects `name=value` pairs of a flag that may be given several times. */
export function namedValues(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== '') return { ...previous, [name]: value };
  throw new InvalidArgumentError('Expected `name=value`.');
}
