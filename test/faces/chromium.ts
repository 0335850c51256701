import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export const HOW_TO_GET_IT =
  'Expected a Chromium, got none. Install it (`apt-get install chromium`), or name one in `CHROMIUM`.';

/** The Chromium of this machine; `undefined` when it has none. In CI that is an error. */
export async function openChromium(): Promise<Browser | undefined> {
  const executablePath = await findChromium();
  if (executablePath !== undefined) return chromium.launch({ executablePath, args: ['--no-sandbox'] });
  if (process.env['CI'] === undefined || process.env['CHROMIUM'] === 'none') return undefined;
  throw new Error(HOW_TO_GET_IT);
}

async function findChromium(): Promise<string | undefined> {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM !== undefined) return CHROMIUM === 'none' ? undefined : CHROMIUM;
  const places = PATH.split(path.delimiter).flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  for (const place of places) if (await canRun(place)) return place;
  return undefined;
}

function canRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
