import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Extractor, ExtractorConfig, ExtractorMessageCategory } from '@microsoft/api-extractor';
import type { ExtractorMessage } from '@microsoft/api-extractor';
import { z } from 'zod';
import { ROOT } from './pages.ts';

const PAGE = path.join(ROOT, 'docs/public.api.md');
const CONFIG = path.join(ROOT, 'test/docs/api-extractor.json');
const MANIFEST = path.join(ROOT, 'package.json');

const INTRODUCTION = `# Public API

Every name that the package exports, by entry point. What a name means, with units, defaults and examples, stands in its
JSDoc, which editors show. \`npm run api -- --local\` makes this page from the built types: do not edit it.
`;

const manifestSchema = z.looseObject({ exports: z.record(z.string(), z.string()) });

const page = apiPage();
if (process.argv.includes('--local')) writeFileSync(PAGE, page);
else if (page !== readFileSync(PAGE, 'utf8')) {
  console.error('docs/public.api.md is stale. Run `npm run api -- --local`, and look at the difference.');
  process.exitCode = 1;
}

function apiPage(): string {
  const { exports } = manifestSchema.parse(JSON.parse(readFileSync(MANIFEST, 'utf8')));
  const sections = Object.entries(exports)
    .filter(([, file]) => file.endsWith('.js'))
    .map(([entry, file]) => `\n## ${path.join('claude-pool', entry)}\n\n${declarationsOf(file)}`);
  return [INTRODUCTION, ...sections].join('');
}

/** The report of API Extractor on an entry point, without its heading. */
function declarationsOf(file: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'api-report-'));
  try {
    const configObject = ExtractorConfig.loadFile(CONFIG);
    configObject.mainEntryPointFilePath = path.join(ROOT, file.replace(/\.js$/, '.d.ts'));
    Object.assign(configObject.apiReport ?? {}, { reportFolder: folder, reportTempFolder: folder });
    const config = ExtractorConfig.prepare({
      configObject,
      configObjectFullPath: CONFIG,
      packageJsonFullPath: MANIFEST,
    });
    const { errorCount, warningCount } = Extractor.invoke(config, {
      localBuild: true,
      messageCallback: keepQuiet,
    });
    if (errorCount + warningCount > 0) throw new Error(`Expected a report on \`${file}\` without warnings.`);
    const report = readFileSync(path.join(folder, 'entry.api.md'), 'utf8');
    return report.slice(report.indexOf('```ts')).replace('```ts\n', '```typescript');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** That it writes a report is nothing to warn of: it is what it is here for. */
function keepQuiet(message: ExtractorMessage): void {
  if (message.category === ExtractorMessageCategory.Console) message.handled = true;
}
