import type matter from 'gray-matter';
import type { PoolError } from '../errors.ts';
import { lazily } from '../lazily.ts';
import { skillFault } from './skill-fault.ts';
import type { SkillText } from './skill-fault.ts';
import { yamlText } from './yaml-text.ts';

const grayMatter = lazily((require): typeof matter => require('gray-matter'));
/** What is longer would keep the parser busy for seconds. */
const MAX_CHARACTERS = 32_768;

export interface FrontMatter extends SkillText {
  /** What follows the front matter. */
  readonly body: string;
}

/** Splits a SKILL.md. Front matter is YAML between two lines `---`, the first of them at the very start. */
export function frontMatter(text: string, path: string): FrontMatter {
  checkFences(text, path);
  let yaml = '';
  function take(matterText: string): object {
    yaml = matterText;
    return {};
  }
  // By default gray-matter evaluates `---js`, and without options it caches what it read.
  const { content } = grayMatter()(text, { language: 'yaml', engines: { yaml: take, ...refusals(path) } });
  return { ...yamlText(yaml, path), body: content.trim() };
}

function checkFences(text: string, path: string): void {
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (!/^---(?!-)/.test(first)) {
    throw skillFault(path, 1, 'Expected the file to start with front matter between two lines `---`.');
  }
  const language = first.slice(3).trim();
  if (!/^(?:ya?ml)?$/.test(language)) throw refusal(language, path);
  const closing = rest.findIndex((line) => line.startsWith('---'));
  if (closing === -1) {
    throw skillFault(path, 1, 'Expected a line `---` that closes the front matter, got none.');
  }
  if (rest[closing]?.trimEnd() !== '---') {
    throw skillFault(path, closing + 2, `Expected a line \`---\`, got \`${rest[closing]}\`.`);
  }
  const size = rest.slice(0, closing).join('\n').length;
  if (size <= MAX_CHARACTERS) return;
  throw skillFault(path, 1, `Expected front matter of at most ${MAX_CHARACTERS} characters, got ${size}.`);
}

function refusals(path: string): Record<string, () => never> {
  const languages = ['js', 'javascript', 'coffee', 'json', 'toml'];
  return Object.fromEntries(
    languages.map((language) => [
      language,
      () => {
        throw refusal(language, path);
      },
    ]),
  );
}

function refusal(language: string, path: string): PoolError {
  return skillFault(
    path,
    1,
    `Expected YAML front matter, got \`${language}\`. Code is never evaluated: write the fields as YAML after \`---\`.`,
  );
}
