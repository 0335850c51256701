import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is not served. */
export interface Refusal {
  readonly status: 401 | 403 | 404;
  readonly message: string;
}

/**
 * Looks at who asks: a page of the web that resolves its name to this machine has another host or origin, and
 * another user of this machine has no token.
 */
export function refusalOf(
  { headers, url = '' }: IncomingMessage,
  { port, token }: { readonly port: number; readonly token: string },
): Refusal | undefined {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (headers.host === undefined || !hosts.includes(headers.host)) {
    return { status: 403, message: 'Expected a request for this machine by its own name.' };
  }
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`)) {
    return { status: 403, message: 'Expected a request from this machine, got one from another origin.' };
  }
  if (!isSame(headers.authorization ?? '', `Bearer ${token}`)) {
    return { status: 401, message: 'Expected the bearer token of the token file.' };
  }
  const [path] = url.split('?');
  return path === '/mcp' ? undefined : { status: 404, message: 'Expected the path `/mcp`.' };
}

/** Takes the same time for every wrong token. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
